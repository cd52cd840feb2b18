import { LakeAlarm } from '../alarms';
import { Feeds } from '../feeds';
import { AlarmDefinition } from './alarm-definitions';

/** The alarms on datasets whose uploads have stopped, and on the check that looks for them. */
export function alarmsOfFeeds(feeds: Feeds): AlarmDefinition[] {
  return [{
    alarm: LakeAlarm.SILENT_FEEDS,
    about: feeds,
    fact: 'the uploads of a dataset have stopped, which a notice has named',
    runbook: 'silent-feeds',
    metric: feeds.metricSilent(),
    threshold: 1,
  }, {
    alarm: LakeAlarm.FAILED_SWEEPS,
    about: feeds,
    fact: 'datasets may be silent unnoticed, because a check failed',
    runbook: 'silent-feeds',
    metric: feeds.metricFailed(),
    threshold: 1,
  }];
}
