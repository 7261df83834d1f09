import { runWithTenant } from '@partywall/context'
import { guardAdapter } from '@partywall/prisma'
import { createOwnKeys } from '@partywall/sql/door'
import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest'
import { runCall } from '../src/running-call.ts'
import { acme, globex, type Shop, type ShopClient, startShop } from './shop.ts'

let shop: Shop
let contents: unknown
beforeAll(async () => {
  shop = await startShop()
  contents = await shop.contents()
})
afterEach(() => shop.raw.query('delete from tags where id > 200'))
afterAll(() => shop.stop())

const asAcme = <Result>(work: () => Promise<Result>): Promise<Result> =>
  runWithTenant(acme, async () => work())
const asGlobex = <Result>(work: () => Promise<Result>): Promise<Result> =>
  runWithTenant(globex, async () => work())
const own = { tenantId: 'acme' }
const newTag = { data: { id: 300, tenantId: 'globex', name: 'new' } }

/** Runs work while somebody else keeps a post of acme's. */
async function whileLocked(work: () => Promise<void>): Promise<void> {
  const holder = await shop.raw.connect()
  try {
    await holder.query('begin')
    await holder.query('select 1 from posts where id = 2 for update')
    await work()
  } finally {
    await holder.query('rollback')
    holder.release()
  }
}

/** What others would get with a connection. */
async function openTransactions(): Promise<unknown> {
  const { rows } = await shop.raw.query(
    `select count(*)::int as open from pg_stat_activity where state like 'idle in transaction%'`,
  )
  return rows[0]?.open
}

async function untilNoneIsOpen(): Promise<void> {
  const deadline = Date.now() + 10_000
  while ((await openTransactions()) !== 0) {
    if (Date.now() > deadline) throw new Error('a transaction is open still')
  }
}

type ShopWork = (db: ShopClient) => Promise<unknown>

/** Both leave the work of their first statement behind when the second one takes too long. */
const failing: Readonly<Record<string, ShopWork>> = {
  'a nested write': (db) =>
    db.user.update({
      where: { id: 2, ...own },
      data: {
        name: 'half',
        posts: { update: { where: { id: 2, ...own }, data: { title: 'half' } } },
      },
    }),
  'a transaction of several calls': (db) =>
    db.$transaction(async (one) => {
      await one.user.updateMany({ where: { id: 2, ...own }, data: { name: 'half' } })
      await one.post.updateMany({ where: { id: 2, ...own }, data: { title: 'half' } })
    }),
}

for (const [name, work] of Object.entries(failing)) {
  // mutation src/connection-reset.ts: if (!inner.options.usePhantomQuery) { => if (inner.options.usePhantomQuery) {
  it(`never lets another tenant commit ${name} whose end the driver dropped`, async () => {
    const db = shop.client({ pool: { max: 1, query_timeout: 300 } })
    await whileLocked(() => expect(asAcme(() => work(db))).rejects.toThrow('Query read timeout'))
    await asGlobex(() => db.$transaction(async (one) => one.tag.create(newTag)))
    await untilNoneIsOpen()
    const { rows } = await shop.raw.query('select tenant_id from tags where id = 300')
    expect(rows).toEqual([{ tenant_id: 'globex' }])
    await shop.raw.query('delete from tags where id = 300')
    expect(await shop.contents()).toEqual(contents)
  })
}

const plain = (sql: string) => ({ sql, args: [], argTypes: [] })
const running = {
  call: { action: 'script' },
  keys: createOwnKeys(),
  scope: <Query>(query: Query): Query => query,
}

// mutation src/connection-reset.ts: else if (!own.hasEnded) await run(own, rollback) => else if (!own.hasEnded) await undefined
it('rolls back what an adapter that is used by itself did not end, and says so', async () => {
  const inner = new PrismaPg({ connectionString: shop.server.url, max: 1 })
  const adapter = await guardAdapter(inner, shop.guard).connect()
  onTestFinished(() => adapter.dispose())
  const write = plain(`update users set name = 'half' where tenant_id = 'acme'`)
  const begin = () =>
    runCall(running, async () => {
      const transaction = await adapter.startTransaction()
      await transaction.executeRaw(write)
      return transaction
    })
  const told = { code: 'prisma.transaction' }
  await expect(asAcme(async () => (await begin()).commit())).rejects.toMatchObject(told)
  expect(await openTransactions()).toBe(0)
  await asAcme(async () => (await begin()).rollback())
  expect(await openTransactions()).toBe(0)
  // What was sent after the end may have begun another one.
  const later = await asAcme(async () => {
    const transaction = await begin()
    await transaction.executeRaw(plain('ROLLBACK'))
    await runCall(running, () => transaction.executeRaw(plain('begin')))
    return transaction
  })
  await asAcme(() => later.rollback())
  expect(await openTransactions()).toBe(0)
  expect(await shop.contents()).toEqual(contents)
})
