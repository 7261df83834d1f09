import type { Client } from 'pg'
import type { SeedRows } from './seed.ts'
import { generatedIds, schemaSql, tableNames } from './tables.ts'

/** Makes the tables and fills them: one statement per table. */
export async function loadSeed(client: Client, rows: SeedRows): Promise<void> {
  await client.query('begin')
  await client.query(schemaSql)
  for (const table of tableNames) {
    await client.query(
      `insert into ${table} select * from json_populate_recordset(null::${table}, $1)`,
      [JSON.stringify(rows[table])],
    )
  }
  // Rows made at run time must not collide with those of the seed.
  for (const table of generatedIds) {
    await client.query(`alter table ${table} alter column id restart with 1000000`)
  }
  await client.query('commit')
  await client.query('analyze')
}
