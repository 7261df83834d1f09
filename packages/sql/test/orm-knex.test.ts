import { runAsSystem } from '@partywall/context'
import { createGuard, type Guard } from '@partywall/sql'
import { guardDriver, guardPool } from '@partywall/sql/pg'
import knex, { type Knex } from 'knex'
// @ts-expect-error it comes without types
import PgClient from 'knex/lib/dialects/postgres/index.js'
import pg from 'pg'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { asAcme, asGlobex, connectionOf, refusedDuring } from './orm-shop.ts'
import { allRows, bypassingSystem, refused, type Shop, shopSchema, startShop } from './shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

/** Two ways to give Knex the guard: the driver for its own pool, or a pool of yours. */
const ways = {
  'by its driver': (guard: Guard = shop.guard): Knex => {
    const driver = guardDriver(pg, guard)
    class GuardedClient extends PgClient {
      _driver(): unknown {
        return driver
      }
    }
    // Its types do not know what it calls.
    const client = GuardedClient as unknown as typeof Knex.Client
    return knex({ client, connection: connectionOf(shop.url), pool: { min: 0, max: 1 } })
  },
  'by its pool': (): Knex => {
    const pool = guardPool(new pg.Pool({ connectionString: shop.url }), shop.guard)
    onTestFinished(() => pool.end())
    return knex({ client: 'pg', connectionPool: pool } as Knex.Config)
  },
}

it.each(Object.entries(ways))('guards Knex %s', async (way, open) => {
  const db = open()
  onTestFinished(() => db.destroy())
  const own = () => db('orders').select('item').where({ tenant_id: 'acme' }).orderBy('id')
  const expected = [{ item: 'ink' }, { item: 'pen' }]

  // What it asks for itself passes.
  expect(await refusedDuring(() => db.raw('select 1'))).toEqual([])
  await asAcme(async () => {
    expect(await own()).toEqual(expected)
    const made = await db.transaction(async (one) => {
      await one('orders').insert({ id: 3, tenant_id: 'acme', item: 'pad' })
      await one.transaction(async (inner) => {
        await inner('orders').where({ tenant_id: 'acme', id: 3 }).update({ item: 'cap' })
      })
      return one('orders').where({ tenant_id: 'acme', id: 3 }).delete().returning('item')
    })
    expect(made).toEqual([{ item: 'cap' }])
  })

  const leaks: readonly (() => Promise<unknown>)[] = [
    async () => db('orders').select('item'),
    async () => db('orders').where({ tenant_id: 'globex' }).first(),
    async () => db('orders').count(),
    async () => db('orders').insert({ id: 9, tenant_id: 'globex', item: 'x' }),
    async () => db('orders').update({ item: 'x' }),
    async () => db('orders').where({ id: 1 }).delete(),
    async () => db.raw('select * from orders where tenant_id = ? or true', ['acme']),
    async () => db('orders').whereRaw('true').pluck('item'),
    async () => db.transaction((one) => one('orders').select()),
    async () => {
      const client = await db.client.acquireConnection()
      try {
        await client.query('select * from orders')
      } finally {
        await db.client.releaseConnection(client)
      }
    },
  ]
  // Knex puts its statement in front of the message.
  const told = { code: refused.code, message: expect.stringMatching(`${refused.message}$`) }
  for (const leak of leaks) await expect(asAcme(leak)).rejects.toMatchObject(told)
  await expect(asGlobex(async () => [...(await own())])).rejects.toMatchObject(told)
  // Of a pool that is not its own, Knex 3.3 frees the client of a stream twice.
  if (way === 'by its driver') {
    const streamed: unknown[] = []
    await asAcme(async () => {
      for await (const row of own().stream()) streamed.push(row)
    })
    expect(streamed).toEqual(expected)
    const stream = async (): Promise<void> => {
      for await (const _row of db('orders').select().stream()) return
    }
    await expect(asAcme(stream)).rejects.toMatchObject({ code: refused.code })
    const failing = async (): Promise<void> => {
      for await (const _row of own().select(db.raw('1 / (id - 2)')).stream());
    }
    await expect(asAcme(failing)).rejects.toMatchObject({ code: '22012' })
    // Its only connection is free again.
    expect(await asAcme(async () => [...(await own())])).toEqual(expected)
  }
  expect(await shop.rows()).toEqual(allRows)
})

it('gives tenants of Knex a clean connection after the system changed one', async () => {
  const guard = await createGuard(shopSchema, { enforcement: bypassingSystem })
  const db = ways['by its driver'](guard)
  onTestFinished(() => db.destroy())
  const own = async () => db('orders').select('item').where({ tenant_id: 'acme' })
  const asSystem = <Result>(work: () => Result): Result =>
    runAsSystem({ actor: 'nightly', reason: 'nightly_report' }, work)
  for (const text of ['set role pg_monitor', 'create temp table orders (item text)']) {
    await asSystem(async () => db.raw(text))
    expect(await asAcme(own)).toHaveLength(2)
    // A transaction of the system is not ended for a tenant.
    const client = await db.client.acquireConnection()
    await asSystem(() => client.query('begin'))
    await asSystem(() => client.query(text))
    const theirs = () => client.query(`select item from orders where tenant_id = 'acme'`)
    await expect(asAcme(theirs)).rejects.toMatchObject({ code: refused.code })
    await asSystem(() => client.query('rollback'))
    const told = new Promise((resolve) => {
      const each = (_: unknown, reply: { rowCount: number }) => resolve(reply.rowCount)
      asAcme(() => client.query(`select item from orders where tenant_id = 'acme'`, each))
    })
    expect(await told).toBe(2)
    await db.client.releaseConnection(client)
  }
})
