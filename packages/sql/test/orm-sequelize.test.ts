import { guardDriver } from '@partywall/sql/pg'
import pg from 'pg'
import { DataTypes, QueryTypes, Sequelize } from 'sequelize'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { asAcme, connectionOf, isRefusal, refusedDuring } from './orm-shop.ts'
import { allRows, type Shop, startShop } from './shop.ts'

let shop: Shop
let db: Sequelize
beforeAll(async () => {
  shop = await startShop()
  const { user, ...connection } = connectionOf(shop.url)
  db = new Sequelize({
    dialect: 'postgres',
    dialectModule: guardDriver(pg, shop.guard),
    username: user,
    ...connection,
    logging: false,
    pool: { max: 2 },
  })
})
afterAll(async () => {
  await db.close()
  await shop.stop()
})

function model() {
  return db.define(
    'orders',
    {
      id: { type: DataTypes.INTEGER, primaryKey: true },
      tenant_id: DataTypes.TEXT,
      item: DataTypes.TEXT,
    },
    { timestamps: false, freezeTableName: true },
  )
}

it('lets what Sequelize asks for itself pass', async () => {
  expect(await refusedDuring(() => db.authenticate())).toEqual([])
  expect(await asAcme(() => refusedDuring(() => db.authenticate()))).toEqual([])
})

it('answers Sequelize where it is confined', async () => {
  const Order = model()
  const where = { tenant_id: 'acme' }
  await asAcme(async () => {
    const rows = await Order.findAll({ attributes: ['item'], where, order: ['id'], raw: true })
    expect(rows).toEqual([{ item: 'ink' }, { item: 'pen' }])
    expect(await Order.count({ where })).toBe(2)
    const replaced = await db.query('select item from orders where tenant_id = :tenant', {
      replacements: { tenant: 'acme' },
      type: QueryTypes.SELECT,
    })
    expect(replaced).toHaveLength(2)
    const bound = await db.query('select item from orders where tenant_id = $1', {
      bind: ['acme'],
      type: QueryTypes.SELECT,
    })
    expect(bound).toHaveLength(2)
    await db.transaction(async (transaction) => {
      await Order.create({ id: 3, tenant_id: 'acme', item: 'pad' }, { transaction })
      await db.transaction({ transaction }, async (inner) => {
        const changed = await Order.update(
          { item: 'cap' },
          { where: { ...where, id: 3 }, transaction: inner },
        )
        expect(changed).toEqual([1])
      })
      expect(await Order.destroy({ where: { ...where, id: 3 }, transaction })).toBe(1)
    })
  })
  expect(await shop.rows()).toEqual(allRows)
})

it('refuses Sequelize where it leaks', async () => {
  const Order = model()
  const leaks: readonly (() => Promise<unknown>)[] = [
    () => Order.findAll(),
    () => Order.findByPk(1),
    () => Order.findOne({ where: { tenant_id: 'globex' } }),
    () => Order.count(),
    () => Order.create({ id: 9, tenant_id: 'globex', item: 'x' }),
    () => Order.bulkCreate([{ id: 9, tenant_id: 'globex', item: 'x' }]),
    () => Order.update({ item: 'x' }, { where: { id: 1 } }),
    () => Order.destroy({ where: { id: 1 } }),
    () => db.query('select * from orders'),
    () => db.query('select 1; delete from orders'),
    () => db.query('select * from orders where tenant_id = $1 or true', { bind: ['acme'] }),
    () => db.transaction((transaction) => Order.findAll({ transaction })),
    async () => {
      const client = await db.connectionManager.getConnection({ type: 'read' })
      try {
        await (client as pg.Client).query('select * from orders')
      } finally {
        db.connectionManager.releaseConnection(client)
      }
    },
  ]
  for (const leak of leaks) await expect(asAcme(leak)).rejects.toSatisfy(isRefusal)
  expect(await shop.rows()).toEqual(allRows)
})

it('answers instances whose key has the owner in it, and refuses others', async () => {
  const single = model()
  const both = db.define(
    'both',
    {
      id: { type: DataTypes.INTEGER, primaryKey: true },
      tenant_id: { type: DataTypes.TEXT, primaryKey: true },
      item: DataTypes.TEXT,
    },
    { timestamps: false, tableName: 'orders' },
  )
  const where = { tenant_id: 'acme', id: 1 }
  await asAcme(async () => {
    const own = await both.findOne({ where, rejectOnEmpty: true })
    await own.update({ item: 'cap' })
    await own.reload()
    await own.set({ item: 'ink' }).save()
    const [made, isNew] = await both.findCreateFind({
      where: { tenant_id: 'acme', id: 5 },
      defaults: { item: 'bag' },
    })
    expect(isNew).toBe(true)
    await made.destroy()
    const one = await single.findOne({ where, rejectOnEmpty: true })
    const leaks: readonly (() => Promise<unknown>)[] = [
      () => one.set({ item: 'cap' }).save(),
      () => one.update({ item: 'cap' }, { where }),
      () => one.reload(),
      () => one.destroy(),
    ]
    for (const leak of leaks) await expect(leak()).rejects.toSatisfy(isRefusal)
    // It makes a function of its own.
    await expect(
      both.findOrCreate({ where: { tenant_id: 'acme', id: 6 }, defaults: { item: 'bag' } }),
    ).rejects.toMatchObject({ original: { code: 'TENANT_CONTEXT_REQUIRED' } })
  })
  expect(await shop.rows()).toEqual(allRows)
})
