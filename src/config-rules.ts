import { Annotations, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as config from 'aws-cdk-lib/aws-config';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge, wildcards } from './private/acknowledge';
import { newLogBucket } from './private/bucket';

/**
 * How AWS Config checks a lake. Config bills every item that it records and every evaluation of a rule.
 *
 * @see https://aws.amazon.com/config/pricing/
 */
export enum ConfigAudit {
  /** No rules and no recorder. */
  NONE = 'NONE',

  /** Rules about the lake. The account must have a configuration recorder, or the deployment fails. */
  RULES = 'RULES',

  /** The rules, and the recorder with its delivery channel. An account has one of each in a Region. */
  RULES_AND_RECORDER = 'RULES_AND_RECORDER',
}

const NOTES: Record<ConfigAudit, string> = {
  [ConfigAudit.NONE]: 'AWS Config: no rules, no recorder; write configAudit: ConfigAudit.RULES for rules',
  [ConfigAudit.RULES]: 'AWS Config: rules, for the recorder that the account must have already',
  [ConfigAudit.RULES_AND_RECORDER]: 'AWS Config: rules and recorder, which fails where the account has a recorder',
};

type Scope = 'lake' | 'customers';
const { ManagedRuleIdentifiers: IDS } = config;

/**
 * Rules by construct id, all evaluated when a resource changes. AWS Config takes no scope for a periodic rule, such as
 * CMK_BACKING_KEY_ROTATION_ENABLED or CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED. Without a scope such a rule would judge
 * keys and trails that are not the lake's. Log buckets have neither versions nor access logs.
 *
 * @see https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-trigger-type.html
 */
const RULES: { readonly [id: string]: [identifier: string, scope: Scope] } = {
  BucketPublicAccess: [IDS.S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED, 'lake'],
  BucketTls: [IDS.S3_BUCKET_SSL_REQUESTS_ONLY, 'lake'],
  BucketEncryption: [IDS.S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED, 'lake'],
  BucketVersioning: [IDS.S3_BUCKET_VERSIONING_ENABLED, 'customers'],
  BucketLogging: [IDS.S3_BUCKET_LOGGING_ENABLED, 'customers'],
  ManifestRecovery: [IDS.DYNAMODB_PITR_ENABLED, 'lake'],
  ManifestEncryption: [IDS.DYNAMODB_TABLE_ENCRYPTED_KMS, 'lake'],
  TopicEncryption: [IDS.SNS_ENCRYPTED_KMS, 'lake'],
};
const RECORDED = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::SNS::Topic'];

export interface ConfigRulesProps {
  readonly audit: ConfigAudit;
  /** Value of the tag `project` by which rules find what is the lake's. */
  readonly project: string;
  readonly encryptionKey: kms.IKey;
  readonly removalPolicy: RemovalPolicy;
}

/** AWS Config's rules about a lake. Synthesis says what is on and what is off. */
export class ConfigRules extends Construct {
  constructor(scope: Construct, id: string, props: ConfigRulesProps) {
    super(scope, id);
    Annotations.of(this).addInfoV2('modern-data-lake:configAudit', NOTES[props.audit]);
    if (props.audit === ConfigAudit.NONE) return;
    const recorder = props.audit === ConfigAudit.RULES_AND_RECORDER ? this.newRecorder(props) : [];
    const scopes: Record<Scope, config.CfnConfigRule.ScopeProperty> = {
      lake: { tagKey: 'project', tagValue: props.project },
      customers: { tagKey: 'customer' },
    };
    for (const [name, [sourceIdentifier, of]] of Object.entries(RULES)) {
      const source = { owner: 'AWS', sourceIdentifier };
      const rule = new config.CfnConfigRule(this, name, { source, scope: scopes[of] });
      recorder.forEach((resource) => rule.addDependency(resource)); // a rule without a recorder is refused
    }
  }

  private newRecorder(props: ConfigRulesProps): [config.CfnConfigurationRecorder, config.CfnDeliveryChannel] {
    const bucket = newLogBucket(this, 'Records', props.removalPolicy, props.encryptionKey);
    const role = new iam.Role(this, 'RecorderRole', {
      assumedBy: new iam.ServicePrincipal('config.amazonaws.com'),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AWS_ConfigRole')],
    });
    acknowledge(role, { ownPolicy: 'AWS keeps there what Config must read of each type of resource' });
    // Source: https://docs.aws.amazon.com/config/latest/developerguide/s3-kms-key-policy.html
    const key = props.encryptionKey.grant(role, 'kms:Decrypt', 'kms:GenerateDataKey');
    const delivery = this.grantDelivery(role, bucket).combine(key);
    const recordingGroup = { allSupported: false, includeGlobalResourceTypes: false, resourceTypes: RECORDED };
    const recorder = new config.CfnConfigurationRecorder(this, 'Recorder', { roleArn: role.roleArn, recordingGroup });
    const channel = new config.CfnDeliveryChannel(this, 'DeliveryChannel', { s3BucketName: bucket.bucketName });
    delivery.applyBefore(channel);
    return [recorder, channel];
  }

  /** Source: https://docs.aws.amazon.com/config/latest/developerguide/iamrole-permissions.html */
  private grantDelivery(role: iam.Role, bucket: s3.Bucket): iam.Grant {
    const objects = wildcards(this, 'Config names its records',
      bucket.arnForObjects(`AWSLogs/${Stack.of(this).account}/*`));
    const own = { StringLike: { 's3:x-amz-acl': 'bucket-owner-full-control' } };
    const write = iam.Grant.addToPrincipal(
      { grantee: role, actions: ['s3:PutObject'], resourceArns: objects, conditions: own });
    return write.combine(iam.Grant.addToPrincipal(
      { grantee: role, actions: ['s3:GetBucketAcl'], resourceArns: [bucket.bucketArn] }));
  }
}
