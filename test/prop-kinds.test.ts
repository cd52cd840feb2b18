import { Duration, Size, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { AuditTrail, ConfigAudit, Customers, LakeAlarm, ModernDataLake } from '../src';

/** A lake as plain JavaScript makes it. */
function make(props: object): void {
  new ModernDataLake(new Stack(), 'Lake', {
    organization: 'mycompany', environment: 'dev', customers: Customers.of([{ customerId: 'acme' }]), ...props,
  } as any);
}

describe('of another kind than the prop:', () => {
  test.each<[object, string]>([
    [{ organization: undefined }, '\'organization\' must be lower-case letters and digits without hyphens, so that no '
      + 'two lakes match each other\'s buckets or share a database, got: undefined; write \'mycompany\''],
    [{ environment: 3 }, '\'environment\' must be lower-case letters and digits without hyphens, so that no two '
      + 'lakes match each other\'s buckets or share a database, got: 3; write \'3\''],
    [{ customers: undefined },
      '\'customers\' must be Customers, got: undefined; write Customers.fromJsonFile(\'customers.json\')'],
    [{ customers: 'all.json' },
      '\'customers\' must be Customers, got: \'all.json\'; write Customers.fromJsonFile(\'all.json\')'],
    [{ customers: [{ customerId: 'acme' }] },
      '\'customers\' must be Customers, got: a list; write Customers.of([…]) around the list'],
    [{ encryptionKey: 'arn:aws:kms:eu-west-1:123456789012:key/1' }, '\'encryptionKey\' must be a key, got: '
      + '\'arn:aws:kms:eu-west-1:123456789012:key/1\'; write '
      + 'kms.Key.fromKeyArn(this, \'Key\', \'arn:aws:kms:eu-west-1:123456789012:key/1\')'],
    [{ catalogKey: Size.gibibytes(1) },
      '\'catalogKey\' must be a key, got: an object of Size; write kms.Key.fromKeyArn(this, \'Key\', keyArn)'],
    [{ lakeFormation: 'yes' }, '\'lakeFormation\' must be true or false, got: \'yes\'; write true'],
    [{ batchWindow: 30 }, '\'batchWindow\' must be a Duration, got: 30; write Duration.seconds(30), for example'],
    [{ batchWindow: null }, '\'batchWindow\' must be a Duration, got: null; write Duration.seconds(60), for example'],
    [{ bytesScannedCutoff: 1e9 },
      '\'bytesScannedCutoff\' must be a Size, got: 1000000000; write Size.gibibytes(100), for example'],
    [{ maxWorkers: '10' }, '\'maxWorkers\' must be a whole number from 2 to 299, got: \'10\'; write 10'],
    [{ owner: 7 }, '\'owner\' is the value of a tag and must have 1 to 256 letters, digits, spaces or _.:/=+-@, '
      + 'got: 7; write \'7\', for example'],
    [{ configAudit: 'rules' }, '\'configAudit\' must be ConfigAudit.NONE, ConfigAudit.RULES, '
      + 'ConfigAudit.RULES_AND_RECORDER, got: \'rules\'; write ConfigAudit.NONE'],
    [{ auditTrail: false }, '\'auditTrail\' must be '],
    [{ alarms: [] }, '\'alarms\' must be an object, got: a list; write { backlogAge: Duration.hours(3) }, for example'],
    [{ alarms: { backlogAge: 3600 } },
      '\'alarms.backlogAge\' must be a Duration, got: 3600; write Duration.seconds(3600), for example'],
    [{ alarms: { off: 'ROWS' } }, '\'alarms.off\' must be a list of LakeAlarm.'],
    [{ alarms: { off: ['Arrivalz'] } }, '\'alarms.off\' must be a list of LakeAlarm.'],
  ])('%j', (props, message) => {
    expect(() => make(props)).toThrow(`[Default/Lake] ${message}`);
  });
});

test('props of the right kinds are taken', () => {
  const key = kms.Key.fromKeyArn(new Stack(), 'Key', 'arn:aws:kms:us-east-1:123456789012:key/1');
  expect(() => make({
    encryptionKey: key,
    catalogKey: key,
    lakeFormation: false,
    batchWindow: Duration.seconds(30),
    bytesScannedCutoff: Size.gibibytes(1),
    configAudit: ConfigAudit.RULES,
    auditTrail: AuditTrail.NONE,
    alarms: { backlogAge: Duration.hours(1), arrivalToDone: Duration.hours(1), off: [LakeAlarm.ROWS] },
  })).not.toThrow();
});
