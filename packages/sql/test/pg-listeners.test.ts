import { EventEmitter } from 'node:events'
import { runWithTenant } from '@partywall/context'
import { guardClient, guardPool } from '@partywall/sql/pg'
import pg from 'pg'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { acme, globex, type Shop, startShop } from './shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
  await shop.raw.query(`create function tell() returns trigger language plpgsql as
    $$ begin raise notice 'new %', new; return new; end $$;
    create trigger t before insert on orders for each row execute function tell()`)
})
afterAll(() => shop.stop())

const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)
const asGlobex = <Result>(work: () => Result): Result => runWithTenant(globex, work)

function openPool(more: pg.PoolConfig = {}): pg.Pool {
  const pool = guardPool(new pg.Pool({ connectionString: shop.url, max: 1, ...more }), shop.guard)
  onTestFinished(() => pool.end())
  return pool
}

/** As an untyped caller would. */
function untyped(target: object): EventEmitter {
  return target as EventEmitter
}

// mutation src/doors/listening.ts: if (!events.has(event)) return self() => if (event === 'newListener') void self()
it('tells nobody of the listeners of others', async () => {
  const pool = openPool()
  const client = await pool.connect()
  const { connection } = client as unknown as { connection: EventEmitter }
  const heard: unknown[] = []
  const note = (...values: unknown[]): void => {
    heard.push(values)
  }
  for (const target of [pool, client, connection].map(untyped)) {
    for (const event of ['newListener', 'removeListener', 'message', 'readyForQuery', 'dataRow']) {
      for (const member of ['on', 'once', 'addListener', 'prependListener'] as const) {
        expect(target[member](event, note) === target, event).toBe(true)
      }
    }
  }
  client.release()
  await asAcme(() => pool.query('select 1 as one'))
  await asGlobex(() => pool.query('select 1 as one'))
  expect(heard).toEqual([])
})

// mutation src/doors/listening.ts: listener.apply(self(), values.map(wrap)) => listener.apply(target, values.map(wrap))
it('calls listeners as methods of what they were given to', async () => {
  const client = guardClient(new pg.Client(shop.url), shop.guard)
  const { connection } = client as unknown as { connection: EventEmitter }
  const told: unknown[] = []
  const note = function (this: unknown): void {
    told.push(this)
  }
  connection.once('parameterStatus', note)
  client.once('connect' as 'end', note)
  client.on('end', note)
  await client.connect()
  await client.end()
  const pool = openPool()
  for (const event of ['acquire', 'connect', 'release'] as const) pool.on(event as 'acquire', note)
  await pool.query('select 1')
  expect(told).toHaveLength(6)
  const given = [connection, client, client, pool, pool, pool]
  expect(told.map((one, i) => one === given[i])).toEqual(given.map(() => true))
})

it('takes a listener off from the event that is named, and the last that was put on', async () => {
  const pool = openPool()
  const events: string[] = []
  const note = (): void => {
    events.push('heard')
  }
  pool.on('acquire', note).on('acquire', note).on('connect', note).off('acquire', note)
  pool.once('release', note)
  pool.off('release', note).off('remove', note)
  await pool.query('select 1')
  expect(events).toEqual(['heard', 'heard'])
  pool.off('acquire', note).off('acquire', note)
  await pool.query('select 1')
  expect(events).toHaveLength(2)
  expect(() => pool.on('acquire', 'no function' as never)).toThrow(TypeError)
})

// mutation src/doors/listening.ts: for (const one of held.filter(({ isTenants }) => isTenants)) drop(one) => void held
it('lets no tenant hear a client that another has by now', async () => {
  const pool = openPool()
  const ofPool: string[] = []
  const ofAcme: string[] = []
  pool.on('connect', (client) => client.on('notice', ({ message }) => ofPool.push(String(message))))
  asAcme(() =>
    pool.on('connect', (client) => {
      client.on('notice', ({ message }) => ofAcme.push(String(message)))
    }),
  )
  await asAcme(async () => {
    const client = await pool.connect()
    for (const member of ['on', 'once'] as const) {
      untyped(client)[member]('notice', ({ message }) => ofAcme.push(String(message)))
    }
    client.release()
    // It is no way to another's listeners.
    expect(() => client.release()).toThrow('already been released')
  })
  await asGlobex(async () => {
    await pool.query(`insert into orders values (80, 'globex', 'of globex')`)
    const client = await pool.connect()
    const own: unknown[] = []
    client.on('notice', ({ message }) => own.push(message))
    await client.query(`insert into orders values (81, 'globex', 'of globex')`)
    expect(own).toHaveLength(1)
    client.release()
  })
  expect(ofAcme).toEqual([])
  expect(ofPool).toHaveLength(2)
})

// mutation src/doors/pg-pool.ts: pool.end((...told: unknown[]) => callback(...told)) => pool.end(callback)
it('calls who waits for the end of a pool as nothing that sends, and says that it was ended', async () => {
  const pool = guardPool(new pg.Pool({ connectionString: shop.url }), shop.guard)
  const self = await new Promise((resolve) => {
    pool.end(function (this: unknown) {
      resolve(this)
    })
  })
  expect(self).toBeUndefined()
  const again = await new Promise((resolve) => (pool.end as (told: unknown) => void)(resolve))
  expect(String(again)).toContain('more than once')
  await expect(pool.end()).rejects.toThrow('more than once')
})

// mutation src/doors/pg-pool.ts: const isHeard = event === 'error' || => const isHeard =
it('gives nobody a raw client with an error that nobody listens to', async () => {
  const inner = new pg.Pool({ connectionString: shop.url, max: 1 })
  const pool = guardPool(inner, shop.guard)
  onTestFinished(() => pool.end())
  const client = await pool.connect()
  client.release()
  const idle = new Error('of an idle client')
  const raws: unknown = Reflect.get(inner, '_clients')
  Object.assign(idle, { client: Reflect.get(raws as object, 0) })
  expect(() => EventEmitter.prototype.emit.call(pool, 'error', idle)).toThrow()
  expect(() => inner.emit('error' as never, idle as never)).toThrow(idle)
  expect(Reflect.get(idle, 'client') === client).toBe(true)
})
