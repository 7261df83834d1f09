import { guardDialect } from '@partywall/sql/kysely'
import { guardPool } from '@partywall/sql/pg'
import { guardPostgres } from '@partywall/sql/postgres'
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import postgres from 'postgres'
import { postgresOptions } from './postgres-shop.ts'
import { CountingClient, type Shop, type ShopTables } from './shop.ts'

/** One way to a guarded database, the same for all of them. */
export interface Door {
  /** Sends by whatever connection is free. */
  send(text: string, values?: readonly unknown[]): Promise<readonly unknown[]>
  /** Sends everything by one connection, which goes back to its pool whatever happens. */
  hold<Result>(work: (send: Door['send']) => Promise<Result>): Promise<Result>
  end(): Promise<void>
}

export const doorNames = ['pg', 'Kysely', 'postgres'] as const
export type DoorName = (typeof doorNames)[number]

/** What postgres.js asks for itself at every connection, and what the guard opens it with. */
const ownQuestion = /typarray|^$/

/** postgres.js reads NULL in a list as a text. */
function withNullsInLists(row: object): object {
  const read = (value: unknown): unknown => (value === 'NULL' ? null : value)
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(read) : value,
    ]),
  )
}

const doors: Readonly<Record<DoorName, (shop: Shop) => Door>> = {
  pg: ({ url, guard }) => {
    const pool = guardPool(
      new pg.Pool({ connectionString: url, max: 1, Client: CountingClient }),
      guard,
    )
    return {
      send: async (text, values = []) => (await pool.query(text, [...values])).rows,
      hold: async (work) => {
        const client = await pool.connect()
        try {
          return await work(
            async (text, values = []) => (await client.query(text, [...values])).rows,
          )
        } finally {
          client.release()
        }
      },
      end: () => pool.end(),
    }
  },
  Kysely: ({ url, guard }) => {
    const pool = new pg.Pool({ connectionString: url, max: 1, Client: CountingClient })
    const db = new Kysely<ShopTables>({
      dialect: guardDialect(new PostgresDialect({ pool }), guard),
    })
    const through = (one: Kysely<ShopTables>): Door['send'] => {
      return async (text, values = []) =>
        (await one.executeQuery(CompiledQuery.raw(text, [...values]))).rows
    }
    return {
      send: through(db),
      hold: (work) => db.connection().execute((one) => work(through(one))),
      end: () => db.destroy(),
    }
  },
  postgres: ({ url, guard }) => {
    const raw = postgres({
      ...postgresOptions(url),
      max: 1,
      transform: { undefined: null },
      debug: (_, text) => ownQuestion.test(text) || CountingClient.sent.push(text),
    })
    const sql = guardPostgres(raw, guard)
    const through = (one: Pick<typeof sql, 'unsafe'>): Door['send'] => {
      // Its types know no values of our tests.
      return async (text, values = []) =>
        (await one.unsafe(text, [...values] as never[])).map(withNullsInLists)
    }
    return {
      send: through(sql),
      hold: async (work) => {
        const own = await sql.reserve()
        try {
          return await work(through(own))
        } finally {
          own.release()
        }
      },
      end: () => sql.end(),
    }
  },
}

/** Opens a guarded way to the shop, with one connection. */
export function openDoor(name: DoorName, shop: Shop): Door {
  return doors[name](shop)
}
