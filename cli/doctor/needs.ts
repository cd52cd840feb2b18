import { Lake } from './lake';

/** Resources that CloudFormation creates for a lake, by type. A test compares them with the construct's templates. */
export const NEEDS: { readonly [type: string]: (lake: Lake) => number } = {
  'AWS::Athena::WorkGroup': () => 1,
  'AWS::CloudTrail::Trail': ({ auditTrail }) => ['NONE', 'OBJECTS', 'OBJECTS_AND_MANAGEMENT'].indexOf(auditTrail),
  'AWS::Config::ConfigRule': ({ configAudit }) => (configAudit === 'NONE' ? 0 : 8),
  'AWS::Events::Rule': () => 5,
  'AWS::Glue::Job': () => 2,
  'AWS::IAM::Role': ({ configAudit, customers }) => (
    11 + Number(configAudit === 'RULES_AND_RECORDER') + (expectsUploads(customers) ? 2 : 0)),
  // Besides the customers': access logs, query results, reports of imports, the trail's and Config's records.
  'AWS::S3::Bucket': ({ customers, auditTrail, configAudit }) => (
    customers.length + 3 + Number(auditTrail !== 'NONE') + Number(configAudit === 'RULES_AND_RECORDER')),
};

function expectsUploads(customers: Lake['customers']): boolean {
  return customers.some(({ datasets }) => datasets?.some(({ expectedEvery }) => expectedEvery));
}
