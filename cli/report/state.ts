import { Item } from '../operate/manifest';
import { Status } from '../operate/status';

/** The state of a lake, as far as the report has read it. */
export interface State {
  readonly organization: string;
  readonly environment: string;
  readonly account: string;
  readonly region: string;
  readonly at: Date;
  readonly status: Status;
  readonly customers: readonly Holding[];
}

/** The object versions of a customer. */
export interface Holding {
  readonly customer: string;
  /** The last updated first. */
  readonly items: readonly Item[];
  /** Object versions that were last updated before this time were not read. Undefined: all were read. */
  readonly since?: string;
}
