import { guardDialect } from '@partywall/sql/kysely'
import { guardPool } from '@partywall/sql/pg'
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { CountingClient, type Shop, type ShopTables } from './shop.ts'

/** One way to a guarded database, the same for `pg` and for Kysely. */
export interface Door {
  /** Sends by whatever connection is free. */
  send(text: string, values?: readonly unknown[]): Promise<readonly unknown[]>
  /** Sends everything by one connection, which goes back to its pool whatever happens. */
  hold<Result>(work: (send: Door['send']) => Promise<Result>): Promise<Result>
  end(): Promise<void>
}

const doors: Readonly<Record<'pg' | 'Kysely', (shop: Shop) => Door>> = {
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
}

export const doorNames: readonly ['pg', 'Kysely'] = ['pg', 'Kysely']

/** Opens a guarded way to the shop, with one connection. */
export function openDoor(name: 'pg' | 'Kysely', shop: Shop): Door {
  return doors[name](shop)
}
