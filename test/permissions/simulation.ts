import { runSimulation } from '@cloud-copilot/iam-simulate';

/** A policy document, or a part of one. */
type Json = any;

/** A call that was made, as integ/emulator/call_log.py writes it. */
export interface Call {
  /** ARN of a session or role, or the name of a service. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly context: { readonly [key: string]: string | string[] };
}

/** The policies of a deployed lake, as integ/demo/policies.py writes them. */
export interface Policies {
  /** Names, or ARNs where AWS calls a resource so, by logical id. */
  readonly names: { readonly [logicalId: string]: string };
  /** ARN of the key of a bucket, by the bucket's. */
  readonly bucket_keys: { readonly [arn: string]: string };
  readonly roles: { readonly [arn: string]: { trust: Json; policies: Json[] } };
  readonly resources: { readonly [arn: string]: Json };
}

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';

/** The role of a session; anything else as it is. */
export function roleOf(principal: string): string {
  return principal.replace(/^arn:aws:sts::(\d+):assumed-role\/([^/]+)\/.*$/, 'arn:aws:iam::$1:role/$2');
}

/** The ARN under which the policies have what a call is about. */
export function ownerOf(resource: string): string {
  return resource.startsWith('arn:aws:s3:::') ? resource.split('/')[0] : resource;
}

/** Whether AWS would let the call pass. */
export async function isAllowed(call: Call, policies: Policies): Promise<boolean> {
  const role = roleOf(call.principal);
  const isService = !call.principal.startsWith('arn:');
  const { response, error } = await simulated(call, role, isService, policies);
  if (error) throw new Error(`${JSON.stringify(call)}: ${error}`);
  return response === 'Allowed';
}

/**
 * The simulator knows condition keys with a name of the caller's choice after a slash only: without this it leaves out
 * KMS's. A tag is compared as text just as well.
 */
function withKnownKeys<T>(simulation: T): T {
  return JSON.parse(JSON.stringify(simulation).replaceAll('kms:EncryptionContext:', 'aws:RequestTag/kms-'));
}

/** A role of another account has whatever its account gives it: all, to leave the answer to the lake. */
function identityPolicies(role: string, policies: Policies): Json[] {
  const isAbroad = role.startsWith('arn:') && role.split(':')[4] !== ACCOUNT;
  return isAbroad ? [{ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }]
    : policies.roles[role]?.policies ?? [];
}

async function simulated(call: Call, role: string, isService: boolean, policies: Policies) {
  // Glue, EventBridge and the like assume the role in a session of their own.
  const principal = call.principal === role && !isService
    ? role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/') + '/service' : call.principal;
  const result = await runSimulation(withKnownKeys({
    request: {
      principal,
      action: call.action,
      resource: { resource: call.resource, accountId: ACCOUNT },
      contextVariables: {
        'aws:SecureTransport': 'true',
        's3:TlsVersion': '1.3',
        'aws:PrincipalIsAWSService': String(isService),
        ...isService ? {} : { 'aws:PrincipalArn': role, 'aws:PrincipalAccount': role.split(':')[4] },
        ...call.context,
      },
    },
    identityPolicies: identityPolicies(role, policies).map((policy, n) => ({ name: `policy-${n}`, policy })),
    resourcePolicy: policies.roles[call.resource]?.trust ?? policies.resources[ownerOf(call.resource)],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  }), {});
  if (result.resultType === 'error') return { error: JSON.stringify(result.errors) };
  return { response: result.overallResult };
}
