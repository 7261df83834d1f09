import type pg from 'pg'
import type { TableName } from '../data/tables.ts'
import type { RowId } from './expected-data.ts'

/** A row as the database holds it. */
export type StoredRow = Record<string, unknown> & { id: RowId }

/** What the tables hold, kept from one look to the next so that only what was written is read again. */
export interface SeenTables {
  /** Every row of a table as it is now. */
  read(client: pg.Client, table: TableName): Promise<ReadonlyMap<RowId, StoredRow>>
  /** Forgets all rows: the next look reads every table as a whole. */
  forget(): void
}

interface Seen {
  readonly rows: Map<RowId, StoredRow>
  /** Every transaction before this one had ended when the rows were read. */
  readonly horizon: string
}

/**
 * PostgreSQL stamps each version of a row with the transaction that wrote it. A row whose stamp is
 * older than the horizon of the last look is the row that was read then; all others are read. What
 * is deleted leaves no stamp: then there are fewer rows than are known, and all ids are read.
 */
export function createSeenTables(): SeenTables {
  const known = new Map<TableName, Seen>()
  return {
    async read(client, table) {
      await client.query('begin isolation level repeatable read read only')
      const { rows: moments } = await client.query<{ horizon: string; count: number }>(
        `select (txid_snapshot_xmin(txid_current_snapshot()) % 4294967296)::text as horizon,
                (select count(*)::int from ${table}) as count`,
      )
      const [{ horizon, count } = { horizon: '0', count: 0 }] = moments
      const last = known.get(table)
      const rows = last?.rows ?? new Map<RowId, StoredRow>()
      const { rows: written } = await client.query<StoredRow>(
        last === undefined
          ? `select * from ${table}`
          : {
              text: `select * from ${table} where age(xmin) <= age(($1::text)::xid)`,
              values: [last.horizon],
            },
      )
      for (const row of written) rows.set(row.id, row)
      if (rows.size !== count) {
        const { rows: all } = await client.query<{ id: RowId }>(`select id from ${table}`)
        const there = new Set(all.map(({ id }) => id))
        for (const id of rows.keys()) if (!there.has(id)) rows.delete(id)
      }
      await client.query('commit')
      known.set(table, { rows, horizon })
      return rows
    },
    forget: () => known.clear(),
  }
}
