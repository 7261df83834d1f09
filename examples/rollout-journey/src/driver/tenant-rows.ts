import { createHash } from 'node:crypto'
import type pg from 'pg'
import { tableNames } from '../data/tables.ts'

/** Everything that the tables hold of these tenants, as one fingerprint. */
export async function readTenantRows(
  client: pg.Client,
  tenantKeys: readonly number[],
): Promise<string> {
  const hash = createHash('sha256')
  for (const table of tableNames) {
    const { rows } = await client.query<{ row: string }>(
      `select stored::text as row from ${table} as stored where tenant_id = any($1) order by id`,
      [tenantKeys],
    )
    hash.update(`${table} ${rows.length}\n`)
    for (const { row } of rows) hash.update(`${row}\n`)
  }
  return hash.digest('hex')
}
