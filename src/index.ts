export * from './alarms';
export { AuditTrail } from './audit';
export { ConfigAudit } from './config-rules';
export * from './customer';
export * from './dataset';
export type { ILakeCustomer } from './lake-customer';
export type { IStageMetrics } from './metrics';
export * from './modern-data-lake';
export type { IStage } from './stage';
