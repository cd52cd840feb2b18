import { Aws } from '../aws';
import { Deployed } from './deployed';
import { Lake } from './lake';

/**
 * `ok`, `warning` (the deployment works, something about it will not), `failure` (a deployment would fail, or the lake
 * does not work) or `unknown` (AWS did not let the doctor look).
 */
export type Status = 'ok' | 'warning' | 'failure' | 'unknown';

export interface Finding {
  readonly status: Status;
  /** What is so. */
  readonly text: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** What is examined. */
export interface Patient {
  readonly aws: Aws;
  readonly account: string;
  readonly partition: string;
  readonly region: string;
  readonly lake: Lake;
  /** What is deployed of the lake. Asked once, when a check first needs it. */
  deployed(): Promise<Deployed>;
}

/** One question to an account. */
export interface Check {
  /** Identifies the check in `--json`. */
  readonly id: string;
  readonly title: string;
  /** The IAM actions that it calls, in addition to those of `deployed`. */
  readonly actions: readonly string[];
  /** No findings if the question does not arise. */
  run(patient: Patient): Promise<Finding[]>;
}

export const ok = (text: string): Finding => ({ status: 'ok', text });
export const warning = (text: string, remedy: string): Finding => ({ status: 'warning', text, remedy });
export const failure = (text: string, remedy: string): Finding => ({ status: 'failure', text, remedy });

/** The bad findings, or else that all is well. */
export const orElse = (found: readonly Finding[], allIsWell: string): Finding[] => (
  found.length ? [...found] : [ok(allIsWell)]);
