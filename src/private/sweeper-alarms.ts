import { LakeAlarm } from '../alarms';
import { Sweeper } from '../sweeper';
import { AlarmDefinition } from './alarm-definitions';

/** The alarms on sweeps that fail or do not start. */
export function alarmsOfSweeper(sweeper: Sweeper): AlarmDefinition[] {
  return [{
    alarm: LakeAlarm.FAILED_SWEEPS,
    about: sweeper,
    fact: 'work may wait although no job runs, because a sweep failed',
    runbook: 'failed-sweeps',
    metric: sweeper.stateMachine.metricFailed(),
    threshold: 1,
  }, {
    alarm: LakeAlarm.SILENT_SWEEPER,
    about: sweeper,
    fact: 'work may wait although no job runs, because no sweep has started for 10 minutes',
    runbook: 'silent-sweeper',
    metric: sweeper.stateMachine.metricStarted(),
    threshold: 1,
    periods: 2,
    isSilence: true,
  }];
}
