import { createHash } from 'node:crypto'
import type pg from 'pg'
import { tableNames } from '../data/tables.ts'

/** Everything that tables hold of some tenants at one moment. */
export interface TenantRows {
  readonly fingerprint: string
  readonly rows: number
}

/** Reads all tables as they are at one moment, whoever writes meanwhile. */
export async function readTenantRows(
  client: pg.Client,
  tenantKeys: readonly number[],
): Promise<TenantRows> {
  const hash = createHash('sha256')
  let count = 0
  await client.query('begin isolation level repeatable read read only')
  for (const table of tableNames) {
    const { rows } = await client.query<{ row: string }>(
      `select stored::text as row from ${table} as stored where tenant_id = any($1) order by id`,
      [tenantKeys],
    )
    hash.update(`${table} ${rows.length}\n`)
    for (const { row } of rows) hash.update(`${row}\n`)
    count += rows.length
  }
  await client.query('commit')
  return { fingerprint: hash.digest('hex'), rows: count }
}
