import { AsyncResource } from 'node:async_hooks'
import { runWithTenant } from '@partywall/context'
import type { Guard } from '@partywall/sql'
import type pg from 'pg'
// @ts-expect-error it comes without types
import copy from 'pg-copy-streams'
// @ts-expect-error it comes without types
import Cursor from 'pg-cursor'
import QueryStream from 'pg-query-stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { guardsOfModes, type Mode, modes, openGuarded } from './pg-modes.ts'
import { acme, allRows, globex, type Shop, startShop } from './shop.ts'

const opaque = { code: 'TENANT_CONTEXT_REQUIRED', message: 'TENANT_CONTEXT_REQUIRED: (unknown)' }
const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)
const asGlobex = <Result>(work: () => Result): Result => runWithTenant(globex, work)
const own = 'select item from orders where tenant_id = $1 order by id'

let shop: Shop
let guards: ReadonlyMap<Mode, Guard>
beforeAll(async () => {
  shop = await startShop()
  guards = await guardsOfModes()
})
afterAll(() => shop.stop())

function openPool(mode: Mode | 'plain'): pg.Pool {
  return openGuarded(
    { connectionString: shop.url, pipeline: true },
    mode === 'plain' ? undefined : guards.get(mode),
  )
}

/** As an untyped caller would: what this gives fails without being sent. */
function query(client: pg.PoolClient, given: unknown): unknown {
  return Reflect.apply(client.query, client, [given])
}

const never: Readonly<Record<string, (client: pg.PoolClient) => Promise<unknown>>> = {
  'rows in parts': async (client) => query(client, { text: own, values: ['acme'], rows: 1 }),
  'a cursor': (client) => {
    const cursor = new Cursor(own, ['acme'])
    return (query(client, cursor) as typeof cursor).read(1)
  },
  'a stream': (client) => {
    return (query(client, new QueryStream(own, ['acme'])) as QueryStream).toArray()
  },
  'a copy': (client) => {
    const given = query(client, copy.to('copy orders to stdout')) as QueryStream
    return new Promise((_, reject) => given.on('error', reject))
  },
}

async function failureOf(work: () => Promise<unknown>): Promise<string> {
  const error: unknown = await work().catch((failure: unknown) => failure)
  return error instanceof Error ? error.message : 'nothing failed'
}

// mutation src/doors/pg-transaction.ts: if (isPipelined()) askForDrain() => void askForDrain
it.each(Object.keys(never))(
  'hands a client on after %s, which is never sent in a pipeline',
  async (name) => {
    const give = never[name] ?? (() => expect.unreachable())
    const tell = async (mode: Mode | 'plain', texts: readonly string[]): Promise<unknown> => {
      const pool = openPool(mode)
      const client = await pool.connect()
      const [before, after] = texts
      if (before !== undefined) await client.query(before)
      const failure = await failureOf(() => give(client))
      if (after !== undefined) await client.query(after)
      client.release()
      const { rows } = await pool.query(own, ['acme'])
      const next = await pool.connect()
      next.release()
      return { failure, rows, isSame: next === client }
    }
    for (const texts of [[], ['begin', 'rollback'], ['begin']]) {
      const plain = await asAcme(() => tell('plain', texts))
      expect(plain).toMatchObject({ failure: expect.stringContaining('in pipeline mode') })
      for (const mode of modes) {
        const told = await asAcme(() => tell(mode, texts))
        const isRefused = name === 'a copy' && mode === 'enforce'
        const failure = isRefused ? { failure: opaque.message } : {}
        // What was left open goes to nobody else.
        const isSame = texts.length !== 1
        expect(told, `${mode} ${texts.join()}`).toEqual({ ...Object(plain), ...failure, isSame })
      }
    }
  },
  10_000,
)

// mutation src/doors/pg-transaction.ts: if (!isFailing) idle() => idle()
it('keeps a transaction with its tenant until the failure of its end is answered', async () => {
  const pool = openPool('enforce')
  const client = await asAcme(() => pool.connect())
  await client.query({ name: 'one', text: 'select 1' })
  const text = `begin; insert into orders values (50, 'acme', 'unwanted'); savepoint s; select 1/0; commit`
  // The callback is in the scope of acme.
  const elsewhere = AsyncResource.bind(asGlobex<Promise<unknown>>)
  const [failure, refusal] = await new Promise<readonly unknown[]>((resolve) => {
    const failed = (error: unknown): void => {
      // The driver does not send it, and says that it has drained before the server is ready again.
      query(client, { name: 'one', text: 'select 2', callback: () => undefined })
      const mine = elsewhere(() => client.query(own, ['globex']))
      mine.catch((refused: unknown) => resolve([error, refused]))
    }
    asAcme(() => Reflect.apply(client.query, client, [text, failed]))
  })
  client.release()
  expect(failure).toMatchObject({ code: '22012' })
  expect(refusal).toMatchObject(opaque)
  const next = await asGlobex(() => pool.query(own, ['globex']))
  expect(next.rows).toEqual([{ item: 'cup' }])
  expect(await shop.rows()).toEqual(allRows)
})

it('waits for what was sent before it hands a client on', async () => {
  const pool = openPool('enforce')
  const client = await asAcme(() => pool.connect())
  await asAcme(() => client.query('begin'))
  const slow = asAcme(() => client.query('select count(*) from generate_series(1, 300000)'))
  const end = asAcme(() => client.query('rollback'))
  const failed = asAcme(() => failureOf(() => never['rows in parts']?.(client) ?? slow))
  client.release()
  const next = await asGlobex(() => pool.connect())
  expect(next === client).toBe(true)
  expect((await slow).rows).toEqual([{ count: '300000' }])
  expect((await end).command).toBe('ROLLBACK')
  expect(await failed).toContain('in pipeline mode')
  next.release()
})
