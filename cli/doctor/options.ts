/** The construct's values, for the options of the command. The construct itself would load the CDK before any help. */
export const CONFIG_AUDITS = ['NONE', 'RULES', 'RULES_AND_RECORDER'] as const;
export const AUDIT_TRAILS = ['NONE', 'OBJECTS', 'OBJECTS_AND_MANAGEMENT'] as const;

export const WORKERS = { min: 2, max: 299 };
export const DEFAULTS = {
  maxWorkers: 10,
  configAudit: 'NONE',
  auditTrail: 'OBJECTS',
  qualifier: 'hnb659fds', // of the CDK itself
} as const;

/** What the app gives to the construct, as far as an account can refuse it. */
export interface LakeOptions {
  readonly organization: string;
  readonly environment: string;
  readonly customers: string;
  readonly maxWorkers: number;
  readonly configAudit: typeof CONFIG_AUDITS[number];
  readonly auditTrail: typeof AUDIT_TRAILS[number];
  readonly encryptionKey?: string;
  readonly catalogKey?: string;
  readonly lakeFormation?: boolean;
  readonly qualifier: string;
}
