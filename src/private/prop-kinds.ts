import { shown } from './errors';
import { LakeAlarm } from '../alarms';
import { AuditTrail } from '../audit';
import { ConfigAudit } from '../config-rules';
import type { ModernDataLakeProps } from '../modern-data-lake';

/** What a value must be. Members are looked for, since an app can have several copies of a class. */
interface Kind {
  readonly must: string;
  readonly is: (value: any) => boolean;
  /** What to write instead of the value. */
  readonly write: (value: unknown) => string;
}

const DURATION: Kind = {
  must: 'a Duration',
  is: (value) => typeof value?.toSeconds === 'function',
  write: (value) => `Duration.seconds(${typeof value === 'number' && value > 0 ? value : 60}), for example`,
};
const KEY: Kind = {
  must: 'a key',
  is: (value) => value?.keyArn !== undefined || value?.aliasName !== undefined, // an alias has an error of its own
  write: (value) => `kms.Key.fromKeyArn(this, 'Key', ${typeof value === 'string' ? `'${value}'` : 'keyArn'})`,
};
const OBJECT: Kind = {
  must: 'an object',
  is: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  write: () => '{ backlogAge: Duration.hours(3) }, for example',
};

/** The props that are not text or a number, by their path. `checkProps` has those. */
const KINDS: Record<string, Kind> = {
  'customers': { must: 'Customers', is: (value) => Array.isArray(value?.all), write: customersFrom },
  'encryptionKey': KEY,
  'catalogKey': KEY,
  'lakeFormation': { must: 'true or false', is: (value) => typeof value === 'boolean', write: () => 'true' },
  'batchWindow': DURATION,
  'bytesScannedCutoff': {
    must: 'a Size',
    is: (value) => typeof value?.toBytes === 'function',
    write: () => 'Size.gibibytes(100), for example',
  },
  'configAudit': oneOf('ConfigAudit', ConfigAudit),
  'auditTrail': oneOf('AuditTrail', AuditTrail),
  'alarms': OBJECT,
  'alarms.backlogAge': DURATION,
  'alarms.arrivalToDone': DURATION,
  'alarms.off': {
    must: `a list of LakeAlarm.${Object.keys(LakeAlarm).join(', ')}`,
    is: (value) => Array.isArray(value) && value.every((each) => Object.values(LakeAlarm).includes(each)),
    write: () => '[LakeAlarm.ARRIVALS], for example',
  },
};
const REQUIRED = ['customers'];

/**
 * Throws for the first prop of another kind than its type says. Callers in JavaScript, or with `any` in TypeScript,
 * have no compiler that does. They would get an error of JavaScript's about a member of the library.
 */
export function checkKinds(props: ModernDataLakeProps): void {
  for (const [path, { must, is, write }] of Object.entries(KINDS)) {
    const value = path.split('.').reduce<any>((members, name) => members?.[name], props);
    if (is(value) || value === undefined && !REQUIRED.includes(path)) continue;
    throw new Error(`'${path}' must be ${must}, got: ${shown(value)}; write ${write(value)}`);
  }
}

function customersFrom(value: unknown): string {
  if (typeof value === 'string') return `Customers.fromJsonFile('${value}')`;
  return Array.isArray(value) ? 'Customers.of([…]) around the list' : 'Customers.fromJsonFile(\'customers.json\')';
}

function oneOf(name: string, values: Record<string, string>): Kind {
  const all = Object.keys(values).map((value) => `${name}.${value}`);
  return { must: all.join(', '), is: (value) => Object.values(values).includes(value), write: () => all[0] };
}
