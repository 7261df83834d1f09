import { runWithTenant } from '@partywall/context'
import { createGuard, defineTenantSchema, global, owner } from '@partywall/sql'
import { guardPool } from '@partywall/sql/pg'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Door, doorNames, openDoor } from './doors.ts'
import { acme, allRows, globex, refused, type Shop, type ShopTables, startShop } from './shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
  await shop.raw.query(`create schema other; create table other.orders (id int, tenant_id text, item text);
    insert into other.orders values (7, 'globex', 'far');
    create table bills (id int, tenant_id int); insert into bills values (1, 2), (2, 3)`)
})
afterAll(() => shop.stop())

const own = 'select item from orders where tenant_id = $1 order by id'
const any = 'select item from orders where tenant_id = any($1) order by id'
const ink = [{ item: 'ink' }, { item: 'pen' }]
const cup = [{ item: 'cup' }]

describe.each(doorNames)('through %s', (name) => {
  let door: Door
  beforeAll(() => {
    door = openDoor(name, shop)
  })
  afterAll(() => door.end())

  it('a proved text is proved for no tenant but the one of its values, whoever came before', async () => {
    const literal = `select item from orders where tenant_id = 'acme' order by id`
    for (let round = 0; round < 3; round += 1) {
      expect(await runWithTenant(acme, () => door.send(own, ['acme']))).toEqual(ink)
      expect(await runWithTenant(globex, () => door.send(own, ['globex']))).toEqual(cup)
      expect(await runWithTenant(acme, () => door.send(literal))).toEqual(ink)
      for (const work of [
        () => runWithTenant(acme, () => door.send(own, ['globex'])),
        () => runWithTenant(globex, () => door.send(own, ['acme'])),
        () => runWithTenant(globex, () => door.send(literal)),
        () => door.send(own, ['acme']),
        () => door.send(literal),
      ]) {
        await expect(work()).rejects.toMatchObject(refused)
      }
    }
  })

  it('a proved text is proved for no value of another type', async () => {
    await runWithTenant(acme, () => door.send(own, ['acme']))
    await runWithTenant(acme, () => door.send(any, [['acme']]))
    const values: readonly unknown[] = [
      undefined,
      null,
      [],
      ['acme'],
      Buffer.from('acme'),
      { toString: () => 'acme' },
      { toJSON: () => 'acme' },
      Object('acme'),
      'acme\0',
      'acme ',
      'ACME',
      'ａｃｍｅ',
      true,
    ]
    for (const value of values) {
      await expect(runWithTenant(acme, () => door.send(own, [value]))).rejects.toMatchObject(
        refused,
      )
    }
    for (const value of [
      'acme',
      '{acme}',
      '{acme,globex}',
      [],
      [['acme']],
      ['acme', null],
      new Set(['acme']),
    ]) {
      await expect(runWithTenant(acme, () => door.send(any, [value]))).rejects.toMatchObject({
        code: refused.code,
      })
    }
    await expect(runWithTenant(acme, () => door.send(own, []))).rejects.toMatchObject(refused)
    expect(await shop.rows()).toEqual(allRows)
  })

  it('two guards know nothing of each other', async () => {
    // The same text is harmless where the table is everybody's.
    const text = 'select id from orders order by id'
    const lenient = await createGuard(defineTenantSchema<ShopTables>({ orders: global() }))
    const elsewhere = await createGuard(
      defineTenantSchema(
        { orders: owner('tenant_id', { model: 'Far' }) },
        { defaultSchema: 'other' },
      ),
    )
    const open = openDoor(name, { ...shop, guard: lenient })
    const far = openDoor(name, { ...shop, guard: elsewhere })
    onTestFinished(async () => {
      await open.end()
      await far.end()
    })
    for (let round = 0; round < 2; round += 1) {
      expect(await runWithTenant(acme, () => open.send(text))).toHaveLength(3)
      await expect(runWithTenant(acme, () => door.send(text))).rejects.toMatchObject(refused)
      await expect(runWithTenant(acme, () => far.send(text))).rejects.toThrow('Far')
      await expect(
        runWithTenant(acme, () => door.send('select item from other.orders')),
      ).rejects.toThrow('(unknown)')
    }
  })

  it('a number is the tenant by one spelling only', async () => {
    const schema = defineTenantSchema(
      { bills: owner('tenant_id', { model: 'Bill', type: 'int4' }) },
      { tenantKey: (tenantId) => (tenantId === 'acme' ? 2 : 3) },
    )
    const bills = openDoor(name, { ...shop, guard: await createGuard(schema) })
    onTestFinished(() => bills.end())
    const text = 'select id from bills where tenant_id = $1'
    for (const value of [2, 2n, '2']) {
      expect(await runWithTenant(acme, () => bills.send(text, [value]))).toEqual([{ id: 1 }])
      await expect(runWithTenant(globex, () => bills.send(text, [value]))).rejects.toThrow('Bill')
    }
    for (const value of [3, '3', ' 3', '0x3', '3_', 2.5, Number.NaN, '2 ', '+2', '٢']) {
      await expect(runWithTenant(acme, () => bills.send(text, [value]))).rejects.toThrow('Bill')
    }
  })
})

it('a prepared name leads to no other text and to nobody else’s values', async () => {
  const pool = guardPool(new pg.Pool({ connectionString: shop.url, max: 1 }), shop.guard)
  const client = await pool.connect()
  onTestFinished(async () => {
    client.release()
    await pool.end()
  })
  const asAcme = (config: pg.QueryConfig) => runWithTenant(acme, () => client.query(config))
  const asGlobex = (config: pg.QueryConfig) => runWithTenant(globex, () => client.query(config))
  // The driver warns of names that the server cuts.
  const warn = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  onTestFinished(() => warn.mockRestore())
  const name = 'n'.repeat(63)
  expect((await asAcme({ name, text: own, values: ['acme'] })).rows).toEqual(ink)
  expect((await asGlobex({ name, text: own, values: ['globex'] })).rows).toEqual(cup)
  for (const attempt of [
    () => asGlobex({ name, text: own, values: ['acme'] }),
    () => asGlobex({ name, text: '', values: ['acme'] }),
    () => asGlobex({ name, values: ['acme'] } as never),
    () => asGlobex({ name, text: 'select item from orders', values: [] }),
    // Another text under the name: the driver refuses.
    () => asGlobex({ name, text: `${own} limit $2`, values: ['globex', 1] }),
    // A name that the server takes for the same: the server refuses.
    () => asGlobex({ name: `${name}x`, text: `${own} offset $2`, values: ['globex', 0] }),
    () => asGlobex({ text: `execute "${name}"('acme')` }),
    () => asGlobex({ text: `prepare p as select item from orders` }),
    () => asGlobex({ text: `deallocate all` }),
  ]) {
    await expect(attempt()).rejects.toThrow()
  }
  expect((await asGlobex({ name, text: own, values: ['globex'] })).rows).toEqual(cup)
  expect(await shop.rows()).toEqual(allRows)
})
