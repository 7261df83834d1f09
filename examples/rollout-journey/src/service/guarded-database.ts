import type { Enforcement } from '@partywall/context/spi'
import { createGuard } from '@partywall/sql'
import { guardDialect } from '@partywall/sql/kysely'
import { guardPool } from '@partywall/sql/pg'
import { Kysely, PostgresDialect } from 'kysely'
import type pg from 'pg'
import type { Database, Tables } from './database.ts'
import { tenantSchema } from './tenant-schema.ts'

/** The database with the guard at both of its doors: the builder's, and the driver's. */
export async function guardedDatabase(pool: pg.Pool, enforcement: Enforcement): Promise<Database> {
  const guard = await createGuard(tenantSchema(), { enforcement })
  const guarded = guardPool(pool, guard)
  return {
    kysely: new Kysely<Tables>({ dialect: guardDialect(new PostgresDialect({ pool }), guard) }),
    pg: { query: (text, values) => guarded.query(text, [...values]) },
  }
}
