/** Simulates the use of a catalog's key, which no recorded call shows: the lake of the end-to-end run has none. */
import { App, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { newLake, Synthesized } from '../lake';
import { ACCOUNT, Call, isAllowed, Policies, REGION } from './simulation';

const env = { account: ACCOUNT, region: REGION };
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/catalog`;
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;

const LEFT_TO_IAM = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'kms:*', Resource: '*', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } },
};

/** A key that leaves access to IAM, and the policies of those who may use it. */
function policies(): Policies {
  const catalogKey = kms.Key.fromKeyArn(new Stack(new App(), 'Keys', { env }), 'Key', KEY);
  const { stack, lake } = newLake({ catalogKey }, { env });
  const newRole = (id: string) => new iam.Role(stack, id, { assumedBy: new iam.AccountRootPrincipal() });
  lake.customer('acme').grantQuery(newRole('Analyst'));
  lake.customer('acme').grantRead(newRole('Reader'));
  const template = new Synthesized(stack);
  const ofRole = (id: string) => ({
    trust: {},
    policies: [JSON.parse(JSON.stringify(template.one('AWS::IAM::Policy', `${id}DefaultPolicy`).PolicyDocument)
      .replaceAll('${AWS::Partition}', 'aws').replaceAll('${AWS::URLSuffix}', 'amazonaws.com'))],
  });
  const ids = ['DataRole', 'Analyst', 'Reader', 'ProcessCsvJobRole'];
  return {
    names: {},
    bucket_keys: {},
    roles: Object.fromEntries(ids.map((id) => [role(id), ofRole(id)])),
    resources: { [KEY]: LEFT_TO_IAM },
  };
}

const all = policies();
const use = (name: string, action: string, service: string, key = KEY): Call => ({
  principal: role(name),
  action: `kms:${action}`,
  resource: key,
  context: { 'kms:ViaService': `${service}.${REGION}.amazonaws.com` },
});

describe.each(['Decrypt', 'Encrypt', 'GenerateDataKey'])('%s', (action) => {
  test.each(['DataRole', 'Analyst'])('of the catalog\'s key is allowed to %s through Glue, and no other service',
    async (name) => {
      expect(await isAllowed(use(name, action, 'glue'), all)).toBe(true);
      expect(await isAllowed(use(name, action, 's3'), all)).toBe(false);
    });

  test.each(['Reader', 'ProcessCsvJobRole'])('is denied to %s, who uses no catalog', async (name) => {
    expect(await isAllowed(use(name, action, 'glue'), all)).toBe(false);
  });

  test('of another key of the account is denied through Glue', async () => {
    const other = KEY.replace('catalog', 'other');
    const open = { ...all, resources: { ...all.resources, [other]: all.resources[KEY] } };
    expect(await isAllowed(use('DataRole', action, 'glue', other), open)).toBe(false);
  });
});
