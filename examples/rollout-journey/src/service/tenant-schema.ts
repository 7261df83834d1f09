import { defineTenantSchema, type OwnerTable, owner, type TenantSchema } from '@partywall/sql'
import { models } from '../data/models.ts'
import type { TableName } from '../data/tables.ts'
import { tenantKey } from '../data/tenants.ts'
import type { Tables } from './database.ts'

/** Whose rows each table holds, as the guard has to know it: all of them belong to a tenant. */
export function tenantSchema(): TenantSchema {
  return defineTenantSchema<Tables>(
    {
      users: table('users', [
        'id',
        'tenant_id',
        'email',
        'name',
        'status',
        'locale',
        'secret_hash',
        'created_at',
      ]),
      refresh_tokens: table('refresh_tokens', [
        'id',
        'tenant_id',
        'user_id',
        'device',
        'token_hash',
        'issued_at',
      ]),
      password_reset_tokens: table('password_reset_tokens', [
        'id',
        'tenant_id',
        'user_id',
        'batch',
        'used',
        'code_hash',
      ]),
      mfa_backup_codes: table('mfa_backup_codes', [
        'id',
        'tenant_id',
        'user_id',
        'code_hash',
        'used',
      ]),
      audit_logs: table('audit_logs', ['id', 'tenant_id', 'actor_id', 'action', 'subject', 'at']),
      roles: table('roles', ['id', 'tenant_id', 'name', 'description']),
      user_roles: table('user_roles', ['id', 'tenant_id', 'subject', 'role_id']),
      security_alerts: table('security_alerts', [
        'id',
        'tenant_id',
        'email',
        'kind',
        'status',
        'source_ref',
        'seen_count',
      ]),
      role_permissions: table('role_permissions', ['id', 'tenant_id', 'role_id', 'permission']),
    },
    { tenantKey },
  )
}

function table(name: TableName, columns: readonly string[]): OwnerTable<'tenant_id'> {
  const found = models.find((candidate) => candidate.table === name)
  if (found === undefined) throw new Error('a table has no model')
  const { model, severity } = found
  return owner('tenant_id', { model, severity, type: 'int4', columns })
}
