import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { AlarmDefinition } from './alarm-definitions';

/** Standard deviations between the usual and what rings. */
const BAND_WIDTH = 3;
/** The published documents. */
export const DOCS = 'https://github.com/modern-data-lake/modern-data-lake/blob/main/docs';

/** @param scope a construct of the id of what the alarm is about */
export function newAlarm(scope: Construct, definition: AlarmDefinition): cloudwatch.Alarm {
  const { alarm, fact, runbook, metric, threshold, periods = 1, isSilence } = definition;
  const props = {
    alarmDescription: `${scope.node.id}: ${fact}. ${DOCS}/runbook.md#${runbook}`,
    metric,
    evaluationPeriods: periods,
    // AWS sends no data for what did not happen.
    treatMissingData: isSilence ? cloudwatch.TreatMissingData.BREACHING : cloudwatch.TreatMissingData.NOT_BREACHING,
  };
  if (threshold === undefined) {
    return new cloudwatch.AnomalyDetectionAlarm(scope, alarm, { ...props, stdDevs: BAND_WIDTH });
  }
  const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;
  return new cloudwatch.Alarm(scope, alarm, {
    ...props,
    threshold,
    comparisonOperator: isSilence ? LESS_THAN_THRESHOLD : GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  });
}
