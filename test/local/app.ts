/**
 * The quickstart, with those around it to whom it grants: roles in a stack of their own, as another team's would be.
 * Those of suppliers and partners are named by ARN in customers.json (people.py).
 */
import { App, Stack } from 'aws-cdk-lib';
import { CfnJob } from 'aws-cdk-lib/aws-glue';
import * as iam from 'aws-cdk-lib/aws-iam';
import { lake } from '../../examples/quickstart/app';

const stack = new Stack(lake.node.root as App, 'People');
const newRole = (roleName: string) => (
  new iam.Role(stack, roleName, { roleName, assumedBy: new iam.AccountRootPrincipal() }));
const [loader, reader, analyst, eraser] = ['loader', 'reader', 'analyst', 'eraser'].map(newRole);
/** What docs/security.md says of the policies of such roles. */
const OWN_POLICIES = {
  supplier: {
    raw: ['s3:PutObject', 's3:PutObjectAcl', 's3:PutObjectTagging', 's3:AbortMultipartUpload',
      's3:ListMultipartUploadParts'],
    key: ['kms:Decrypt', 'kms:GenerateDataKey'],
  },
  partner: {
    'analytics-ready': ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectTagging'],
    'bucket': ['s3:ListBucket', 's3:GetBucketLocation'],
    'key': ['kms:Decrypt'],
  },
};
for (const [who, allowed] of Object.entries(OWN_POLICIES)) {
  for (const customer of ['acme', 'globex']) {
    const role = newRole(`${who}-${customer}`);
    const bucket = `arn:aws:s3:::mycompany-${customer}-dev-datalake`;
    const resources: Record<string, string> = { key: 'arn:aws:kms:*:*:key/*', bucket };
    Object.entries(allowed).forEach(([on, actions]) => role.addToPolicy(new iam.PolicyStatement({
      actions,
      resources: [resources[on] ?? `${bucket}/${on}/*`],
      conditions: on === 'key' ? { StringEquals: { 'kms:EncryptionContext:aws:s3:arn': bucket } } : undefined,
    })));
  }
}
lake.customer('acme').grantUpload(loader);
lake.customer('acme').grantRead(reader);
lake.customer('acme').grantErase(eraser);
lake.customer('acme').grantQuery(analyst);
// Tests wait for the ends of many runs; a run that stays for further files would only prolong them.
lake.node.findAll().filter(CfnJob.isCfnJob)
  .forEach((job) => job.addPropertyOverride('DefaultArguments.--idle_seconds', '2'));
