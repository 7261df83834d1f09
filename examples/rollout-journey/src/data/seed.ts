import { type LaneUser, seedPeople } from './people.ts'
import { seededRandom } from './random.ts'
import { type Reserved, seedReserved } from './reserved.ts'
import { type Rows, seedEndsAt, type TableName, tableNames } from './tables.ts'
import { tenants } from './tenants.ts'

export type SeedRows = { readonly [Table in TableName]: Rows[Table][] }

/** Everything that the service starts with, and who in it is set aside for what. */
export interface Seed {
  readonly rows: SeedRows
  /** Who sends the load. No other request touches their rows. */
  readonly lanes: readonly LaneUser[]
  /** E-mail addresses of people who have an account with every tenant. */
  readonly contractors: readonly string[]
  readonly reserved: Reserved
}

/** How many rows the service starts with. */
export const seededRowCount = 50_000

const auditActions = ['login', 'export', 'invite', 'rename', 'delete', 'approve'] as const
const alertKinds = ['impossible_travel', 'new_device', 'password_spray', 'token_reuse'] as const
const monthsMs = 90 * 24 * 3_600_000

/** The same rows for the same number, whoever asks. */
export function createSeed(seed: number): Seed {
  const random = seededRandom(seed)
  const rows: SeedRows = {
    users: [],
    refresh_tokens: [],
    password_reset_tokens: [],
    mfa_backup_codes: [],
    audit_logs: [],
    roles: [],
    user_roles: [],
    security_alerts: [],
    role_permissions: [],
  }
  const { lanes, contractors, residents } = seedPeople(random, rows)
  const reserved = seedReserved(random, rows)

  for (const { tenantKey, userId } of residents) {
    for (let n = 0; n < 2; n += 1) {
      rows.refresh_tokens.push({
        id: random.uuid(),
        tenant_id: tenantKey,
        user_id: userId,
        device: random.chance(0.2) ? 'kiosk' : random.pick(['web', 'ios', 'android']),
        token_hash: random.uuid(),
        issued_at: pastTime(random.fraction()),
      })
      rows.mfa_backup_codes.push({
        id: rows.mfa_backup_codes.length + 1,
        tenant_id: tenantKey,
        user_id: userId,
        code_hash: random.uuid(),
        used: random.chance(0.3),
      })
    }
  }
  for (const { key } of tenants) {
    const emails = rows.users.filter((user) => user.tenant_id === key).map((user) => user.email)
    for (let n = 0; n < 320; n += 1) {
      rows.security_alerts.push({
        id: random.uuid(),
        tenant_id: key,
        email: n < contractors.length ? (contractors[n] ?? '') : random.pick(emails),
        kind: random.pick(alertKinds),
        status: random.pick(['open', 'closed']),
        source_ref: `sensor-${key}-${n}`,
        seen_count: 1 + random.below(9),
      })
    }
  }
  const owners = rows.users.filter((user) => user.status === 'active')
  const missing = seededRowCount - countRows(rows)
  for (let n = 0; n < missing; n += 1) {
    const actor = random.pick(owners)
    rows.audit_logs.push({
      id: n + 1,
      tenant_id: actor.tenant_id,
      actor_id: actor.id,
      action: random.pick(auditActions),
      subject: `document-${random.below(500)}`,
      at: pastTime(random.fraction()),
    })
  }
  return { rows, lanes, contractors, reserved }
}

function pastTime(fraction: number): string {
  return new Date(Date.parse(seedEndsAt) - 1 - Math.floor(fraction * monthsMs)).toISOString()
}

function countRows(rows: SeedRows): number {
  return tableNames.reduce((sum, table) => sum + rows[table].length, 0)
}
