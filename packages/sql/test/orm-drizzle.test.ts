import { guardDriver, guardPool } from '@partywall/sql/pg'
import { guardPostgres } from '@partywall/sql/postgres'
import { and, count, eq, sql } from 'drizzle-orm'
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres'
import { integer, type PgDatabase, pgTable, text } from 'drizzle-orm/pg-core'
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js'
import pg from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asAcme, asGlobex, isRefusal, refusedDuring } from './orm-shop.ts'
import { postgresOptions } from './postgres-shop.ts'
import { allRows, type Shop, startShop } from './shop.ts'

const orders = pgTable('orders', {
  id: integer('id'),
  tenantId: text('tenant_id'),
  item: text('item'),
})
const schema = { orders }

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

type Database = PgDatabase<never, typeof schema>
interface Opened {
  readonly db: Database
  readonly $client: unknown
  /** Sends a text by what Drizzle says is its client. */
  readonly around: (text: string) => unknown
  end(): Promise<void>
}

const drivers: Readonly<Record<string, () => Opened>> = {
  'a pool of pg': () => {
    const pool = guardPool(new pg.Pool({ connectionString: shop.url, max: 2 }), shop.guard)
    const db = drizzlePg(pool, { schema })
    const around = (query: string) => db.$client.query(query)
    return { db: db as unknown as Database, $client: db.$client, around, end: () => pool.end() }
  },
  'a client of pg': () => {
    const client = new (guardDriver(pg, shop.guard).Client)(shop.url)
    const connected = client.connect()
    const db = drizzlePg(client, { schema })
    const around = (query: string) => db.$client.query(query)
    return {
      db: db as unknown as Database,
      $client: db.$client,
      around,
      end: () => connected.then(() => client.end()),
    }
  },
  'postgres.js': () => {
    const client = guardPostgres(postgres({ ...postgresOptions(shop.url), max: 2 }), shop.guard)
    const db = drizzlePostgres(client, { schema })
    const around = (query: string) => db.$client.unsafe(query)
    return { db: db as unknown as Database, $client: db.$client, around, end: () => client.end() }
  },
}

describe.each(Object.entries(drivers))('Drizzle on %s', (_, open) => {
  let opened: Opened
  beforeAll(() => {
    opened = open()
  })
  afterAll(() => opened.end())

  it('is answered where it is confined, and asks nothing of its own', async () => {
    const { db } = opened
    const own = () =>
      db
        .select({ item: orders.item })
        .from(orders)
        .where(eq(orders.tenantId, 'acme'))
        .orderBy(orders.id)
    const expected = [{ item: 'ink' }, { item: 'pen' }]
    const work = async (): Promise<void> => {
      expect(await own()).toEqual(expected)
      expect(await own().prepare('own_orders').execute()).toEqual(expected)
      expect(
        await db.query.orders.findMany({
          columns: { item: true },
          where: (table) => eq(table.tenantId, 'acme'),
          orderBy: (table) => table.id,
        }),
      ).toEqual(expected)
      const made = await db.transaction(async (one) => {
        await one.insert(orders).values({ id: 3, tenantId: 'acme', item: 'pad' })
        await one.transaction(async (inner) => {
          await inner
            .update(orders)
            .set({ item: 'cap' })
            .where(and(eq(orders.tenantId, 'acme'), eq(orders.id, 3)))
        })
        return one
          .delete(orders)
          .where(and(eq(orders.tenantId, 'acme'), eq(orders.id, 3)))
          .returning({ item: orders.item })
      })
      expect(made).toEqual([{ item: 'cap' }])
    }
    expect(await asAcme(() => refusedDuring(work))).toEqual([])
    expect(await shop.rows()).toEqual(allRows)
  })

  it('is refused where it leaks', async () => {
    const { db } = opened
    const leaks: readonly (() => unknown)[] = [
      () => db.select().from(orders),
      () => db.select({ all: count() }).from(orders),
      () => db.select().from(orders).where(eq(orders.tenantId, 'globex')),
      () => db.query.orders.findFirst(),
      () => db.$count(orders),
      () => db.select().from(orders).where(sql`${orders.tenantId} = ${'acme'} or true`),
      () => db.execute(sql`select * from orders`),
      () => db.execute(sql.raw('delete from orders')),
      () => db.insert(orders).values({ id: 9, tenantId: 'globex', item: 'x' }),
      () => db.update(orders).set({ item: 'x' }),
      () => db.delete(orders).where(eq(orders.id, 1)),
      () => db.transaction((one) => one.delete(orders)),
      () => db.transaction((one) => one.transaction((inner) => inner.select().from(orders))),
      () => db.select().from(orders).prepare('every_order').execute(),
    ]
    for (const leak of leaks) {
      await expect(asAcme(async () => leak())).rejects.toSatisfy(isRefusal)
    }
    expect(await shop.rows()).toEqual(allRows)
  })

  it('has no way out by $client', async () => {
    const every = async () => opened.around('select * from orders')
    await expect(asAcme(every)).rejects.toSatisfy(isRefusal)
    const own = `select item from orders where tenant_id = 'globex'`
    await expect(asGlobex(async () => opened.around(own))).resolves.toBeDefined()
    for (const member of ['connection', '_clients', '_idle', 'Client', 'options']) {
      const value = Reflect.get(Object(opened.$client), member)
      for (const way of ['query', 'stream', 'socket', 'shared', 'pass', 'Client']) {
        expect(Reflect.get(Object(value), way), `${member}.${way}`).toBeUndefined()
      }
    }
  })
})
