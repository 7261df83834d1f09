import type { Seed } from '../data/seed.ts'
import type { Rows, TableName } from '../data/tables.ts'

export type RowId = string | number
type TableOfRows = { [Table in TableName]: Map<RowId, Rows[Table]> }

/**
 * What must be in the database: the seed, and every write that was acknowledged since. Nothing here
 * asks the database or a wall.
 */
export interface ExpectedData {
  readonly tables: TableOfRows
  /** Audit entries made at run time: their ids are the database's business. */
  readonly auditMade: Rows['audit_logs'][]
  /** The tenant that owns a row, also of rows that are gone by now. */
  ownerOf(table: TableName, id: unknown): number | undefined
  add<Table extends TableName>(table: Table, row: Rows[Table]): void
  remove(table: TableName, id: RowId): void
}

export function createExpectedData(seed: Seed): ExpectedData {
  const owners = new Map<string, number>()
  const own = (table: TableName, row: { id: RowId; tenant_id: number }): void => {
    owners.set(`${table} ${row.id}`, row.tenant_id)
  }
  const fill = <Table extends TableName>(table: Table): Map<RowId, Rows[Table]> => {
    const rows = new Map<RowId, Rows[Table]>()
    for (const row of seed.rows[table]) {
      rows.set(row.id, { ...row })
      own(table, row)
    }
    return rows
  }
  const tables: TableOfRows = {
    users: fill('users'),
    refresh_tokens: fill('refresh_tokens'),
    password_reset_tokens: fill('password_reset_tokens'),
    mfa_backup_codes: fill('mfa_backup_codes'),
    audit_logs: fill('audit_logs'),
    roles: fill('roles'),
    user_roles: fill('user_roles'),
    security_alerts: fill('security_alerts'),
    role_permissions: fill('role_permissions'),
  }
  return {
    tables,
    auditMade: [],
    ownerOf: (table, id) => owners.get(`${table} ${String(id)}`),
    add(table, row) {
      // The map of this table holds rows of this table.
      const rows = tables[table] as Map<RowId, typeof row>
      rows.set(row.id, row)
      own(table, row)
    },
    remove(table, id) {
      tables[table].delete(id)
    },
  }
}
