import { guardDriver } from '@partywall/sql/pg'
import pg from 'pg'
import { DataSource, EntitySchema, In } from 'typeorm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { asAcme, connectionOf, isRefusal, refusedDuring } from './orm-shop.ts'
import { allRows, type Shop, startShop } from './shop.ts'

interface Order {
  id: number
  tenant_id: string
  item: string
}

const Order = new EntitySchema<Order>({
  name: 'orders',
  columns: {
    id: { type: 'int', primary: true },
    tenant_id: { type: 'text', primary: true },
    item: { type: 'text' },
  },
})

/** The same without the owner in its key. */
const Single = new EntitySchema<Order>({
  name: 'single',
  tableName: 'orders',
  columns: {
    id: { type: 'int', primary: true },
    tenant_id: { type: 'text' },
    item: { type: 'text' },
  },
})

let shop: Shop
let db: DataSource
let atStart: readonly string[]
beforeAll(async () => {
  shop = await startShop()
  const { user, ...connection } = connectionOf(shop.url)
  db = new DataSource({
    type: 'postgres',
    driver: guardDriver(pg, shop.guard),
    username: user,
    ...connection,
    entities: [Order, Single],
    // `CREATE EXTENSION` is for migrations.
    installExtensions: false,
    poolSize: 2,
  })
  atStart = await refusedDuring(() => db.initialize())
})
afterAll(async () => {
  await db.destroy()
  await shop.stop()
})

it('lets what TypeORM asks for itself pass', () => {
  expect(atStart).toEqual([])
})

it('answers TypeORM where it is confined', async () => {
  const orders = db.getRepository(Order)
  await asAcme(async () => {
    const rows = await orders.find({ where: { tenant_id: 'acme' }, order: { id: 'ASC' } })
    expect(rows.map(({ item }) => item)).toEqual(['ink', 'pen'])
    expect(await orders.countBy({ tenant_id: 'acme' })).toBe(2)
    const built = await orders
      .createQueryBuilder('o')
      .where('o.tenant_id = :tenant', { tenant: 'acme' })
      .andWhere({ id: In([1]) })
      .getMany()
    expect(built).toHaveLength(1)
    const stream = await orders
      .createQueryBuilder('o')
      .where('o.tenant_id = :tenant', { tenant: 'acme' })
      .stream()
    expect(await stream.toArray()).toHaveLength(2)
    const runner = db.createQueryRunner()
    const failing = `select 1 / (id - 2) from orders where tenant_id = $1`
    await expect((await runner.stream(failing, ['acme'])).toArray()).rejects.toMatchObject({
      code: '22012',
    })
    await runner.release()
    await db.transaction('SERIALIZABLE', async (one) => {
      await one.insert(Order, { id: 3, tenant_id: 'acme', item: 'pad' })
      await one.transaction(async (inner) => {
        await inner.update(Order, { tenant_id: 'acme', id: 3 }, { item: 'cap' })
      })
      const { affected } = await one.delete(Order, { tenant_id: 'acme', id: 3 })
      expect(affected).toBe(1)
    })
  })
  expect(await shop.rows()).toEqual(allRows)
})

it('refuses TypeORM where it leaks', async () => {
  const orders = db.getRepository(Order)
  const leaks: readonly (() => Promise<unknown>)[] = [
    () => orders.find(),
    () => orders.findOneBy({ id: 1 }),
    () => orders.findBy({ tenant_id: 'globex' }),
    () => orders.count(),
    () => orders.insert({ id: 9, tenant_id: 'globex', item: 'x' }),
    () => orders.update({ id: 1 }, { item: 'x' }),
    () => orders.delete({ id: 1 }),
    () => orders.createQueryBuilder('o').where('true').getMany(),
    () => db.query('select * from orders'),
    () => db.query('select * from orders where tenant_id = $1 or true', ['acme']),
    () => db.query('select 1; delete from orders'),
    () => db.transaction((one) => one.find(Order)),
    async () => (await orders.createQueryBuilder('o').stream()).toArray(),
    async () => {
      const runner = db.createQueryRunner()
      try {
        const client = (await runner.connect()) as pg.PoolClient
        await client.query('select * from orders')
      } finally {
        await runner.release()
      }
    },
    () => Reflect.get(db.driver, 'master').query('delete from orders'),
  ]
  for (const leak of leaks) await expect(asAcme(leak)).rejects.toSatisfy(isRefusal)
  expect(await shop.rows()).toEqual(allRows)
})

it('answers entities whose key has the owner in it, and refuses others', async () => {
  const where = { tenant_id: 'acme', id: 1 }
  const orders = db.getRepository(Order)
  const singles = db.getRepository(Single)
  await asAcme(async () => {
    const own = await orders.findOneByOrFail(where)
    await orders.save({ ...own, item: 'cap' })
    await orders.save(own)
    await orders.remove(await orders.save({ id: 5, tenant_id: 'acme', item: 'bag' }))
    const one = await singles.findOneByOrFail(where)
    await expect(singles.save({ ...one, item: 'cap' })).rejects.toSatisfy(isRefusal)
    await expect(singles.remove(one)).rejects.toSatisfy(isRefusal)
    await singles.update(where, { item: 'cap' })
    await singles.update(where, { item: 'ink' })
  })
  expect(await shop.rows()).toEqual(allRows)
})
