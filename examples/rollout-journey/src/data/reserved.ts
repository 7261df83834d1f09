import type { Random } from './random.ts'
import type { SeedRows } from './seed.ts'
import { seedEndsAt } from './tables.ts'
import { tenants } from './tenants.ts'

/**
 * Rows that leaking writes aim at. Each is used by one request and by nothing else, so whatever
 * happens to it is that request's doing.
 */
export interface Reserved {
  /** People who left every tenant at once: one address, an account and a session with each. */
  readonly leavers: readonly string[]
  /** Backup codes by the tenant that owns them. */
  readonly backupCodes: ReadonlyMap<number, readonly number[]>
  /** Names of batches of used reset tokens; every tenant has tokens in every batch. */
  readonly resetBatches: readonly string[]
  /** Alerts by the reference that a vendor gave them, and the tenant that owns each. */
  readonly vendorAlerts: readonly { readonly ref: string; readonly tenantKey: number }[]
}

/** How many requests of one kind can run before the rows are restored. */
const reservedPerKind = 240

/** Sets rows aside in every tenant. */
export function seedReserved(random: Random, rows: SeedRows): Reserved {
  const numbers = Array.from({ length: reservedPerKind }, (_, n) => n)
  const leavers = numbers.map((n) => `leaver-${n}@agency.example`)
  const resetBatches = numbers.map((n) => `batch-${n}`)
  const backupCodes = new Map<number, number[]>()
  for (const { key } of tenants) {
    const codes: number[] = []
    for (const n of numbers) {
      const userId = random.uuid()
      rows.users.push({
        id: userId,
        tenant_id: key,
        email: `leaver-${n}@agency.example`,
        name: `Leaver ${n}`,
        status: 'left',
        locale: 'en',
        secret_hash: random.uuid(),
        created_at: seedEndsAt,
      })
      rows.refresh_tokens.push({
        id: random.uuid(),
        tenant_id: key,
        user_id: userId,
        device: 'web',
        token_hash: random.uuid(),
        issued_at: seedEndsAt,
      })
      for (let used = 0; used < 2; used += 1) {
        rows.password_reset_tokens.push({
          id: random.uuid(),
          tenant_id: key,
          user_id: userId,
          batch: `batch-${n}`,
          used: true,
          code_hash: random.uuid(),
        })
      }
      const code = rows.mfa_backup_codes.length + 1
      rows.mfa_backup_codes.push({
        id: code,
        tenant_id: key,
        user_id: userId,
        code_hash: random.uuid(),
        used: false,
      })
      codes.push(code)
    }
    backupCodes.set(key, codes)
  }
  const vendorAlerts = numbers.map((n) => {
    const tenant = tenants[n % tenants.length]
    if (tenant === undefined) throw new Error('there are no tenants')
    const ref = `vendor-${n}`
    rows.security_alerts.push({
      id: random.uuid(),
      tenant_id: tenant.key,
      email: `leaver-${n}@agency.example`,
      kind: 'token_reuse',
      status: 'muted',
      source_ref: ref,
      seen_count: 1,
    })
    return { ref, tenantKey: tenant.key }
  })
  return { leavers, backupCodes, resetBatches, vendorAlerts }
}
