import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { LakeAlarm } from '../alarms';
import { Query } from '../query';
import { AlarmDefinition } from './alarm-definitions';
import { bytesScanned } from './lake-metrics';

/** The alarm on queries that Athena cancelled. */
export function alarmsOfQueries(query: Query): AlarmDefinition[] {
  return [{
    alarm: LakeAlarm.QUERIES_CUT_OFF,
    about: query,
    fact: 'Athena cancelled a query, because it scanned as much as bytesScannedCutoff allows',
    runbook: 'queries-cut-off',
    // Athena counts what a query scanned before it was cancelled. One that succeeds has scanned less.
    metric: bytesScanned(query, { statistic: cloudwatch.Stats.MAXIMUM }),
    threshold: query.bytesScannedCutoff.toBytes(),
  }];
}
