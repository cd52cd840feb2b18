import * as path from 'path';
import { Duration, IgnoreMode } from 'aws-cdk-lib';
import * as glue from 'aws-cdk-lib/aws-glue';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { LakeProps, lakeName } from './lake';

// L1: the oldest supported aws-cdk-lib has no stable L2 constructs of Glue.

/** Spark 4.1, Python 3.13. Always pinned: AWS changes what an unset version means. */
export const GLUE_VERSION = '6.0';
/** 4 vCPU and 16 GB. */
export const WORKER_TYPE = 'G.1X';
/** A run ends by itself after 50 minutes. This ends a run that hangs; its messages return to the queue. */
export const JOB_TIMEOUT = Duration.minutes(60);
/** Log groups of Glue's jobs: `/aws-glue/jobs/{security configuration}-role/{role}/error` and the like. */
export const GLUE_LOG_GROUPS = '/aws-glue/jobs/*';

const ASSETS = path.join(__dirname, '..', '..', 'glue-assets');

/** A job's script and the Python package that it imports. */
export interface JobCode {
  readonly script: Asset;
  readonly library: Asset;
}

/** @param script file name in glue-assets */
export function jobCode(scope: Construct, script: string): JobCode {
  return {
    script: new Asset(scope, 'Script', { path: path.join(ASSETS, script) }),
    library: new Asset(scope, 'Library', {
      path: ASSETS,
      exclude: ['/*', '!/datalake/', '__pycache__/', '*.pyc'],
      ignoreMode: IgnoreMode.GIT,
    }),
  };
}

/** Logs and bookmarks are encrypted with the lake's key. */
export function securityConfiguration(scope: Construct, id: string, lake: LakeProps): glue.CfnSecurityConfiguration {
  const kmsKeyArn = lake.encryptionKey.keyArn;
  return new glue.CfnSecurityConfiguration(scope, id, {
    name: lakeName(lake),
    encryptionConfiguration: {
      s3Encryptions: [{ s3EncryptionMode: 'DISABLED' }], // the encryption of each bucket applies
      cloudWatchEncryption: { cloudWatchEncryptionMode: 'SSE-KMS', kmsKeyArn },
      jobBookmarksEncryption: { jobBookmarksEncryptionMode: 'CSE-KMS', kmsKeyArn },
    },
  });
}

export interface JobProps {
  readonly code: JobCode;
  readonly role: iam.IRole;
  readonly securityConfiguration: string;
  readonly maxWorkers: number;
  /** Without the leading dashes. */
  readonly arguments: { readonly [name: string]: string };
}

/**
 * A Spark job. One run works and one may wait, so that a wake-up that comes while a run ends is not lost.
 *
 * Glue refuses retries together with job run queuing. The sweeper restarts a run that died.
 */
export function newJob(scope: Construct, id: string, props: JobProps): glue.CfnJob {
  const jobArguments = Object.entries(props.arguments).map(([name, value]) => [`--${name}`, value]);
  return new glue.CfnJob(scope, id, {
    role: props.role.roleArn,
    command: { name: 'glueetl', pythonVersion: '3', scriptLocation: props.code.script.s3ObjectUrl },
    glueVersion: GLUE_VERSION,
    workerType: WORKER_TYPE,
    numberOfWorkers: props.maxWorkers, // with auto scaling, the most that a run gets
    executionProperty: { maxConcurrentRuns: 1 },
    jobRunQueuingEnabled: true,
    maxRetries: 0,
    timeout: JOB_TIMEOUT.toMinutes(),
    securityConfiguration: props.securityConfiguration,
    defaultArguments: {
      '--extra-py-files': props.code.library.s3ObjectUrl,
      '--enable-auto-scaling': 'true',
      '--enable-observability-metrics': 'true',
      ...Object.fromEntries(jobArguments),
    },
  });
}

/** One run of the workflow wakes the job while another collects the events of the next batch. */
export function newWorkflow(scope: Construct, id: string): glue.CfnWorkflow {
  return new glue.CfnWorkflow(scope, id, { maxConcurrentRuns: 2 });
}

/** Most events that one start of a job answers. Glue takes 1 to 100. */
export const BATCH_SIZE = 100;

/** Starts the job after BATCH_SIZE events, or when the batch window that the first of them opened has passed. */
export function newEventTrigger(
  scope: Construct, id: string, workflow: glue.CfnWorkflow, job: glue.CfnJob, batchWindow: Duration,
): glue.CfnTrigger {
  return new glue.CfnTrigger(scope, id, {
    type: 'EVENT',
    workflowName: workflow.ref,
    eventBatchingCondition: { batchSize: BATCH_SIZE, batchWindow: batchWindow.toSeconds() },
    actions: [{ jobName: job.ref }],
  });
}
