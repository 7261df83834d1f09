import { setTimeout as wait } from 'node:timers/promises'
import { runWithTenant } from '@partywall/context'
import { createGuard } from '@partywall/sql'
import { guardPostgres } from '@partywall/sql/postgres'
import postgres, { type PendingQuery, type Row, type Sql } from 'postgres'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { asAcme, asSystem, postgresOptions } from './postgres-shop.ts'
import { acme, allRows, bypassingSystem, globex, type Shop, shopSchema, startShop } from './shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

type Items = PendingQuery<Row[]>
const slow = 'select count(*) from generate_series(1, 2000000)'
const itemsOf = (sql: Pick<Sql, 'unsafe'>, tenant: string): Items =>
  sql.unsafe('select item from orders where tenant_id = $1', [tenant], { prepare: true }) as Items

function open(): Sql {
  const sql = guardPostgres(postgres({ ...postgresOptions(shop.url), max: 1 }), shop.guard)
  onTestFinished(() => sql.end({ timeout: 1 }))
  return sql
}

/** What became of a statement that was cancelled: its own answer, or none. */
const outcomeOf = (query: PromiseLike<readonly Row[]>): Promise<unknown> =>
  Promise.resolve(query).then(
    (rows) => rows.map(({ item }) => item),
    ({ code }) => code,
  )

/** In an object: a promise would wait for it. */
interface Sent {
  readonly query: Items
}

/** What is prepared is sent at once, behind what is on its way already. */
async function send(tenant: typeof acme | typeof globex, make: () => unknown): Promise<Sent> {
  const sent = await runWithTenant(tenant, async () => ({ query: (make() as Items).execute() }))
  await wait(5)
  return sent as Sent
}

const own = { acme: ['ink', 'pen'], globex: ['cup'] }

it('gives nobody the answer to a statement that was cancelled while it was on its way', async () => {
  const sql = open()
  const sendItems = (tenant: typeof acme | typeof globex): Promise<Sent> =>
    send(tenant, () => itemsOf(sql, tenant.tenantId))
  for (const tenant of [acme, globex]) await (await sendItems(tenant)).query
  const first = await send(acme, () => sql.unsafe(slow))
  const cancelled = await sendItems(globex)
  const next = await sendItems(acme)
  const last = await sendItems(globex)
  cancelled.query.cancel()
  expect([own.globex, '57014']).toContainEqual(await outcomeOf(cancelled.query))
  expect(await outcomeOf(next.query)).toEqual(own.acme)
  expect(await outcomeOf(last.query)).toEqual(own.globex)
  expect([...(await first.query)]).toEqual([{ count: '2000000' }])
})

const holders: Readonly<
  Record<string, (sql: Sql, work: (own: Pick<Sql, 'unsafe'>) => Promise<void>) => Promise<unknown>>
> = {
  'a reserved connection': async (sql, work) => {
    const held = await sql.reserve()
    try {
      await work(held)
    } finally {
      held.release()
    }
  },
  'a transaction': (sql, work) => sql.begin((held) => work(held)),
}

it.each(Object.entries(holders))(
  'goes on with %s of which a statement was cancelled that waited',
  async (name, hold) => {
    const sql = open()
    await runWithTenant(acme, () =>
      hold(sql, async (held) => {
        const first = held.unsafe(slow).execute()
        await wait(20)
        const cancelled = itemsOf(held, 'acme').execute()
        const next = itemsOf(held, 'acme').execute()
        await wait(5)
        cancelled.cancel()
        expect([...(await first)]).toEqual([{ count: '2000000' }])
        const outcome = await outcomeOf(cancelled)
        expect([own.acme, '57014']).toContainEqual(outcome)
        // What fails in a transaction fails all of it.
        const isFailed = outcome === '57014' && name === 'a transaction'
        if (isFailed) await next.catch(() => undefined)
        // What comes late to the server cancels what runs by then.
        else expect([own.acme, '57014']).toContainEqual(await outcomeOf(next))
      }).catch((error: unknown) => expect(error).toMatchObject({ code: '57014' })),
    )
    const later = await send(globex, () => itemsOf(sql, 'globex'))
    expect(await outcomeOf(later.query)).toEqual(own.globex)
  },
)

const waits: Readonly<Record<string, (sql: Sql) => Promise<unknown>>> = {
  'for the first connection': async () => undefined,
  'for one that is opened again': async (sql) => {
    const ended = sql.unsafe('select pg_terminate_backend(pg_backend_pid())')
    await ended.catch(() => undefined)
  },
}

it.each(Object.entries(waits))(
  'sends nothing that is cancelled while it waits %s',
  async (_, before) => {
    const guard = await createGuard(shopSchema, { enforcement: bypassingSystem })
    const sql = guardPostgres(postgres({ ...postgresOptions(shop.url), max: 1 }), guard)
    onTestFinished(() => sql.end({ timeout: 1 }))
    await asSystem(() => before(sql))
    const ticks = Array.from({ length: 6 })
    const cancelled = await asAcme(async () => {
      const query = sql`insert into orders values (8, 'acme', 'cap')`.execute()
      for (const _ of ticks) await Promise.resolve()
      query.cancel()
      return query.then(
        () => undefined,
        ({ code, message }) => ({ code, message }),
      )
    })
    const message = '57014: canceling statement due to user request'
    expect(cancelled).toEqual({ code: '57014', message })
    const later = await send(globex, () => itemsOf(sql, 'globex'))
    expect(await outcomeOf(later.query)).toEqual(own.globex)
    const begun = asAcme(() => sql.begin((held) => held`select 1 as one`))
    expect([...(await begun)]).toEqual([{ one: 1 }])
    expect(await shop.rows()).toEqual(allRows)
  },
)

// mutation src/doors/postgres-cancel.ts: sendNothing(query) => query.cancel()
it('fails the transaction of what was cancelled and nobody waits for', async () => {
  const sql = open()
  const begun = asAcme(() =>
    sql.begin(async (held) => {
      const first = held.unsafe(slow).execute()
      const more = Array.from({ length: 150 }, () => held`select 1`.execute())
      const last = held`insert into orders values (8, 'acme', 'cap')`.execute()
      await wait(5)
      last.cancel()
      await Promise.all([first, ...more])
      return 'done'
    }),
  )
  await expect(begun).rejects.toMatchObject({ code: '57014' })
  expect(await shop.rows()).toEqual(allRows)
})
