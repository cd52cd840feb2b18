import { LakeOptions } from './options';
import { Aws } from '../aws';
import { DEPLOYED_ACTIONS, findDeployed, Resource } from '../doctor/deployed';

/** A stage of a deployed lake. */
export interface DeployedStage {
  readonly name: string;
  /** Prefix of the objects that it reads. */
  readonly layer: string;
  readonly jobName: string;
  readonly workQueueUrl: string;
  readonly deadLetterQueueUrl: string;
}

/** A deployed lake. */
export interface DeployedLake {
  readonly stack: string;
  readonly stages: readonly DeployedStage[];
  readonly manifestTable: string;
  readonly imports: {
    readonly stateMachine: string;
    readonly roleName: string;
    /** Bucket of lists and reports. */
    readonly reports: string;
  };
  /** Names of the alarms, without the one for all of them. */
  readonly alarms: readonly string[];
}

/** The IAM actions of `findLake`. */
export const FIND_ACTIONS = DEPLOYED_ACTIONS;

/** Layers by the stage that reads them. */
const STAGES = { ProcessCsv: 'raw/', AnalyticsTransform: 'processed/' };

/** @throws if no such lake is deployed */
export async function findLake(aws: Aws, { organization, environment }: LakeOptions): Promise<DeployedLake> {
  const { queryResultsName } = await import('../../src/private/naming.js'); // loads the CDK, which --help does without
  const names = { queryResults: queryResultsName(organization, environment), customers: [] };
  const { stack, resources } = await findDeployed(aws, names);
  if (!stack) {
    const { account, region } = await aws.whereabouts();
    throw new Error(`account ${account} has no lake of '${organization}' in '${environment}' in ${region}; check `
      + '--organization, --environment, --region and --profile');
  }
  const one = (type: string, part: string) => named(resources, type, part)[0];
  return {
    stack,
    stages: Object.entries(STAGES).map(([name, layer]) => ({
      name,
      layer,
      jobName: one('AWS::Glue::Job', name),
      workQueueUrl: one('AWS::SQS::Queue', `${name}WorkQueue`),
      deadLetterQueueUrl: one('AWS::SQS::Queue', `${name}DeadLetterQueue`),
    })),
    imports: {
      stateMachine: one('AWS::StepFunctions::StateMachine', 'ImportStateMachine'),
      roleName: one('AWS::IAM::Role', 'ImportRole'),
      reports: one('AWS::S3::Bucket', 'ImportReports'),
    },
    manifestTable: one('AWS::DynamoDB::Table', 'Manifest'),
    alarms: named(resources, 'AWS::CloudWatch::Alarm', 'Observe'),
  };
}

/** What stands before and behind the customer in the names of a lake's buckets. */
export async function bucketParts({ organization, environment }: LakeOptions): Promise<string[]> {
  const { bucketPattern } = await import('../../src/private/naming.js');
  return bucketPattern(organization, environment).split('*');
}

/** Physical ids of the resources of a type that the construct of the lake made: the part is in their construct path. */
function named(resources: readonly Resource[], type: string, part: string): string[] {
  return resources.filter((resource) => resource.type === type && resource.logicalId.includes(part))
    .map(({ physicalId }) => physicalId);
}
