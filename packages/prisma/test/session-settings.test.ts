import { runAsSystem, runWithTenant } from '@partywall/context'
import { createGuard, liveSchema, loadCatalogue } from '@partywall/sql'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Switches, switched } from './enforcement.ts'
import {
  acme,
  declared,
  eventsDuring,
  globex,
  readSchema,
  type Shop,
  type ShopClient,
  startShop,
} from './shop.ts'

const switches: Switches = { action: 'block', closed: false }

let shop: Shop
let database: string
beforeAll(async () => {
  shop = await startShop(switched(switches))
  database = shop.server.connection.database
})
afterEach(async () => {
  Object.assign(switches, { action: 'block', closed: false })
  await shop.raw.query(`alter database ${database} reset all`)
})
afterAll(() => shop.stop())

const asAcme = <Result>(work: () => Promise<Result>): Promise<Result> =>
  runWithTenant(acme, async () => work())
const asGlobex = <Result>(work: () => Promise<Result>): Promise<Result> =>
  runWithTenant(globex, async () => work())
const asSystem = <Result>(work: () => Promise<Result>): Promise<Result> =>
  runAsSystem({ actor: 'nightly', reason: 'nightly_report' }, async () => work())

const refused = { code: 'TENANT_CONTEXT_REQUIRED', message: 'TENANT_CONTEXT_REQUIRED: (unknown)' }
/** Confined where a backslash is one, and open to everybody's rows where it escapes. */
const twofold = String.raw`from users where tenant_id = 'acme' and email <> '\' and email <> ' or true --'`
const read = (db: ShopClient): Promise<unknown> => db.$queryRawUnsafe(`select tenant_id ${twofold}`)
const escaping = (): Promise<unknown> =>
  shop.raw.query(`alter database ${database} set standard_conforming_strings = off`)

const calls: Readonly<Record<string, (db: ShopClient) => Promise<unknown>>> = {
  'a raw query': read,
  'a raw write': (db) =>
    db.$executeRawUnsafe(String.raw`update users set name = 'x' where tenant_id = 'acme' and
      email <> '\' and email <> ' or true --'`),
  'a call': (db) => db.user.findMany({ where: { tenantId: 'acme' } }),
  'a transaction': (db) => db.$transaction(async (own) => read(own)),
  'a list of calls': (db) => db.$transaction([read(db)]),
}

describe('where backslashes escape', () => {
  // mutation src/guard-queries.ts: running === undefined || !isKnown => running === undefined
  it.each(Object.entries(calls))('%s is refused, from the first on', async (_, call) => {
    const before = await shop.contents()
    await escaping()
    const db = shop.client()
    await expect(asAcme(() => call(db))).rejects.toMatchObject(refused)
    await expect(asAcme(() => call(db))).rejects.toMatchObject(refused)
    expect(await shop.contents()).toEqual(before)
  })

  it('everything passes and is counted while nothing is enforced', async () => {
    switches.action = 'log'
    await escaping()
    const db = shop.client()
    let rows: unknown
    const events = await eventsDuring(async () => {
      rows = await asAcme(() => read(db))
    })
    expect(rows).toHaveLength(4)
    const details = events.flatMap((event) =>
      event.type === 'decision' ? [event.violation.detail] : [],
    )
    expect(details).toEqual(['opaque'])
  })

  // mutation src/guard-adapter.ts: if (isKnown) checkAnswer(statement) => void 0
  it('the answer of a connection that was opened later is not given', async () => {
    const db = shop.client({ pool: { max: 2 } })
    expect(await asAcme(() => read(db))).toHaveLength(2)
    await escaping()
    // One connection is taken, so that another must be opened.
    const inside = asAcme(() =>
      db.$transaction(async (own) => {
        expect(await read(own)).toHaveLength(2)
        await expect(asAcme(() => read(db))).rejects.toMatchObject(refused)
        // What is known of its own connection is still so.
        return read(own)
      }),
    )
    expect(await inside).toHaveLength(2)
    await expect(asAcme(() => read(db))).rejects.toMatchObject(refused)
  })

  it('the catalogue says what mends it', async () => {
    await escaping()
    const catalogue = await loadCatalogue(shop.raw)
    expect(() => liveSchema(declared, catalogue)).toThrow(
      `ALTER DATABASE "${database}" RESET standard_conforming_strings`,
    )
    await shop.raw.query(`alter database ${database} reset standard_conforming_strings`)
    expect(await asAcme(() => read(shop.client()))).toHaveLength(2)
  })
})

it.each([{ options: '-c transform_null_equals=on' }, { options: '-c search_path=pg_temp,public' }])(
  'refuses every statement of a pool with $options',
  async (pool) => {
    const db = shop.client({ pool })
    for (const call of [calls['a call'], calls['a transaction']]) {
      await expect(asAcme(async () => call?.(db))).rejects.toMatchObject(refused)
    }
  },
)

it('lets tenants work while the system changes a session of its own', async () => {
  const db = shop.client({
    pool: { max: 2 },
    guard: await createGuard(shop.schema, {
      enforcement: switched({ ...switches, action: 'log' }),
    }),
  })
  const own = (tenantId: string): Promise<unknown> => db.user.count({ where: { tenantId } })
  const events = await eventsDuring(() =>
    asSystem(() =>
      db.$transaction(async (transaction) => {
        await transaction.$executeRawUnsafe('set search_path to nowhere')
        expect(await asAcme(() => own('acme'))).toBe(2)
        expect(await asGlobex(() => own('globex'))).toBe(2)
      }),
    ),
  )
  const tenants = events.flatMap((event) =>
    event.type === 'decision' ? [event.violation.tenantId] : [],
  )
  expect(tenants).toEqual([undefined])
  expect(await asAcme(() => own('acme'))).toBe(2)
})

// mutation src/guard-adapter.ts: await watchPool(poolOf(inner), guard) => await watchPool(undefined, guard)
it('refuses a role that finds other tables by "$user" than the one that read the catalogue', async () => {
  const role = `housed_${database.slice(-8)}`
  await shop.raw.query(`create role ${role} login password 'x'; create schema ${role} authorization ${role};
    create view ${role}.roles as select * from public.roles; grant select on roles to ${role}`)
  onTestFinished(async () => {
    await shop.raw.query(`drop owned by ${role} cascade; drop role ${role}`)
  })
  const url = new URL(shop.server.url)
  Object.assign(url, { username: role, password: 'x' })
  const guard = await createGuard(await readSchema(shop.server.url))
  const db = shop.client({ guard, pool: { connectionString: url.href } })
  const read = (own: ShopClient): Promise<unknown> => own.$queryRawUnsafe('select 1 as one')
  await expect(asAcme(async () => read(db))).rejects.toMatchObject(refused)
  await expect(asAcme(async () => db.$transaction((own) => read(own)))).rejects.toMatchObject(
    refused,
  )
  expect(await asAcme(async () => read(shop.client({ guard })))).toEqual([{ one: 1 }])
})
