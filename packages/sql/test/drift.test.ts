import { runWithTenant } from '@partywall/context'
import { currentScope } from '@partywall/context/spi'
import {
  type CatalogueLook,
  createGuard,
  defineTenantSchema,
  type Guard,
  loadCatalogue,
  owner,
  watchCatalogue,
} from '@partywall/sql'
import { reportFailure } from '@partywall/sql/door'
import { guardDialect, guardPostgresDialect } from '@partywall/sql/kysely'
import { guardClient, guardPool } from '@partywall/sql/pg'
import { guardPostgres } from '@partywall/sql/postgres'
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
// @ts-expect-error it comes without types
import Cursor from 'pg-cursor'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { onDrift } from '../src/guard/drift.ts'
import { postgresOptions } from './postgres-shop.ts'
import { acme, type Shop, startShop } from './shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

type Send = (text: string) => PromiseLike<unknown>

/** A way to send, and to end it. */
interface Way {
  readonly send: Send
  end(): Promise<unknown>
}

const kysely = (dialect: PostgresDialect | ReturnType<typeof guardDialect>) =>
  new Kysely<Record<string, never>>({ dialect })

const ways: Readonly<Record<string, (guard: Guard) => Way | Promise<Way>>> = {
  'a pool of pg': (guard) => {
    const pool = guardPool(new pg.Pool({ connectionString: shop.url }), guard)
    return { send: (text) => pool.query(text), end: () => pool.end() }
  },
  'a client of pg': async (guard) => {
    const client = guardClient(new pg.Client({ connectionString: shop.url }), guard)
    await client.connect()
    return { send: (text) => client.query(text), end: () => client.end() }
  },
  'a cursor of pg': async (guard) => {
    const client = guardClient(new pg.Client({ connectionString: shop.url }), guard)
    await client.connect()
    return { send: (text) => client.query(new Cursor(text)).read(100), end: () => client.end() }
  },
  'Kysely on a guarded pool': (guard) => {
    const pool = new pg.Pool({ connectionString: shop.url })
    const db = kysely(guardPostgresDialect({ pool }, guard))
    return { send: (text) => db.executeQuery(CompiledQuery.raw(text)), end: () => db.destroy() }
  },
  'a guarded dialect of Kysely': (guard) => {
    const pool = new pg.Pool({ connectionString: shop.url })
    const db = kysely(guardDialect(new PostgresDialect({ pool }), guard))
    return { send: (text) => db.executeQuery(CompiledQuery.raw(text)), end: () => db.destroy() }
  },
  'a stream of a guarded dialect': (guard) => {
    const pool = new pg.Pool({ connectionString: shop.url })
    const db = kysely(guardDialect(new PostgresDialect({ pool, cursor: Cursor }), guard))
    // To its end: a portal that stays open would keep the table locked.
    const send = async (text: string): Promise<void> => {
      const stream = db.getExecutor().stream(CompiledQuery.raw(text), 10)
      for await (const reply of stream) void reply
    }
    return { send, end: () => db.destroy() }
  },
  'postgres.js': (guard) => {
    const sql = guardPostgres(postgres(postgresOptions(shop.url)), guard)
    return { send: (text) => sql.unsafe(text), end: () => sql.end() }
  },
  'a transaction of postgres.js': (guard) => {
    const sql = guardPostgres(postgres(postgresOptions(shop.url)), guard)
    return { send: (text) => sql.begin((own) => own.unsafe(text)), end: () => sql.end() }
  },
}

const declared = defineTenantSchema({ orders: owner('tenant_id', { model: 'Order' }) })
const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)

interface Watched {
  readonly guard: Guard
  /** Fulfilled when a look has found something. */
  readonly found: Promise<CatalogueLook>
}

async function watched(): Promise<Watched> {
  const guard = await createGuard(declared)
  let tell: (look: CatalogueLook) => void = () => undefined
  const found = new Promise<CatalogueLook>((resolve) => {
    tell = resolve
  })
  const load = () => loadCatalogue(shop.raw)
  const watch = await watchCatalogue({ guard, declared, load, everyMs: 0, onLook: tell })
  onTestFinished(() => watch.close())
  return { guard, found }
}

async function opened(name: string, guard: Guard): Promise<Send> {
  const way = await ways[name]?.(guard)
  if (way === undefined) throw new Error(`no way ${name}`)
  onTestFinished(async () => void (await way.end()))
  return (text) =>
    asAcme(async () => {
      await way.send(text)
    })
}

// mutation src/guard/drift.ts: new Set(['42703', '42P01']) => new Set(['42P01'])
it.each(Object.keys(ways))('looks at once when a column is gone: %s', async (name) => {
  const { guard, found } = await watched()
  const send = await opened(name, guard)
  await shop.raw.query('alter table orders rename column item to label')
  onTestFinished(async () => {
    await shop.raw.query('alter table orders rename column label to item')
  })
  const fresh = `select label from orders where tenant_id = 'acme'`
  await expect(send(fresh)).rejects.toMatchObject({ code: 'TENANT_CONTEXT_REQUIRED' })
  const stale = `select item from orders where tenant_id = 'acme'`
  await expect(send(stale)).rejects.toMatchObject({ code: '42703' })
  expect(await found).toEqual({ kind: 'changed' })
  await send(fresh)
  await expect(send(stale)).rejects.toMatchObject({ code: 'TENANT_CONTEXT_REQUIRED' })
})

it('looks when a table is gone, and when a prepared plan does not fit any more', async () => {
  const { guard, found } = await watched()
  const pool = guardPool(new pg.Pool({ connectionString: shop.url, max: 1 }), guard)
  onTestFinished(() => pool.end())
  const prepared = { name: 'all', text: `select * from orders where tenant_id = 'acme'` }
  const send = () => asAcme(() => pool.query(prepared))
  await send()
  await shop.raw.query('alter table orders add note text')
  onTestFinished(async () => {
    await shop.raw.query('alter table orders drop column note')
  })
  await expect(send()).rejects.toMatchObject({ code: '0A000' })
  expect(await found).toEqual({ kind: 'changed' })

  const other = await watched()
  const sql = guardPostgres(postgres(postgresOptions(shop.url)), other.guard)
  onTestFinished(() => sql.end())
  await shop.raw.query('alter table orders rename to sales')
  onTestFinished(async () => {
    await shop.raw.query('alter table sales rename to orders')
  })
  const gone = asAcme(async () => {
    await sql.unsafe(prepared.text)
  })
  await expect(gone).rejects.toMatchObject({ code: '42P01' })
  expect(await other.found).toMatchObject({ kind: 'contradiction' })
})

it.each([
  [true, { code: '42703' }],
  [true, { code: '42P01', message: 42 }],
  [true, { code: '0A000', routine: 'RevalidateCachedQuery', message: 'anders' }],
  [true, { code: '0A000', message: 'cached plan must not change result type' }],
  [false, { code: '0A000', message: 'cannot do that' }],
  [false, { code: '23505' }],
  [false, new Error('42703')],
  [false, { code: undefined }],
  [false, undefined],
  [false, '42703'],
])('is told by doors (%s): %o', async (isDrift, error) => {
  const guard = await createGuard(declared)
  const told = vi.fn()
  const stop = onDrift(guard, told)
  reportFailure(guard, error)
  reportFailure(await createGuard(declared), error)
  expect(told).toHaveBeenCalledTimes(isDrift ? 1 : 0)
  stop()
  reportFailure(guard, error)
  expect(told).toHaveBeenCalledTimes(isDrift ? 1 : 0)
})

it('looks once for many failures, then once a second at most, and rarer where nothing is found', async () => {
  const guard = await createGuard(declared)
  const catalogue = await loadCatalogue(shop.raw)
  let current = catalogue
  const scopes: unknown[] = []
  const load = vi.fn(async () => {
    scopes.push(currentScope())
    return current
  })
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const watch = await watchCatalogue({ guard, declared, load, everyMs: 0 })
  const fail = () => asAcme(() => reportFailure(guard, { code: '42703' }))
  const looks = async (times: number, afterMs: number): Promise<void> => {
    for (let i = 0; i < 10; i += 1) fail()
    await vi.advanceTimersByTimeAsync(afterMs - 1)
    fail()
    expect(load).toHaveBeenCalledTimes(times - 1)
    await vi.advanceTimersByTimeAsync(1)
    expect(load).toHaveBeenCalledTimes(times)
  }
  fail()
  expect(load).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(0)
  expect(load).toHaveBeenCalledTimes(2)
  await looks(3, 2000)
  await looks(4, 4000)
  current = { ...catalogue, serverVersion: 1 + catalogue.serverVersion }
  await looks(5, 8000)
  await looks(6, 1000)
  await looks(7, 2000)
  expect(new Set(scopes)).toEqual(new Set([undefined]))
  fail()
  watch.close()
  await vi.advanceTimersByTimeAsync(100_000)
  expect(load).toHaveBeenCalledTimes(7)
})
