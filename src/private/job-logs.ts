import { RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { keepOnceCreated, LOG_RETENTION } from './bucket';

export interface JobLogsProps {
  readonly role: iam.IRole;
  /** Name of the Glue security configuration. */
  readonly securityConfiguration: string;
  readonly encryptionKey: kms.IKey;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * The log groups of a job: `Output` has the lines of the lake, `Error` those of Spark. Glue would make them with the
 * first run, and keep the logs for ever.
 *
 * @see https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
 */
export class JobLogs extends Construct {
  public readonly output: logs.LogGroup;

  constructor(scope: Construct, id: string, props: JobLogsProps) {
    super(scope, id);
    this.output = this.newLogGroup('Output', props);
    this.newLogGroup('Error', props);
  }

  private newLogGroup(id: string, props: JobLogsProps): logs.LogGroup {
    return new logs.LogGroup(this, id, {
      logGroupName: `/aws-glue/jobs/${props.securityConfiguration}-role/${props.role.roleName}/${id.toLowerCase()}`,
      encryptionKey: props.encryptionKey,
      retention: LOG_RETENTION.toDays(),
      removalPolicy: keepOnceCreated(props.removalPolicy),
    });
  }
}
