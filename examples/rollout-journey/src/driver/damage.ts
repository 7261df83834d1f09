import type pg from 'pg'
import { type Rows, type TableName, tableNames } from '../data/tables.ts'
import type { LeakKind } from '../leaks/leak.ts'
import type { Answer } from './exchange.ts'
import type { ExpectedData, RowId } from './expected-data.ts'
import type { StoredRow } from './seen-tables.ts'
import type { World } from './world.ts'

/** A row that is not as it must be. */
export interface Damage {
  readonly table: TableName
  readonly id: RowId
  readonly what: 'missing' | 'extra' | 'changed'
  /** The leak whose reserved rows it belongs to; `undefined` is never acceptable. */
  readonly by: LeakKind | undefined
}

/** Compares the database with what must be in it, table by table and row by row. */
export async function findDamage(client: pg.Client, world: World): Promise<Damage[]> {
  const damage: Damage[] = []
  for (const table of tableNames) {
    const stored = await world.seen.read(client, table)
    // Rows of every table have an id; the comparison below takes them column by column.
    const wanted = world.expected.tables[table] as ReadonlyMap<RowId, unknown> as Map<
      RowId,
      StoredRow
    >
    const made: StoredRow[] = []
    let seen = 0
    for (const row of stored.values()) {
      const expected = wanted.get(row.id)
      if (expected === undefined) {
        if (table === 'audit_logs') made.push(row)
        else damage.push({ table, id: row.id, what: 'extra', by: authorOf(world, table, row) })
        continue
      }
      seen += 1
      for (const column in expected) {
        if (expected[column] !== row[column]) {
          damage.push({ table, id: row.id, what: 'changed', by: authorOf(world, table, expected) })
          break
        }
      }
    }
    if (seen < wanted.size) {
      for (const [id, row] of wanted) {
        if (!stored.has(id)) {
          damage.push({ table, id, what: 'missing', by: authorOf(world, table, row) })
        }
      }
    }
    if (table === 'audit_logs') damage.push(...compareMade(world.expected, made))
  }
  return damage
}

/**
 * How many rows each leak must have damaged, by what the answers admit: each foreign row that a
 * leaking write says it touched is one damaged row, and a leak that only reads damages none.
 */
function admittedDamage(answers: readonly Answer[]): ReadonlyMap<LeakKind, number> {
  const admitted = new Map<LeakKind, number>()
  for (const { leak, foreign } of answers) {
    if (leak === undefined || foreign === 0 || !writingLeaks.has(leak)) continue
    admitted.set(leak, (admitted.get(leak) ?? 0) + foreign)
  }
  return admitted
}

/** What of the damage no answer admits, and what the answers admit that is not there. */
export function unexplainedDamage(
  damage: readonly Damage[],
  answers: readonly Answer[],
): readonly string[] {
  const left = new Map(admittedDamage(answers))
  const unexplained: string[] = []
  for (const { table, id, what, by } of damage) {
    const rows = by === undefined ? 0 : (left.get(by) ?? 0)
    if (by === undefined || rows === 0) unexplained.push(`${what} ${table} ${String(id)}`)
    else left.set(by, rows - 1)
  }
  for (const [kind, rows] of left) {
    if (rows > 0) unexplained.push(`${rows} rows fewer than ${kind} admits`)
  }
  return unexplained
}

/** The leaks that write: the others show rows and leave them as they are. */
const writingLeaks: ReadonlySet<LeakKind> = new Set([
  'update-by-id',
  'delete-through-subquery',
  'insert-foreign-tenant',
  'background-job',
  'upsert-global-key',
])

/** Transactions that somebody left open, although every request is answered. */
export async function countOpenTransactions(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ open: number }>(
    `select count(*)::int as open
       from pg_stat_activity
      where datname = current_database() and state like 'idle in transaction%'`,
  )
  return rows[0]?.open ?? 0
}

/** Puts damaged rows back, and the reserved ones that were used up by right. */
export async function restore(
  client: pg.Client,
  world: World,
  damage: readonly Damage[],
): Promise<void> {
  refillReserved(world)
  for (const table of tableNames) {
    const ids = damage.filter((entry) => entry.table === table).map(({ id }) => id)
    if (ids.length > 0) await client.query(`delete from ${table} where id = any($1)`, [ids])
  }
  await client.query(
    `delete from security_alerts where source_ref like '%:vendor-%' or (source_ref like 'vendor-%' and status <> 'muted')`,
  )
  for (const table of restorable) {
    const { rows } = await client.query<{ id: RowId }>(`select id from ${table}`)
    const there = new Set(rows.map(({ id }) => id))
    const missing = [...world.expected.tables[table].values()].filter((row) => !there.has(row.id))
    if (missing.length === 0) continue
    await client.query(
      `insert into ${table} select * from json_populate_recordset(null::${table}, $1)`,
      [JSON.stringify(missing)],
    )
  }
  world.releaseReservations()
}

/** The tables that leaking writes aim at. */
const restorable = [
  'refresh_tokens',
  'password_reset_tokens',
  'mfa_backup_codes',
  'security_alerts',
] as const

/** What the driver itself expects of the reserved rows is again what the seed says. */
function refillReserved({ seed, expected }: World): void {
  const leavers = new Set(
    seed.rows.users.filter(({ status }) => status === 'left').map(({ id }) => id),
  )
  for (const row of seed.rows.refresh_tokens) {
    if (leavers.has(row.user_id)) expected.add('refresh_tokens', { ...row })
  }
  for (const row of seed.rows.password_reset_tokens) {
    expected.add('password_reset_tokens', { ...row })
  }
  for (const [id, row] of expected.tables.security_alerts) {
    if (/^\d+:vendor-/.test(row.source_ref)) expected.remove('security_alerts', id)
  }
}

function authorOf(world: World, table: TableName, row: StoredRow): LeakKind | undefined {
  const text = (column: string): string => String(row[column])
  switch (table) {
    case 'mfa_backup_codes': {
      const codes = [...world.seed.reserved.backupCodes.values()].flat()
      return codes.some((id) => id === row.id) ? 'update-by-id' : undefined
    }
    case 'refresh_tokens': {
      const owner = world.expected.tables.users.get(text('user_id'))
      return owner?.status === 'left' ? 'delete-through-subquery' : undefined
    }
    case 'password_reset_tokens':
      return text('batch').startsWith('batch-') ? 'background-job' : undefined
    case 'security_alerts':
      if (text('source_ref').startsWith('import-')) return 'insert-foreign-tenant'
      return text('source_ref').startsWith('vendor-') ? 'upsert-global-key' : undefined
    case 'users':
    case 'audit_logs':
    case 'roles':
    case 'user_roles':
    case 'role_permissions':
      // No leaking write aims at these.
      return undefined
  }
}

/** Audit entries of the run have no known ids: each expected one must be there exactly once. */
function compareMade(expected: ExpectedData, stored: readonly StoredRow[]): Damage[] {
  const key = (row: Omit<Rows['audit_logs'], 'id'>): string =>
    [row.tenant_id, row.actor_id, row.action, row.subject, row.at].join(' ')
  const wanted = new Map<string, number>()
  for (const row of expected.auditMade) wanted.set(key(row), (wanted.get(key(row)) ?? 0) + 1)
  const damage: Damage[] = []
  for (const row of stored) {
    // Rows of this table, read column by column above.
    const found = key(row as unknown as Rows['audit_logs'])
    const left = wanted.get(found) ?? 0
    if (left === 0) damage.push({ table: 'audit_logs', id: row.id, what: 'extra', by: undefined })
    else wanted.set(found, left - 1)
  }
  for (const [found, left] of wanted) {
    if (left > 0) damage.push({ table: 'audit_logs', id: found, what: 'missing', by: undefined })
  }
  return damage
}
