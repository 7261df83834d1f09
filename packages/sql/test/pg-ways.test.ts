import { createRequire } from 'node:module'
import { runAsSystem, runWithTenant } from '@partywall/context'
import { currentScope } from '@partywall/context/spi'
import { createGuard, type Guard } from '@partywall/sql'
import { guardClient, guardDriver, guardPool } from '@partywall/sql/pg'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
// @ts-expect-error it comes without types
import Cursor from 'pg-cursor'
import QueryStream from 'pg-query-stream'
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest'
import {
  acme,
  bypassingSystem,
  CountingClient,
  globex,
  refused,
  type Shop,
  type ShopTables,
  shopSchema,
  startShop,
} from './shop.ts'

const opaque = { code: 'TENANT_CONTEXT_REQUIRED', message: 'TENANT_CONTEXT_REQUIRED: (unknown)' }
const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)
const asGlobex = <Result>(work: () => Result): Result => runWithTenant(globex, work)
const asSystem = <Result>(work: () => Result): Result =>
  runAsSystem({ actor: 'nightly', reason: 'nightly_report' }, work)
const own = 'select item from orders where tenant_id = $1 order by id'
const every = 'select item from orders'

let shop: Shop
let systemGuard: Guard
beforeAll(async () => {
  shop = await startShop()
  systemGuard = await createGuard(shopSchema, { enforcement: bypassingSystem })
})
afterAll(() => shop.stop())
beforeEach(() => {
  CountingClient.sent = []
})

function rawPool(more: pg.PoolConfig = {}): pg.Pool {
  return new pg.Pool({ connectionString: shop.url, max: 1, Client: CountingClient, ...more })
}

function openPool(more: pg.PoolConfig = {}, guard: Guard = shop.guard): pg.Pool {
  const pool = guardPool(rawPool(more), guard)
  onTestFinished(() => pool.end())
  return pool
}

async function openClient(pool: pg.Pool = openPool()): Promise<pg.PoolClient> {
  const client = await pool.connect()
  onTestFinished(() => client.release())
  return client
}

it('reads cursors and streams of queries, and refuses those that are not confined', async () => {
  const client = await openClient()
  const items = async (cursor: unknown): Promise<unknown> => {
    const reader = cursor as { read(rows: number): Promise<readonly unknown[]> }
    return [...(await reader.read(1)), ...(await reader.read(5))]
  }
  const expected = [{ item: 'ink' }, { item: 'pen' }]
  expect(await asAcme(() => items(client.query(new Cursor(own, ['acme']))))).toEqual(expected)
  const stream = asAcme(() => client.query(new QueryStream(own, ['acme'])))
  const rows: unknown[] = []
  for await (const row of stream) rows.push(row)
  expect(rows).toEqual(expected)

  CountingClient.sent = []
  for (const [text, values] of [
    [every, []],
    [own, ['globex']],
  ] as const) {
    const cursor = asAcme(() => client.query(new Cursor(text, values)))
    await expect(items(cursor)).rejects.toMatchObject(refused)
    const leak = asAcme(() => client.query(new QueryStream(text, [...values])))
    await expect(leak.toArray()).rejects.toMatchObject(refused)
  }
  expect(CountingClient.sent).toEqual([])
})

it('sends of a cursor what it read, whatever becomes of the cursor', async () => {
  const client = await openClient()
  const values = [Buffer.from('acme')]
  const cursor = new Cursor('select item from orders where tenant_id = $1 or true', ['acme'])
  cursor.text = own
  const busy = client.query('select count(*) from generate_series(1, 50000)')
  asAcme(() => client.query(cursor))
  cursor.text = every
  cursor.values[0] = 'globex'
  await busy
  expect(await cursor.read(5)).toEqual([{ item: 'ink' }, { item: 'pen' }])
  // What a cursor has of its connection sends nothing else.
  const { connection } = cursor
  expect(connection).not.toHaveProperty('query')
  expect(connection).not.toHaveProperty('stream')
  expect(() => connection.parse({ text: every })).toThrow('one statement')
  expect(() => connection.bind({ values })).toThrow('one portal')
  const heard: unknown[] = []
  connection.on('message', (message: unknown) => heard.push(message))
  await asGlobex(() => client.query(own, ['globex']))
  expect(heard).toEqual([])
})

it('refuses several statements without values, and names without a text', async () => {
  const pool = openPool()
  const several = { text: `select 1; ${every}`, values: [] }
  await expect(asAcme(() => pool.query(several))).rejects.toMatchObject(refused)
  await expect(
    asAcme(() => pool.query({ name: 'own', values: ['acme'] } as never)),
  ).rejects.toMatchObject(opaque)
  expect(CountingClient.sent).toEqual([])
})

it('leads nowhere by what a client inherits, of this copy of pg or of another', async () => {
  const client = await openClient()
  const require = createRequire(createRequire(import.meta.url).resolve('@mikro-orm/postgresql'))
  const another: typeof pg = require('pg')
  expect(another.Client).not.toBe(pg.Client)
  CountingClient.sent = []
  for (const { prototype } of [pg.Client, another.Client, CountingClient]) {
    const call = async () => await prototype.query.call(client, every as never)
    await expect(asAcme(call)).rejects.toThrow()
  }
  for (const member of [
    'connection',
    '_queryQueue',
    '_pulseQueryQueue',
    'activeQuery',
    '_events',
  ]) {
    const value = Reflect.get(client, member)
    expect(Reflect.get(Object(value), 'query'), member).toBeUndefined()
    expect(Reflect.get(Object(value), 'stream'), member).toBeUndefined()
    expect(Reflect.get(Object(value), 'push'), member).toBeUndefined()
  }
  const foreign = guardPool(new another.Pool({ connectionString: shop.url }), shop.guard)
  await expect(asAcme(() => foreign.query(every))).rejects.toMatchObject(refused)
  expect((await asAcme(() => foreign.query(own, ['acme']))).rowCount).toBe(2)
  await foreign.end()
})

it('gives guarded clients to listeners and hooks, whenever the pool got them', async () => {
  const seen: unknown[] = []
  const outcomes: unknown[] = []
  const use = async (client: unknown): Promise<void> => {
    seen.push(client)
    const { query } = client as pg.PoolClient
    outcomes.push(await query(every).catch((error: unknown) => error))
  }
  const raw = rawPool({
    onConnect: use,
    verify: (client: unknown, done: (error?: Error) => void) => void use(client).then(() => done()),
  } as never)
  const listen = (client: unknown): void => void use(client)
  raw.on('connect', listen)
  raw.on('acquire', listen)
  const pool = guardPool(raw, shop.guard)
  pool.on('connect', listen)
  const client = await pool.connect()
  await client.query('select 1')
  expect(seen).toHaveLength(5)
  for (const one of seen) expect(one === client).toBe(true)
  for (const outcome of outcomes) expect(outcome).toMatchObject(refused)
  expect(CountingClient.sent).toEqual(['select 1'])
  client.release()
  await pool.end()
})

it('hands on no transaction that was begun by the pool itself', async () => {
  const pool = openPool()
  await asAcme(() => pool.query('begin'))
  expect((await asGlobex(() => pool.query(own, ['globex']))).rowCount).toBe(1)
})

it('keeps the connection after a refusal, and drops it after an error, as the pool does', async () => {
  const pool = openPool()
  await pool.query('select 1')
  const before = await pool.connect()
  const first: unknown = Reflect.get(before, 'processID')
  before.release()
  await expect(asAcme(() => pool.query(every))).rejects.toMatchObject(refused)
  const after = await pool.connect()
  expect(Reflect.get(after, 'processID')).toBe(first)
  after.release()
  await expect(pool.query('select 1 / 0')).rejects.toMatchObject({ code: '22012' })
  const last = await pool.connect()
  expect(Reflect.get(last, 'processID')).not.toBe(first)
  last.release()
})

it('gives tenants no session that the system changed', async () => {
  const pool = openPool({}, systemGuard)
  const items = async () => (await asAcme(() => pool.query(own, ['acme']))).rowCount
  expect(await items()).toBe(2)
  for (const text of ['set role pg_monitor', 'create temp table orders (item text)']) {
    await asSystem(() => pool.query(text))
    expect(await items()).toBe(2)
    const client = await pool.connect()
    await asSystem(() => client.query(text))
    await expect(asAcme(() => client.query(own, ['acme']))).rejects.toMatchObject(opaque)
    client.release()
    expect(await items()).toBe(2)
    await new Promise((resolve) => {
      asSystem(() =>
        pool.connect((_, one, release) => {
          one?.query(text, () => {
            release()
            resolve(undefined)
          })
        }),
      )
    })
    expect(await items()).toBe(2)
  }
})

it('calls who waits for the end of a client as nothing that sends', async () => {
  const client = guardClient(new pg.Client({ connectionString: shop.url }), shop.guard)
  await client.connect()
  const self = await new Promise((resolve) => {
    client.end(function (this: unknown) {
      resolve(this)
    })
  })
  expect(self).toBeUndefined()
})

it('refuses servers and sessions that read texts in another way', async () => {
  for (const options of [
    '-c standard_conforming_strings=off',
    '-c search_path=pg_temp,public',
    '-c transform_null_equals=on',
  ]) {
    const pool = openPool({ options })
    await expect(
      asAcme(() => pool.query(own, ['acme'])),
      options,
    ).rejects.toMatchObject(opaque)
    const client = guardClient(new pg.Client({ connectionString: shop.url, options }), shop.guard)
    await client.connect()
    await expect(
      asAcme(() => client.query(own, ['acme'])),
      options,
    ).rejects.toMatchObject(opaque)
    await client.end()
  }
  // Changed on the way, by whoever may.
  const client = await openClient(openPool({}, systemGuard))
  await asSystem(() => client.query(`select set_config('client_encoding', 'SJIS', false)`))
  await expect(asAcme(() => client.query(own, ['acme']))).rejects.toMatchObject(opaque)
})

it('guards what a library makes of the driver that it is given', async () => {
  const driver = guardDriver(pg, shop.guard)
  expect(Object.keys(driver).sort()).toEqual(
    [
      ...['Client', 'DatabaseError', 'Pool', 'Result', 'TypeOverrides', 'defaults'],
      ...['escapeIdentifier', 'escapeLiteral', 'types'],
    ].sort(),
  )
  const client = new driver.Client(shop.url)
  expect(client).toBeInstanceOf(driver.Client)
  expect(client).toBeInstanceOf(pg.Client)
  await client.connect()
  await expect(asAcme(() => client.query(every))).rejects.toMatchObject(refused)
  await client.end()
  const pool = new driver.Pool({ connectionString: shop.url })
  await expect(asAcme(() => pool.query(every))).rejects.toMatchObject(refused)
  expect((await asAcme(() => pool.query(own, ['acme']))).rowCount).toBe(2)
  await pool.end()
  for (const Class of [driver.Client, driver.Pool]) {
    expect(Reflect.get(Class, 'Query')).toBeUndefined()
    expect(Reflect.get(Class, 'super_')).toBeUndefined()
  }
})

// mutation src/doors/guarded-class.ts: if (target !== guarded) { => if (target === undefined) {
it('makes pools of guarded clients, and refuses classes that extend guarded ones', async () => {
  const driver = guardDriver(pg, shop.guard)
  const pool = new driver.Pool({ connectionString: shop.url, Client: driver.Client })
  onTestFinished(() => pool.end())
  await expect(asAcme(() => pool.query(every))).rejects.toMatchObject(refused)
  expect((await asAcme(() => pool.query(own, ['acme']))).rowCount).toBe(2)
  const client = await pool.connect()
  await expect(asAcme(() => client.query(every))).rejects.toMatchObject(refused)
  client.release()

  class Mine extends driver.Client {}
  class Pools extends driver.Pool {}
  const refusal = expect.objectContaining({ code: 'sql.client' })
  expect(() => new Mine(shop.url)).toThrow(refusal)
  expect(() => new Pools()).toThrow(refusal)
  expect(() => new driver.Pool({ Client: Mine })).toThrow(refusal)
  for (const Client of [driver.Client, Mine]) {
    expect(() => guardPool(new pg.Pool({ Client }), shop.guard)).toThrow(refusal)
  }
})

it('keeps notes of libraries on a client, and lets none replace what is guarded', async () => {
  const client = await openClient()
  Object.assign(client, { __knexUid: '1', uuid: 'x' })
  expect(Reflect.get(client, '__knexUid')).toBe('1')
  expect(() => Object.assign(client, { query: () => 'mine' })).toThrow(TypeError)
  expect(() => Object.assign(client, { connection: {} })).toThrow(TypeError)
  const heard: unknown[] = []
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter }
  connection.on('parameterStatus', ({ parameterName }) => heard.push(parameterName))
  connection.on('message', (message) => heard.push(message))
  await asAcme(() => client.query(own, ['acme']))
  expect(heard).toEqual([])
})

it('calls back in the scope of the caller, whoever opened the connection', async () => {
  const pool = openPool()
  await asGlobex(() => pool.query('select 1'))
  const tenants: unknown[] = []
  const note = (): void => {
    tenants.push(currentScope()?.tenant?.tenantId)
  }
  await asAcme(async () => {
    await new Promise<void>((resolve) => {
      pool.query('select 1', () => resolve(note()))
    })
    await new Promise<void>((resolve) => {
      pool.connect((_, client, release) => {
        note()
        client?.query('select 1', () => {
          note()
          release()
          resolve()
        })
      })
    })
    const client = await pool.connect()
    note()
    const stream = client.query(new QueryStream('select 1'))
    await new Promise<void>((resolve) => {
      stream.on('data', note)
      stream.on('end', () => resolve(note()))
    })
    client.release()
  })
  expect(tenants).toEqual(['acme', 'acme', 'acme', 'acme', 'acme', 'acme'])
})

it('guards Kysely with its hooks and streams, by its pool alone', async () => {
  const outcomes: unknown[] = []
  const leak = async (connection: { executeQuery(query: never): Promise<unknown> }) => {
    const outcome = connection.executeQuery({ sql: every, parameters: [] } as never)
    outcomes.push(await outcome.catch((error: unknown) => error))
  }
  const db = new Kysely<ShopTables>({
    dialect: new PostgresDialect({
      pool: guardPool(rawPool(), shop.guard),
      cursor: Cursor,
      onCreateConnection: leak,
      onReserveConnection: leak,
    }),
  })
  onTestFinished(() => db.destroy())
  const items: string[] = []
  await asAcme(async () => {
    const query = db
      .selectFrom('orders')
      .select('item')
      .where('tenant_id', '=', 'acme')
      .orderBy('id')
    for await (const { item } of query.stream(1)) items.push(item)
    await db
      .transaction()
      .execute((one) => one.deleteFrom('orders').where('tenant_id', '=', 'nobody').execute())
      .catch((error) => expect(error).toMatchObject(refused))
  })
  expect(items).toEqual(['ink', 'pen'])
  const leaks = () => db.selectFrom('orders').selectAll().stream().next()
  await expect(asAcme(leaks)).rejects.toMatchObject(refused)
  await expect(asAcme(() => sql`delete from orders`.execute(db))).rejects.toMatchObject(refused)
  expect(outcomes).toHaveLength(5)
  for (const outcome of outcomes) expect(outcome).toMatchObject(refused)
})

it('lets the own questions of libraries pass letter by letter, on a session of its own', async () => {
  const settings = `SET client_min_messages TO warning;SET TIME ZONE INTERVAL '+00:00' HOUR TO MINUTE;`
  const client = await openClient(openPool({}, systemGuard))
  await asAcme(() => client.query(settings))
  for (const text of [`${settings} `, settings.toLowerCase(), settings.replace('00:00', '00:01')]) {
    await expect(asAcme(() => client.query(text))).rejects.toMatchObject(opaque)
  }
  await expect(asAcme(() => client.query(settings, ['x']))).rejects.toMatchObject(opaque)
  await asAcme(() => client.query(settings))
  await asSystem(() => client.query('create temp table pg_type (typname text)'))
  await expect(asAcme(() => client.query(settings))).rejects.toMatchObject(opaque)
})

// mutation src/doors/pg-client.ts: isFresh &&= isAsked => isFresh &&= true
it('has no settings of libraries made on a session that others have used', async () => {
  const settings = `SET client_min_messages TO warning;SET TIME ZONE INTERVAL '+00:00' HOUR TO MINUTE;`
  const pool = openPool({ options: '-c timezone=America/New_York' })
  const time = async () => {
    const { rows } = await pool.query(`select '2026-01-01 12:00Z'::timestamptz::text as time`)
    return rows
  }
  const before = await asGlobex(time)
  await expect(asAcme(() => pool.query(settings))).rejects.toMatchObject(opaque)
  expect(await asGlobex(time)).toEqual(before)
})

// mutation src/doors/pg-client.ts: await sendOwn('deallocate all') => await sendOwn('select 1')
// mutation src/doors/pg-client.ts: forgetPrepared(client) => void forgetPrepared
it('prepares again what the system may have replaced on a client that no pool takes back', async () => {
  const client = guardClient(new CountingClient(shop.url), systemGuard)
  onTestFinished(() => client.end())
  await client.connect()
  const named = { name: 'own', text: own, values: ['acme'] }
  const items = async (): Promise<unknown> => (await asAcme(() => client.query(named))).rows
  expect(await items()).toEqual([{ item: 'ink' }, { item: 'pen' }])
  const other = 'select item from orders where $1 is not null'
  await asSystem(() => client.query(`deallocate own; prepare own (text) as ${other}`))
  expect(await items()).toEqual([{ item: 'ink' }, { item: 'pen' }])
  expect(await items()).toEqual([{ item: 'ink' }, { item: 'pen' }])
  expect(CountingClient.sent).toContain('deallocate all')
})
