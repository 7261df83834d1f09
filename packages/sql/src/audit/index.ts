/**
 * The audit: what in a live database could let one tenant meet another, and the SQL that mends it.
 * @packageDocumentation
 */
export {
  type Finding,
  type FindingRule,
  type FindingSeverity,
  findingRules,
  findingSeverities,
} from '../row-security/finding.ts'
export type { InspectionOptions } from '../row-security/inspection.ts'
export { auditDatabase, auditTenantSchema } from './audit-tenant-schema.ts'
export { type AuditJson, auditJson, auditText } from './report.ts'
export { type AuditSarifOptions, auditSarif, type SarifLog } from './sarif.ts'
