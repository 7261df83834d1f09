import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { runAsSystem, runWithTenant } from '@partywall/context'
import { currentScope } from '@partywall/context/spi'
import { createGuard } from '@partywall/sql'
import { guardClient, guardPool } from '@partywall/sql/pg'
import pg from 'pg'
// @ts-expect-error it comes without types
import copy from 'pg-copy-streams'
// @ts-expect-error it comes without types
import Cursor from 'pg-cursor'
import QueryStream from 'pg-query-stream'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { acme, allRows, bypassingSystem, type Shop, shopSchema, startShop } from './shop.ts'

const opaque = { code: 'TENANT_CONTEXT_REQUIRED', message: 'TENANT_CONTEXT_REQUIRED: (unknown)' }
const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

function openPool(): pg.Pool {
  const pool = guardPool(new pg.Pool({ connectionString: shop.url, max: 1 }), shop.guard)
  onTestFinished(() => pool.end())
  return pool
}

async function openClient(guard = shop.guard): Promise<pg.Client> {
  const client = guardClient(new pg.Client(shop.url), guard)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** What becomes of work that fails: the driver, or the guard, says why. */
async function failureOf(work: () => unknown): Promise<unknown> {
  try {
    return await work()
  } catch (error) {
    return error
  }
}

function query(client: pg.Client, ...call: readonly unknown[]): unknown {
  return Reflect.apply(client.query, client, call)
}

const waysToCall: Readonly<Record<string, (client: pg.Client) => unknown>> = {
  'copies into a table': (client) => {
    const target = copy.from('copy orders from stdin')
    return pipeline(Readable.from(['9\tacme\tx\n']), query(client, target) as typeof target)
  },
  'copies out of a table': (client) => {
    return (query(client, copy.to('copy orders to stdout')) as Readable).toArray()
  },
  'listens to a query': (client) => {
    const given = query(client, new pg.Query('select 1')) as pg.Query
    return new Promise((resolve) => given.on('error', resolve))
  },
  'calls back for a query': (client) => {
    return new Promise((resolve) => query(client, new pg.Query('select 1'), resolve))
  },
  'has a query that calls back by itself': (client) => {
    const never = () => expect.unreachable()
    return new Promise((resolve) => {
      // Its types know one form of it.
      query(client, Reflect.construct(pg.Query, ['select 1', resolve]), never)
    })
  },
  'gets back what it gave, whoever is told': (client) => {
    const given = new pg.Query('select 1')
    return new Promise((resolve) => {
      expect(query(client, given, resolve)).toBe(given)
    })
  },
  'reads a stream': (client) => {
    return (query(client, new QueryStream('select * from orders')) as Readable).toArray()
  },
  'reads a cursor': (client) => {
    const cursor = new Cursor('select * from orders')
    return (query(client, cursor) as typeof cursor).read(1)
  },
}

// mutation src/doors/pg-statement.ts: process.nextTick(() => Reflect.apply( => void (() => Reflect.apply(
it.each(Object.keys(waysToCall))(
  'tells who %s of a refusal, as the driver would',
  async (name) => {
    const unexpected: unknown[] = []
    const note = (error: unknown): void => {
      unexpected.push(error)
    }
    process.on('unhandledRejection', note)
    onTestFinished(() => void process.off('unhandledRejection', note))
    const call = waysToCall[name] ?? (() => expect.unreachable())
    const plain = new pg.Client(shop.url)
    await plain.connect()
    await plain.end()
    expect(await failureOf(() => call(plain))).toMatchObject({
      message: 'Client was closed and is not queryable',
    })
    const client = await openClient()
    expect(await failureOf(() => asAcme(() => call(client)))).toMatchObject({ code: opaque.code })
    // The connection goes on, and nothing was sent.
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    expect(await shop.rows()).toEqual(allRows)
    await new Promise(setImmediate)
    expect(unexpected).toEqual([])
  },
  10_000,
)

it('tells of the refusal in the scope of the caller, and gives no connection', async () => {
  const client = await openClient()
  const told = await asAcme(
    () =>
      new Promise((resolve) => {
        query(client, {
          submit: () => resolve('submitted'),
          handleError: (...values: unknown[]) => {
            resolve([currentScope()?.tenant?.tenantId, ...values])
          },
        })
      }),
  )
  expect(told).toMatchObject(['acme', opaque])
  expect(told).toHaveLength(2)
})

// mutation src/doors/pg-client.ts: fail === undefined ? undefined : call[0] => undefined
it('gives back what submits itself while the session is cleaned for it', async () => {
  const client = await openClient(await createGuard(shopSchema, { enforcement: bypassingSystem }))
  const asSystem = <Result>(work: () => Result): Result =>
    runAsSystem({ actor: 'nightly', reason: 'nightly_report' }, work)
  for (const name of ['copies out of a table', 'listens to a query', 'reads a stream']) {
    await asSystem(() => client.query('create temp table if not exists t (i int)'))
    expect(await failureOf(() => asAcme(() => waysToCall[name]?.(client)))).toMatchObject({
      code: opaque.code,
    })
  }
})

it('refuses every other thing that submits itself', async () => {
  const pool = openPool()
  const client = await pool.connect()
  let given: unknown
  const own = {
    text: 'select 1',
    values: [],
    state: 'started',
    read: () => undefined,
    submit: (connection: unknown) => {
      given = connection
    },
  }
  const ways: readonly (() => unknown)[] = [
    () => client.query(own as never),
    () => client.query({ submit: () => undefined } as never),
  ]
  for (const way of ways) {
    await expect(asAcme(async () => await way())).rejects.toMatchObject(opaque)
  }
  client.release()
  for (const one of [new Cursor('select 1', []), copy.to('copy orders to stdout')]) {
    const outcome = asAcme(() => pool.query(one as never))
    await expect(outcome).rejects.toMatchObject(opaque)
  }
  expect(given).toBeUndefined()
  expect(await shop.rows()).toEqual(allRows)
})
