import type { KeyObject } from 'node:crypto'
import { Kysely, PostgresDialect } from 'kysely'
import type pg from 'pg'
import type { Boundary } from './app.ts'
import { identifyByToken } from './caller.ts'
import type { Database, Tables } from './database.ts'

/** The database as it is reached without any wall. */
export function plainDatabase(pool: pg.Pool): Database {
  return {
    kysely: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }),
    pg: { query: (text, values) => pool.query(text, [...values]) },
  }
}

/** The service's own check of its tokens, and nothing else. */
export function plainBoundary(tokenKey: KeyObject): Boundary {
  return {
    before: [],
    identify: identifyByToken(tokenKey),
    loginTenant: (request) => {
      const tenant = request.headers['x-tenant-id']
      return typeof tenant === 'string' ? tenant : undefined
    },
    onError: [],
  }
}
