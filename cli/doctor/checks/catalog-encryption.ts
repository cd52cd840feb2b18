import { GetDataCatalogEncryptionSettingsCommand } from '@aws-sdk/client-glue';
import { Check, failure, ok } from '../check';

/** With a key on the catalog, whoever reads or writes tables must be allowed to use the key. */
export const catalogEncryption: Check = {
  id: 'catalog-encryption',
  title: 'Catalog encryption',
  actions: ['glue:GetDataCatalogEncryptionSettings'],
  run: async ({ aws }) => {
    const answer = await aws.glue.send(new GetDataCatalogEncryptionSettingsCommand({}));
    const { CatalogEncryptionMode: mode = 'DISABLED', SseAwsKmsKeyId: key = 'the AWS managed key' } = (
      answer.DataCatalogEncryptionSettings?.EncryptionAtRest ?? {});
    if (mode === 'DISABLED') return [ok('the Data Catalog is not encrypted with a key')];
    return [failure(`the Data Catalog is encrypted with ${key}: the jobs and the queries would be refused`,
      'write catalogKey: kms.Key.fromKeyArn(…) in the properties of the lake (docs/security.md, "A guarded catalog"); '
      + 'the AWS managed key needs nothing')];
  },
};
