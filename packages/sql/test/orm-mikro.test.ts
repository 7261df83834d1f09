import { EntitySchema, knex, MikroORM, PostgreSqlKnexDialect } from '@mikro-orm/postgresql'
import { guardDriver } from '@partywall/sql/pg'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { asAcme, connectionOf, refusedDuring } from './orm-shop.ts'
import { allRows, refused, type Shop, startShop } from './shop.ts'

interface Order {
  id: number
  tenant_id: string
  item: string
}

const Order = new EntitySchema<Order>({
  name: 'Order',
  tableName: 'orders',
  properties: {
    id: { type: 'integer', primary: true },
    tenant_id: { type: 'text', primary: true },
    item: { type: 'text' },
  },
})

/** The same without the owner in its key. */
const Single = new EntitySchema<Order>({
  name: 'Single',
  tableName: 'orders',
  properties: {
    id: { type: 'integer', primary: true },
    tenant_id: { type: 'text' },
    item: { type: 'text' },
  },
})

let shop: Shop
let orm: MikroORM
let atStart: readonly string[]
beforeAll(async () => {
  shop = await startShop()
  const driver = guardDriver(pg, shop.guard)
  // Knex's types do not know what it calls.
  class GuardedDialect extends PostgreSqlKnexDialect {
    _driver(): unknown {
      return driver
    }
  }
  atStart = await refusedDuring(async () => {
    orm = await MikroORM.init({
      dbName: connectionOf(shop.url).database,
      entities: [Order, Single],
      discovery: { checkDuplicateTableNames: false },
      // It would look for the database by its name.
      ensureDatabase: false,
      driverOptions: knex({ client: GuardedDialect as never, connection: connectionOf(shop.url) }),
    })
  })
})
afterAll(async () => {
  await orm.close(true)
  await shop.stop()
})

it('lets what MikroORM asks for itself pass', async () => {
  expect(atStart).toEqual([])
  expect(await refusedDuring(() => orm.isConnected())).toEqual([])
})

it('answers MikroORM where it is confined', async () => {
  await asAcme(async () => {
    const em = orm.em.fork()
    const rows = await em.find(Order, { tenant_id: 'acme' }, { orderBy: { id: 'asc' } })
    expect(rows.map(({ item }) => item)).toEqual(['ink', 'pen'])
    expect(await em.count(Order, { tenant_id: 'acme' })).toBe(2)
    await em.transactional(async (one) => {
      await one.insert(Order, { id: 3, tenant_id: 'acme', item: 'pad' })
      await one.transactional(async (inner) => {
        await inner.nativeUpdate(Order, { tenant_id: 'acme', id: 3 }, { item: 'cap' })
      })
      expect(await one.nativeDelete(Order, { tenant_id: 'acme', id: 3 })).toBe(1)
    })
    const managed = em.create(Order, { id: 4, tenant_id: 'acme', item: 'box' })
    await em.persistAndFlush(managed)
    managed.item = 'bag'
    await em.flush()
    await em.removeAndFlush(managed)
  })
  expect(await shop.rows()).toEqual(allRows)
})

it('refuses MikroORM where it leaks', async () => {
  const em = orm.em.fork()
  const leaks: readonly (() => Promise<unknown>)[] = [
    () => em.fork().find(Order, {}),
    () => em.fork().findOne(Order, { id: 1 }),
    () => em.fork().find(Order, { tenant_id: 'globex' }),
    () => em.fork().count(Order),
    () => em.insert(Order, { id: 9, tenant_id: 'globex', item: 'x' }),
    () => em.nativeUpdate(Order, { id: 1 }, { item: 'x' }),
    () => em.nativeDelete(Order, { id: 1 }),
    () => em.getConnection().execute('select * from orders'),
    () => em.getConnection().execute('select * from orders where tenant_id = ? or true', ['acme']),
    () => em.transactional((one) => one.find(Order, {})),
    async () => em.getKnex()('orders').select(),
    async () => {
      const fork = em.fork()
      await fork.persistAndFlush(fork.create(Order, { id: 9, tenant_id: 'globex', item: 'x' }))
    },
  ]
  // MikroORM puts its statement in front of the message.
  const told = { code: refused.code, message: expect.stringContaining(refused.message) }
  for (const leak of leaks) await expect(asAcme(leak)).rejects.toMatchObject(told)
  expect(await shop.rows()).toEqual(allRows)
})

it('refuses what the unit of work sends for a key without the owner', async () => {
  await asAcme(async () => {
    const em = orm.em.fork()
    const one = await em.findOneOrFail(Single, { tenant_id: 'acme', id: 1 })
    one.item = 'cap'
    await expect(em.flush()).rejects.toMatchObject({ code: refused.code })
    await expect(em.fork().removeAndFlush(one)).rejects.toMatchObject({ code: refused.code })
    await em.fork().nativeUpdate(Single, { tenant_id: 'acme', id: 1 }, { item: 'ink' })
  })
  expect(await shop.rows()).toEqual(allRows)
})
