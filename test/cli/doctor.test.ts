import { Lake } from '../../cli/doctor/lake';
import { NEEDS } from '../../cli/doctor/needs';
import { AUDIT_TRAILS, CONFIG_AUDITS, DEFAULTS, WORKERS } from '../../cli/doctor/options';
import { UNSEEN } from '../../cli/doctor/render';
import { AuditTrail, ConfigAudit } from '../../src';
import { GLUE_VERSION } from '../../src/private/glue';
import * as props from '../../src/private/props';
import { Synthesized } from '../lake';

describe('the options of the doctor', () => {
  test('have the values and the defaults of the construct', () => {
    expect(AUDIT_TRAILS).toEqual(Object.values(AuditTrail));
    expect(CONFIG_AUDITS).toEqual(Object.values(ConfigAudit));
    expect(WORKERS).toEqual(props.WORKERS);
    expect(DEFAULTS).toMatchObject({
      maxWorkers: props.DEFAULT_MAX_WORKERS,
      auditTrail: props.DEFAULT_AUDIT_TRAIL,
      configAudit: props.DEFAULT_CONFIG_AUDIT,
    });
  });

  test('and its words name the Glue version of the jobs', () => {
    expect(UNSEEN.join()).toContain(`version ${GLUE_VERSION} `);
  });
});

describe('what the doctor takes a lake to need', () => {
  const withFeed = { customerId: 'acme', datasets: [{ name: 'orders', expectedEvery: 'P1D' }] };
  const withoutFeeds = ['globex', 'initech'].map((customerId) => ({ customerId }));

  test.each([
    [AuditTrail.NONE, ConfigAudit.NONE, withoutFeeds],
    [AuditTrail.OBJECTS, ConfigAudit.RULES, [withFeed, ...withoutFeeds]],
    [AuditTrail.OBJECTS_AND_MANAGEMENT, ConfigAudit.RULES_AND_RECORDER, withoutFeeds],
  ])('is what its template has, with the trails %s, the rules %s and %j', (auditTrail, configAudit, customers) => {
    const template = Synthesized.of({ auditTrail, configAudit, customers });
    const lake = { auditTrail, configAudit, customers } as unknown as Lake;
    const needed = Object.entries(NEEDS).map(([type, needs]) => [type, needs(lake)]);
    expect(needed).toEqual(needed.map(([type]) => [type, Object.keys(template.ofType(String(type))).length]));
  });
});
