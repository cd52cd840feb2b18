/**
 * What goes by itself and when, what stays until two steps were taken, and who can erase a customer: as
 * docs/security.md says it.
 */
import { readFileSync } from 'fs';
import { join } from 'path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { newLake, Synthesized } from './lake';
import { ACCOUNT, isAllowed, Policies } from './permissions/simulation';
import * as buckets from '../src/private/bucket';
import * as customerStorage from '../src/private/customer-storage';
import * as query from '../src/query';
import * as stage from '../src/stage';

/** Any JSON of a template. */
type Json = any;

const DOCUMENT = readFileSync(join(__dirname, '..', 'docs', 'security.md'), 'utf-8');
const CONSTANTS: Record<string, unknown> = { ...buckets, ...customerStorage, ...query, ...stage };
const lake = Synthesized.of();
const rulesOf = (idEnd: string): Json[] => lake.one('AWS::S3::Bucket', idEnd).LifecycleConfiguration.Rules;
const section = (heading: string) => DOCUMENT.split(`\n## ${heading}\n`)[1].split('\n## ')[0];

describe('what is kept how long', () => {
  const rows = section('What is kept how long').split('\n').filter((line) => /^\| \w/.test(line))
    .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
  const documented = Object.fromEntries(rows.map(([what, kept, by]) => [what, { kept, by: by.replaceAll('`', '') }]));
  const queues = Object.values(lake.ofType('AWS::SQS::Queue'));

  test.each<[string, number[]]>([
    ['Replaced versions', ['acmeBucket', 'globexBucket'].map((id) => (
      rulesOf(id)[0].NoncurrentVersionExpiration.NoncurrentDays))],
    ['Unfinished uploads', Object.values(lake.ofType('AWS::S3::Bucket')).map(({ LifecycleConfiguration }) => (
      LifecycleConfiguration.Rules[0].AbortIncompleteMultipartUpload.DaysAfterInitiation))],
    ['Results of queries', [rulesOf('QueryResults')[0].ExpirationInDays]],
    ['Access logs, trail, logs of the jobs and of the sweeper', [
      ...['StorageAccessLogs', 'AuditLogs'].map((id) => rulesOf(id)[0].ExpirationInDays),
      ...Object.values(lake.ofType('AWS::Logs::LogGroup')).map(({ RetentionInDays }) => RetentionInDays),
    ]],
    ['Messages', queues.map(({ MessageRetentionPeriod }) => MessageRetentionPeriod / Duration.days(1).toSeconds())],
  ])('%s: the document says what the template has, and which constant sets it', (what, days) => {
    const { kept, by } = documented[what];
    expect(days.length).toBeGreaterThan(0);
    expect(new Set(days.map((number) => `${number} days`))).toEqual(new Set([kept]));
    expect((CONSTANTS[by] as Duration).toDays()).toBe(days[0]);
  });

  test('no constant is left out', () => {
    const named = Object.keys(CONSTANTS).filter((name) => name.endsWith('RETENTION'));
    expect(named.sort()).toEqual(Object.values(documented).map(({ by }) => by).filter((by) => by).sort());
  });

  test.each(['acmeBucket', 'globexBucket'])('no rule ends an object of %s', (id) => {
    expect(rulesOf(id).flatMap((rule) => Object.keys(rule)).filter((key) => /^(Expiration|Transition)/.test(key)))
      .toEqual([]);
  });

  test('no item of the manifest ends, and the last 35 days can be restored', () => {
    const manifest = lake.one('AWS::DynamoDB::Table');
    expect(manifest).not.toHaveProperty('TimeToLiveSpecification');
    // 35 is what DynamoDB does unless told otherwise.
    expect(manifest.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
  });
});

test('to deploy with DESTROY alone removes and replaces nothing', () => {
  const [kept, destroyed] = [{}, { removalPolicy: RemovalPolicy.DESTROY }].map((options) => (
    Template.fromStack(newLake(options).stack).toJSON().Resources as Record<string, Json>));
  const without = ({ DeletionPolicy: _1, UpdateReplacePolicy: _2, ...resource }: Json) => JSON.stringify(resource);
  const changed = Object.keys(kept).filter((id) => without(kept[id]) !== without(destroyed[id]));

  expect(Object.keys(destroyed)).toEqual(Object.keys(kept));
  const differences = changed.map((id) => [kept[id].Type, ...Object.keys(kept[id].Properties).filter((property) => (
    JSON.stringify(kept[id].Properties[property]) !== JSON.stringify(destroyed[id].Properties[property])))]);
  expect(new Set(differences.map((difference) => difference.join(' ')))).toEqual(new Set(
    ['AWS::DynamoDB::Table DeletionProtectionEnabled', 'AWS::S3::BucketPolicy PolicyDocument']));
});

describe('whoever erases a customer, an administrator say,', () => {
  const bucket = 'arn:aws:s3:::mycompany-acme-prod-datalake';
  const results = 'arn:aws:s3:::mycompany-prod-query-results';
  const [, text] = /put-bucket-policy --bucket "\$bucket" --policy '(.*?\})'\n/s
    .exec(section('Erasing a customer for good'))!;
  const ofResults = JSON.stringify(lake.one('AWS::S3::BucketPolicy', 'QueryResultsPolicy').PolicyDocument)
    .replaceAll('${LakeQueryResults.Arn}', results).replaceAll('${AWS::Partition}', 'aws')
    .replaceAll('${AWS::AccountId}', ACCOUNT);
  const administrator = `arn:aws:iam::${ACCOUNT}:role/administrator`;
  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const policies: Policies = {
    names: {},
    bucket_keys: {},
    roles: { [administrator]: { trust: {}, policies: [everything] } },
    resources: {
      [bucket]: JSON.parse(text.replace('\'"$bucket"\'', 'mycompany-acme-prod-datalake')),
      [results]: JSON.parse(ofResults),
    },
  };

  test.each([
    [true, bucket, ['ListBucket', 'ListBucketVersions', 'ListBucketMultipartUploads', 'DeleteBucket']],
    [true, `${bucket}/raw/a.csv`, ['DeleteObjectVersion', 'AbortMultipartUpload']],
    [false, `${bucket}/raw/a.csv`, ['GetObject', 'GetObjectVersion', 'PutObject', 'PutObjectTagging']],
    [true, results, ['ListBucket']],
    [true, `${results}/id.csv`, ['DeleteObject']],
    [false, `${results}/id.csv`, ['GetObject', 'PutObject']],
  ])('is allowed: %s, on %s: %j', async (isMeant, resource, actions) => {
    for (const action of actions) {
      const call = { principal: administrator, action: `s3:${action}`, resource, context: {} };
      expect([action, await isAllowed(call, policies)]).toEqual([action, isMeant]);
    }
  });
});
