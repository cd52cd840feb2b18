import { Duration, RemovalPolicy, Size, Token } from 'aws-cdk-lib';
import { LakeAlarmOptions } from '../alarms';
import { AuditTrail } from '../audit';
import { ConfigAudit } from '../config-rules';
import { shown } from './errors';
import { checkNaming } from './naming';

export const DEFAULT_PROJECT = 'modern-data-lake';
export const DEFAULT_BATCH_WINDOW = Duration.seconds(30);
export const DEFAULT_MAX_WORKERS = 10;
export const DEFAULT_BYTES_SCANNED_CUTOFF = Size.gibibytes(100);
export const DEFAULT_CONFIG_AUDIT = ConfigAudit.NONE;
export const DEFAULT_AUDIT_TRAIL = AuditTrail.OBJECTS;
export const DEFAULT_REMOVAL_POLICY = RemovalPolicy.RETAIN;

/** Limits of Glue: seconds of an event batch window, workers of type G.1X. */
export const BATCH_WINDOW = { min: 1, max: 900 };
export const WORKERS = { min: 2, max: 299 };
/** Limit of Athena. */
export const MIN_BYTES_SCANNED_CUTOFF = 10_000_000;
/** @see https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$/u;

/** The props of the lake that have a default or a limit. */
export interface LimitedProps {
  readonly organization: string;
  readonly environment: string;
  readonly project?: string;
  readonly owner?: string;
  readonly batchWindow?: Duration;
  readonly maxWorkers?: number;
  readonly bytesScannedCutoff?: Size;
  readonly configAudit?: ConfigAudit;
  readonly auditTrail?: AuditTrail;
  readonly removalPolicy?: RemovalPolicy;
}

/** All props that are checked. */
export interface CheckedProps extends LimitedProps {
  readonly alarms?: LakeAlarmOptions;
  readonly monthlyBudget?: number;
}

/** The props, with defaults for those that are omitted. */
export function withDefaults(props: LimitedProps): Required<LimitedProps> {
  return {
    organization: props.organization,
    environment: props.environment,
    project: props.project ?? DEFAULT_PROJECT,
    owner: props.owner ?? props.organization,
    batchWindow: props.batchWindow ?? DEFAULT_BATCH_WINDOW,
    maxWorkers: props.maxWorkers ?? DEFAULT_MAX_WORKERS,
    bytesScannedCutoff: props.bytesScannedCutoff ?? DEFAULT_BYTES_SCANNED_CUTOFF,
    configAudit: props.configAudit ?? DEFAULT_CONFIG_AUDIT,
    auditTrail: props.auditTrail ?? DEFAULT_AUDIT_TRAIL,
    removalPolicy: props.removalPolicy ?? DEFAULT_REMOVAL_POLICY,
  };
}

/** Throws for the first prop that AWS would refuse at deployment, or later. */
export function checkProps(props: CheckedProps): void {
  checkNaming(props.organization, props.environment);
  checkTag('project', props.project);
  checkTag('owner', props.owner);
  checkBatchWindow(props.batchWindow);
  checkMaxWorkers(props.maxWorkers);
  checkBytesScannedCutoff(props.bytesScannedCutoff);
  checkRemovalPolicy(props.removalPolicy);
  checkAlarms(props.alarms);
  checkMonthlyBudget(props.monthlyBudget);
}

function checkTag(name: string, value?: unknown): void {
  if (value === undefined || Token.isUnresolved(value) || typeof value === 'string' && TAG_VALUE.test(value)) return;
  const allowed = String(value).replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]+/gu, '-').slice(0, 256) || 'data-platform';
  throw new Error(`'${name}' is the value of a tag and must have 1 to 256 letters, digits, spaces or _.:/=+-@, `
    + `got: ${shown(value)}; write '${allowed}', for example`);
}

function checkBatchWindow(window?: Duration): void {
  if (window === undefined || window.isUnresolved()) return;
  const seconds = window.toSeconds({ integral: false });
  if (Number.isInteger(seconds) && seconds >= BATCH_WINDOW.min && seconds <= BATCH_WINDOW.max) return;
  const nearest = Math.min(Math.max(Math.round(seconds), BATCH_WINDOW.min), BATCH_WINDOW.max);
  throw new Error(`'batchWindow' must be ${BATCH_WINDOW.min} to ${BATCH_WINDOW.max} whole seconds, `
    + `got: ${seconds} seconds; write Duration.seconds(${nearest})`);
}

function checkMaxWorkers(workers?: number): void {
  if (workers === undefined || Token.isUnresolved(workers)) return;
  if (Number.isInteger(workers) && workers >= WORKERS.min && workers <= WORKERS.max) return;
  const nearest = Math.min(Math.max(Math.round(workers) || WORKERS.min, WORKERS.min), WORKERS.max);
  throw new Error(`'maxWorkers' must be a whole number from ${WORKERS.min} to ${WORKERS.max}, got: ${shown(workers)}; `
    + `write ${nearest}`);
}

function checkBytesScannedCutoff(cutoff?: Size): void {
  if (cutoff === undefined || cutoff.isUnresolved() || cutoff.toBytes() >= MIN_BYTES_SCANNED_CUTOFF) return;
  throw new Error(`'bytesScannedCutoff' must be ${MIN_BYTES_SCANNED_CUTOFF} bytes or more, `
    + `got: ${cutoff.toBytes()} bytes; write Size.mebibytes(10) or more`);
}

function checkRemovalPolicy(policy?: RemovalPolicy): void {
  if (policy === undefined || policy === RemovalPolicy.RETAIN || policy === RemovalPolicy.DESTROY) return;
  throw new Error('\'removalPolicy\' must be RemovalPolicy.RETAIN or, for tests, RemovalPolicy.DESTROY, '
    + `got: ${shown(policy)}; write RemovalPolicy.RETAIN`);
}

/** A run takes 30 seconds to start, and SQS keeps a message for 14 days: no other threshold can be met or missed. */
const ALARM_MINUTES = { min: 1, max: Duration.days(14).toMinutes() };

function checkAlarms({ backlogAge, arrivalToDone, misfitsPer100Rows }: LakeAlarmOptions = {}): void {
  for (const [name, age] of Object.entries({ backlogAge, arrivalToDone })) {
    if (age === undefined || age.isUnresolved()) continue;
    const minutes = age.toMinutes({ integral: false });
    if (minutes >= ALARM_MINUTES.min && minutes <= ALARM_MINUTES.max) continue;
    throw new Error(`'alarms.${name}' must be 1 minute to 14 days, got: ${age.toHumanString()}; `
      + 'write Duration.hours(1), for example');
  }
  if (misfitsPer100Rows === undefined || Token.isUnresolved(misfitsPer100Rows) || misfitsPer100Rows > 0) return;
  throw new Error(`'alarms.misfitsPer100Rows' must be greater than 0, got: ${misfitsPer100Rows}; `
    + 'write 0.01, for example, or switch the alarm off: off: [LakeAlarm.MISFITS]');
}

function checkMonthlyBudget(dollars?: number): void {
  if (dollars === undefined || Token.isUnresolved(dollars)) return;
  if (Number.isFinite(dollars) && dollars >= 0.01) return;
  throw new Error(`'monthlyBudget' must be US dollars, 0.01 or more, got: ${shown(dollars)}; write 100, for example, `
    + 'or omit it for no budget');
}
