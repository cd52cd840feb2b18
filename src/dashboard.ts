import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { Watched } from './private/alarm-definitions';
import { widgetsOf } from './private/dashboard-widgets';

export interface DashboardProps extends Watched {
  /** Heading of the dashboard. */
  readonly name: string;
  /** The alarm to page on comes first. */
  readonly alarms: readonly cloudwatch.AlarmBase[];
}

/**
 * A CloudWatch dashboard that is read from top to bottom: healthy, how far behind, what arrived and failed, who used
 * how much, what it costs. An account's first three dashboards are free as long as they have at most 50 metrics.
 *
 * @see https://aws.amazon.com/cloudwatch/pricing/
 */
export class LakeDashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    new cloudwatch.Dashboard(this, 'Resource', { defaultInterval: Duration.days(1), widgets: widgetsOf(props) });
  }
}
