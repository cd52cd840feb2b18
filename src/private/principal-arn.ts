import { Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { errorAt } from './errors';

/**
 * The value of `aws:PrincipalArn` in the grantee's requests. In a session it is the ARN of the role.
 *
 * @param scope construct of the lake whose path the error has
 * @param method name of the method that the caller used, for the error
 * @throws if the grantee is not a single role or user
 */
export function principalArn(scope: IConstruct, method: string, grantee: iam.IGrantable): string {
  const { principalJson } = grantee.grantPrincipal.policyFragment;
  const arns = principalJson.AWS ?? [];
  const isOne = arns.length === 1 && (Token.isUnresolved(arns[0]) || /:(role|user)\/[^*]+$/.test(arns[0]));
  if (!isOne || grantee instanceof iam.Group || grantee.grantPrincipal instanceof iam.AccountPrincipal) {
    throw errorAt(scope, `${method} needs one IAM role or user, since the bucket's policy names who may pass, got: ${
      JSON.stringify(principalJson)}; write a role, for example iam.Role.fromRoleArn(this, 'Role', roleArn)`);
  }
  return arns[0];
}
