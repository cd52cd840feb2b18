import { LakeAlarm } from '../alarms';
import { Denials } from '../denials';
import { AlarmDefinition } from './alarm-definitions';

/** The alarm on calls that AWS denied. */
export function alarmsOfDenials(denials: Denials): AlarmDefinition[] {
  return [{
    alarm: LakeAlarm.ACCESS_DENIED,
    about: denials,
    fact: 'AWS denied a call on a customer\'s bucket or on the key of the lake',
    runbook: 'access-denied',
    metric: denials.metricDenied(),
    threshold: 1,
  }];
}
