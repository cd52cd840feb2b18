import { IEnvironmentAware, Token, TokenComparison } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';

/** A resource policy in which statements that differ by their principals alone become one: policies have a size. */
export class MergingPolicy implements iam.IResourceWithPolicyV2 {
  public readonly env: iam.IResourceWithPolicyV2['env'];

  private readonly statements = new Map<string, iam.PolicyStatement>();

  constructor(private readonly resource: iam.IResourceWithPolicyV2 & IEnvironmentAware) {
    this.env = resource.env;
  }

  public addToResourcePolicy(statement: iam.PolicyStatement): iam.AddToResourcePolicyResult {
    const identity = JSON.stringify({ ...statement.toStatementJson(), Principal: undefined });
    const existing = this.statements.get(identity);
    if (!existing) {
      this.statements.set(identity, statement);
      return this.resource.addToResourcePolicy(statement);
    }
    existing.addPrincipals(...statement.principals);
    return { statementAdded: true };
  }
}

/** What a statement allows, whoever it is for. */
export interface Permission {
  readonly actions: string[];
  readonly resources: string[];
  readonly conditions?: Record<string, Record<string, unknown>>;
}

/**
 * Adds to the grantee's own policy, and where that cannot be or does not do, to the resource's policy: for roles of
 * other apps and of other accounts.
 *
 * @param inResource the permission as the resource's policy says it
 */
export function grantTo(
  grantee: iam.IGrantable, permission: Permission, policy: MergingPolicy, inResource: Permission = permission,
): iam.Grant {
  const { actions, resources: resourceArns, conditions } = permission;
  const grant = iam.Grant.addToPrincipal({ grantee, actions, resourceArns, conditions });
  if (grant.success && isOfAccount(grantee, policy.env.account)) return grant;
  const statement = new iam.PolicyStatement({ ...inResource, principals: [grantee.grantPrincipal] });
  return iam.Grant.addStatementToResourcePolicy({ grantee, actions, resourceArns, resource: policy, statement });
}

function isOfAccount(grantee: iam.IGrantable, account: string): boolean {
  const comparison = Token.compareStrings(grantee.grantPrincipal.principalAccount ?? '', account);
  return [TokenComparison.SAME, TokenComparison.BOTH_UNRESOLVED].includes(comparison);
}
