export { AuditTrail } from './audit';
export { ConfigAudit } from './config-rules';
export * from './customer';
export * from './dataset';
export * from './modern-data-lake';
export type { IStage } from './stage';
