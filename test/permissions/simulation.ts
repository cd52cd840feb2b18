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
  /** Physical ids by logical id: names, or ARNs. */
  readonly names: { readonly [logicalId: string]: string };
  /** ARN of the key by the ARN of its bucket. */
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

/** The ARN that the policies use for the resource of a call. */
export function ownerOf(resource: string): string {
  return resource.startsWith('arn:aws:s3:::') ? resource.split('/')[0] : resource;
}

/** Whether AWS would allow the call. */
export async function isAllowed(call: Call, policies: Policies): Promise<boolean> {
  const role = roleOf(call.principal);
  const isService = !call.principal.startsWith('arn:');
  const { response, error } = await simulated(call, role, isService, policies);
  if (error) throw new Error(`${JSON.stringify(call)}: ${error}`);
  return response === 'Allowed';
}

/**
 * The simulator recognizes condition keys with a free name only after a slash, and would ignore those of KMS. Such a
 * key is renamed like a tag, which is compared as text in the same way.
 */
function withKnownKeys<T>(simulation: T): T {
  return JSON.parse(JSON.stringify(simulation).replaceAll('kms:EncryptionContext:', 'aws:RequestTag/kms-'));
}

/** A role of another account is assumed to have all permissions there, so that only the lake decides. */
function identityPolicies(role: string, policies: Policies): Json[] {
  const isAbroad = role.startsWith('arn:') && role.split(':')[4] !== ACCOUNT;
  return isAbroad ? [{ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }]
    : policies.roles[role]?.policies ?? [];
}

async function simulated(call: Call, role: string, isService: boolean, policies: Policies) {
  // Services such as Glue and EventBridge assume the role in their own session.
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
