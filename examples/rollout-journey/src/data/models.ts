import type { TableName } from './tables.ts'

/** What a table is called in the rollout, and how much its rows matter. */
export interface Model {
  readonly table: TableName
  readonly model: string
  readonly severity: 'CRITICAL' | 'HIGH' | 'MEDIUM'
}

export const models: readonly Model[] = [
  { table: 'users', model: 'User', severity: 'CRITICAL' },
  { table: 'refresh_tokens', model: 'RefreshToken', severity: 'CRITICAL' },
  { table: 'password_reset_tokens', model: 'PasswordResetToken', severity: 'CRITICAL' },
  { table: 'mfa_backup_codes', model: 'MfaBackupCode', severity: 'CRITICAL' },
  { table: 'audit_logs', model: 'AuditLog', severity: 'CRITICAL' },
  { table: 'roles', model: 'Role', severity: 'HIGH' },
  { table: 'user_roles', model: 'UserRole', severity: 'HIGH' },
  { table: 'security_alerts', model: 'SecurityAlert', severity: 'HIGH' },
  { table: 'role_permissions', model: 'RolePermission', severity: 'MEDIUM' },
]

/** The declared models as the walls take them. */
export const declaredModels: Readonly<Record<string, Model['severity']>> = Object.fromEntries(
  models.map(({ model, severity }) => [model, severity]),
)
