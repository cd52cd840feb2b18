import { Arn, ArnFormat, IEnvironmentAware, Lazy, Token, TokenComparison } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { errorAt } from './errors';

/** What a statement allows, whoever it is for. */
export interface Permission {
  readonly actions: string[];
  readonly resources: string[];
  readonly conditions?: Record<string, Record<string, unknown>>;
}

/**
 * Grants in the policy of a resource. Grants of one permission share a statement, since policies have a size.
 *
 * The principal is the account, and a condition names the role or user: S3 and KMS refuse a policy with a principal
 * that does not exist (any more), and one such ARN would block every change of the policy. Access then takes the
 * account's consent as well, in the policy of the role itself. `aws:PrincipalArn` of a session is the ARN of its role.
 */
export class MergingPolicy {
  public readonly env: iam.IResourceWithPolicyV2['env'];

  private readonly grants = new Map<string, { arns: Set<string>; accounts: Set<string>; of: iam.PolicyStatement }>();

  constructor(private readonly resource: iam.IResourceWithPolicyV2 & IEnvironmentAware) {
    this.env = resource.env;
  }

  public allow(permission: Permission, arn: string, account: string): iam.AddToResourcePolicyResult {
    const identity = JSON.stringify(permission);
    const found = this.grants.get(identity);
    const { arns, accounts, of } = found ?? newStatement(permission);
    arns.add(arn);
    if (!accounts.has(account)) of.addPrincipals(new iam.AccountPrincipal(account));
    accounts.add(account);
    if (found) return { statementAdded: true };
    this.grants.set(identity, { arns, accounts, of });
    return this.resource.addToResourcePolicy(of);
  }
}

function newStatement({ actions, resources, conditions }: Permission) {
  const arns = new Set<string>();
  const named = { ArnEquals: { 'aws:PrincipalArn': Lazy.list({ produce: () => [...arns] }) } };
  const of = new iam.PolicyStatement({ actions, resources, conditions: { ...conditions, ...named } });
  return { arns, accounts: new Set<string>(), of };
}

/** Adds to the grantee's own policy. It succeeds if the app can change that policy. */
export function grantAll(grantee: iam.IGrantable, permissions: Permission[]): iam.Grant {
  const grants = permissions.map(({ actions, resources: resourceArns, conditions }) => (
    iam.Grant.addToPrincipal({ grantee, actions, resourceArns, conditions })));
  return grants.find(({ success }) => !success) ?? grants.reduce((all, grant) => all.combine(grant));
}

/** The error for a grantee whose policy the app cannot change. */
export function ownPolicyNeeded(scope: IConstruct, method: string, { grantPrincipal }: iam.IGrantable): Error {
  return errorAt(scope, `${method} must add to the grantee's policy, which this app cannot: the grantee is not its `
    + `own, got: ${grantPrincipal}; write a role that this app defines`);
}

/**
 * Adds to the grantee's own policy. Where that is impossible or is not enough, for roles of other apps and of other
 * accounts, it adds to the resource's policy as well.
 *
 * @param arn ARN of the grantee
 * @param inResource the permission as the resource's policy states it
 */
export function grantTo(
  grantee: iam.IGrantable, arn: string, permission: Permission, policy: MergingPolicy,
  inResource: Permission = permission,
): iam.Grant {
  const { actions, resources: resourceArns, conditions } = permission;
  const grant = iam.Grant.addToPrincipal({ grantee, actions, resourceArns, conditions });
  if (grant.success && isOfAccount(grantee, policy.env.account)) return grant;
  const account = grantee.grantPrincipal.principalAccount ?? Arn.split(arn, ArnFormat.SLASH_RESOURCE_NAME).account!;
  const resource: iam.IResourceWithPolicyV2 = {
    env: policy.env, addToResourcePolicy: () => policy.allow(inResource, arn, account),
  };
  return iam.Grant.addStatementToResourcePolicy({
    grantee, actions, resourceArns, resource, statement: new iam.PolicyStatement(),
  });
}

function isOfAccount(grantee: iam.IGrantable, account: string): boolean {
  const comparison = Token.compareStrings(grantee.grantPrincipal.principalAccount ?? '', account);
  return [TokenComparison.SAME, TokenComparison.BOTH_UNRESOLVED].includes(comparison);
}
