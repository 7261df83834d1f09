import { runAsSystem, runJob, runWithTenant } from '@partywall/context'
import { guardDialect } from '@partywall/sql/kysely'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Door, doorNames, openDoor } from './doors.ts'
import { eventsDuring, switches } from './enforcement.ts'
import { acme, allRows, CountingClient, type Shop, type ShopTables, startShop } from './shop.ts'

const enforcement = switches()
const disabled = { code: 'tenancy.disabled' }
const every = 'update orders set item = item'
const own = `update orders set item = 'x' where tenant_id = 'acme'`
const house = { tenantId: 'default', env: 'prod' } as const

let shop: Shop
beforeAll(async () => {
  shop = await startShop(enforcement)
})
afterAll(() => shop.stop())
afterEach(() => {
  Object.assign(enforcement, { watching: true, closed: false, action: 'block' })
})

function asSystem<Result>(work: () => Result): Result {
  return runAsSystem({ actor: 'cleanup', reason: 'nightly' }, work)
}

describe.each(doorNames)('while the kill switch is on, through %s,', (name) => {
  let door: Door
  beforeAll(() => {
    door = openDoor(name, shop)
  })
  afterAll(() => door.end())

  it.each([
    ['work of the system', () => asSystem(() => door.send(every))],
    ['work of the system that violates nothing', () => asSystem(() => door.send('select 1'))],
    ['work of nobody', () => door.send(every)],
    ['work of nobody that cannot be read', () => door.send('copy orders to stdout')],
    ['work of a tenant that violates nothing', () => runWithTenant(acme, () => door.send(own))],
    ['a leak of a tenant', () => runWithTenant(acme, () => door.send(every))],
  ])('%s is refused as tenancy, and is no violation', async (_, work) => {
    enforcement.closed = true
    CountingClient.sent = []
    await expect(work()).rejects.toMatchObject(disabled)
    expect(CountingClient.sent).toEqual([])
    const events = await eventsDuring(() => runJob('cleanup', work))
    expect(events.map(({ type }) => type).filter((type) => type !== 'system_scope')).toEqual([
      'operation_started',
      'guarded',
      'refusal',
      'operation_ended',
    ])
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'refusal', surface: 'sql', ...disabled, status: 501 }),
    )
    // By this code the end of an operation is in no share.
    expect(events.at(-1)).toMatchObject({ outcome: { failed: true, ...disabled } })
    expect(await shop.rows()).toEqual(allRows)
  })

  it('whoever touches no tenant, and the default tenant, go on', async () => {
    enforcement.closed = true
    expect(await door.send('select 1 as one')).toEqual([{ one: 1 }])
    await runWithTenant(house, () =>
      door.hold(async (send) => {
        await send('begin')
        await send(`delete from orders where tenant_id = 'default'`)
        await send('commit')
      }),
    )
  })

  it.each([
    ['a tenant', (work: () => Promise<unknown>) => runWithTenant(acme, work), own],
    ['the system', asSystem, every],
    ['nobody', (work: () => Promise<unknown>) => work(), every],
  ])('nobody keeps what %s began, and everybody may take it back', async (_, enter, text) => {
    await door.hold(async (send) => {
      enforcement.action = 'log'
      await enter(() => send('begin'))
      await enter(() => send(text))
      enforcement.closed = true
      await expect(enter(() => send('commit'))).rejects.toMatchObject(disabled)
      await expect(send('commit')).rejects.toMatchObject(disabled)
      await expect(send('commit and chain')).rejects.toMatchObject(disabled)
      await expect(runWithTenant(house, () => send('commit'))).rejects.toMatchObject(disabled)
      await enter(() => send('rollback'))
      await send('commit')
    })
    expect(await shop.rows()).toEqual(allRows)
  })

  it('nobody keeps what was begun while nobody watched', async () => {
    enforcement.watching = false
    await door.hold(async (send) => {
      await send('begin')
      await runWithTenant(acme, () => send(own))
      Object.assign(enforcement, { watching: true, closed: true })
      await expect(send('commit')).rejects.toMatchObject(disabled)
      await send('rollback')
    })
    expect(await shop.rows()).toEqual(allRows)
  })

  it('nobody keeps a transaction in which several worked', async () => {
    enforcement.action = 'log'
    await door.hold(async (send) => {
      await runWithTenant(house, async () => {
        await send('begin')
        await send(`delete from orders where tenant_id = 'default'`)
      })
      await runWithTenant(acme, () => send(own))
      enforcement.closed = true
      await expect(runWithTenant(house, () => send('commit'))).rejects.toMatchObject(disabled)
      await runWithTenant(house, () => send('rollback'))
    })
    expect(await shop.rows()).toEqual(allRows)
  })
})

it('Kysely rolls back by itself what it may not commit, and the connection is clean', async () => {
  const pool = new pg.Pool({ connectionString: shop.url, max: 1, Client: CountingClient })
  const db = new Kysely<ShopTables>({
    dialect: guardDialect(new PostgresDialect({ pool }), shop.guard),
  })
  onTestFinished(() => db.destroy())
  const attempt = runWithTenant(acme, () =>
    db.transaction().execute(async (one) => {
      await sql.raw(own).execute(one)
      enforcement.closed = true
    }),
  )
  await expect(attempt).rejects.toMatchObject(disabled)
  expect(CountingClient.sent.at(-1)).toBe('rollback')
  expect(await shop.rows()).toEqual(allRows)
  enforcement.closed = false
  const { rows } = await sql`select now() = statement_timestamp() as alone`.execute(db)
  expect(rows).toEqual([{ alone: true }])
})
