/** Flags as document 001 shows them for its selective phase. */
export const documentedFlags = {
  TENANT_ENFORCEMENT_ENABLED: 'true',
  TENANT_ENFORCEMENT_MODE: 'selective',
  TENANT_ENFORCEMENT_ENFORCE_MODELS: 'User,RefreshToken,PasswordResetToken,MfaBackupCode,AuditLog',
  TENANT_ENFORCEMENT_LOG_MODELS: 'Role,UserRole,SecurityAlert,RolePermission',
} as const

/** The rules of document 001 in the order it gives them, read anew for each query. */
export function decideAsDocumented(model: string): string {
  if (process.env['TENANT_ENFORCEMENT_ENABLED'] !== 'true') return 'off'
  const mode = process.env['TENANT_ENFORCEMENT_MODE']
  if (mode === 'disabled') return 'off'
  if (mode === 'log_only') return 'log'
  if (mode === 'enforce') return 'block'
  const enforce = (process.env['TENANT_ENFORCEMENT_ENFORCE_MODELS'] ?? '').split(',')
  if (enforce.includes(model)) return 'block'
  const log = (process.env['TENANT_ENFORCEMENT_LOG_MODELS'] ?? '').split(',')
  return log.includes(model) ? 'log' : 'allow'
}
