import { GetDataCatalogEncryptionSettingsCommand } from '@aws-sdk/client-glue';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { Check, failure, ok } from '../check';

/** Everybody may use this key through Glue. */
const MANAGED_BY_AWS = 'alias/aws/glue';

/** With a customer managed key on the catalog, whoever reads or writes tables must be allowed to use the key. */
export const catalogEncryption: Check = {
  id: 'catalog-encryption',
  title: 'Catalog encryption',
  actions: ['glue:GetDataCatalogEncryptionSettings', 'kms:DescribeKey'],
  run: async ({ aws, lake }) => {
    const answer = await aws.glue.send(new GetDataCatalogEncryptionSettingsCommand({}));
    const { CatalogEncryptionMode: mode = 'DISABLED', SseAwsKmsKeyId: KeyId = MANAGED_BY_AWS } = (
      answer.DataCatalogEncryptionSettings?.EncryptionAtRest ?? {});
    if (mode === 'DISABLED') return [ok('the Data Catalog is not encrypted with a key')];
    if (KeyId.endsWith(MANAGED_BY_AWS)) return [ok('the Data Catalog is encrypted with the AWS managed key')];
    const { KeyMetadata } = await aws.kms.send(new DescribeKeyCommand({ KeyId }));
    const key = KeyMetadata?.Arn;
    if (KeyMetadata?.KeyManager === 'AWS') return [ok('the Data Catalog is encrypted with an AWS managed key')];
    if (key === lake.catalogKey) return [ok('the Data Catalog is encrypted with the key that the app names')];
    return [failure(`the Data Catalog is encrypted with ${key}: the jobs and the queries would be refused`,
      `write catalogKey: kms.Key.fromKeyArn(this, 'CatalogKey', '${key}') in the app, and --catalog-key here; see `
      + '"A catalog that is encrypted" in docs/security.md')];
  },
};
