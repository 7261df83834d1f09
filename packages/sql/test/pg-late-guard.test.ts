import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { runWithTenant } from '@partywall/context'
import { createGuard } from '@partywall/sql'
import { guardClient, guardDriver, guardPool } from '@partywall/sql/pg'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest'
import { switches } from './enforcement.ts'
import { acme, CountingClient, globex, type Shop, shopSchema, startShop } from './shop.ts'

const opaque = { code: 'TENANT_CONTEXT_REQUIRED', message: 'TENANT_CONTEXT_REQUIRED: (unknown)' }
const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)
/** Everybody's rows, where a backslash ends no string. */
const text = String.raw`select tenant_id from orders where tenant_id = 'acme' and item <> '\' and item <> ' or true --'`
const off = '-c standard_conforming_strings=off'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())
beforeEach(() => {
  CountingClient.sent = []
})

interface Guarded {
  readonly query: pg.Client['query']
}

/** A client of which the guard hears at some time; its statements are sent as soon as they can be. */
type Late = (config: pg.ClientConfig) => Promise<Guarded>

function ended<Ended extends { end(): Promise<void> }>(client: Ended): Ended {
  onTestFinished(() => client.end())
  return client
}

const ways: Readonly<Record<string, Late>> = {
  'a client that is guarded when it is connected': async (config) => {
    const client = ended(new CountingClient(config))
    await client.connect()
    return guardClient(client, shop.guard)
  },
  'a client that is guarded while it connects': async (config) => {
    const client = ended(new CountingClient(config))
    void client.connect()
    return guardClient(client, shop.guard)
  },
  'a client of a pool that is guarded alone': async (config) => {
    const pool = ended(new pg.Pool({ ...config, Client: CountingClient }))
    const client = await pool.connect()
    onTestFinished(() => client.release())
    return guardClient(client, shop.guard)
  },
  'a pool that was used before': async (config) => {
    const pool = ended(new pg.Pool({ ...config, max: 1, Client: CountingClient }))
    await pool.query('select 1')
    return guardPool(pool, shop.guard)
  },
  'a client of a pool that was used before': async (config) => {
    const pool = ended(new pg.Pool({ ...config, max: 1, Client: CountingClient }))
    await pool.query('select 1')
    const client = await guardPool(pool, shop.guard).connect()
    onTestFinished(() => client.release())
    return client
  },
  'a client that is not connected yet': async (config) => {
    const client = ended(guardClient(new CountingClient(config), shop.guard))
    // Statements are sent before.
    setImmediate(() => void client.connect())
    return client
  },
  'a client of a guarded driver that connects': async (config) => {
    const { Client } = guardDriver({ ...pg, Client: CountingClient }, shop.guard)
    const client = ended(new Client(config))
    void client.connect()
    return client
  },
}

// mutation src/doors/told-settings.ts: let waiting = isLate ? undefined : opened() => let waiting: Promise<void> | undefined
// mutation src/doors/pg-client.ts: if (telling !== undefined) return wait(telling) => void telling
it.each(Object.entries(ways))(
  'knows how the server reads texts before the first statement of %s',
  async (_, open) => {
    const usual = await open({ connectionString: shop.url })
    const { rows } = await asAcme(() => usual.query(text))
    expect(rows).toEqual([{ tenant_id: 'acme' }, { tenant_id: 'acme' }])
    CountingClient.sent = []
    const other = await open({ connectionString: shop.url, options: off })
    await expect(asAcme(() => other.query(text))).rejects.toMatchObject(opaque)
    expect(CountingClient.sent).not.toContain(text)
  },
)

it('asks only once, and only where it has not heard', async () => {
  const client = ended(new CountingClient(shop.url))
  await client.connect()
  const guarded = guardClient(client, shop.guard)
  await asAcme(() => Promise.all([guarded.query(text), guarded.query(text)]))
  await asAcme(() => guarded.query(text))
  const [first, ...rest] = CountingClient.sent
  expect(first).toContain('show standard_conforming_strings; ')
  expect(rest).toEqual([text, text, text])
  CountingClient.sent = []
  const pool = ended(
    guardPool(new pg.Pool({ connectionString: shop.url, Client: CountingClient }), shop.guard),
  )
  await asAcme(() => pool.query(text))
  expect(CountingClient.sent).toEqual([text])
})

it('keeps the order of what is sent before a client is connected, and after', async () => {
  const client = ended(guardClient(new CountingClient(shop.url), shop.guard))
  const own = (item: string): string => `${text} and item <> '${item}'`
  const send = (item: string): Promise<unknown> => asAcme(() => client.query(own(item)))
  const sent = [send('a'), send('b')]
  client.on('connect', () => sent.push(send('d')))
  await new Promise((resolve) => {
    client.connect(() => resolve(sent.push(send('c'))))
  })
  sent.push(send('e'))
  await Promise.all(sent)
  expect(CountingClient.sent).toEqual(['a', 'b', 'c', 'd', 'e'].map(own))
})

it('tells those who wait of a connection that never came', async () => {
  const client = guardClient(new pg.Client({ host: '127.0.0.1', port: 1 }), shop.guard)
  const waiting = asAcme(() => client.query(text))
  const told = expect(waiting).rejects.toThrow('Connection terminated unexpectedly')
  await expect(client.connect()).rejects.toThrow('ECONNREFUSED')
  await told
})

// mutation src/doors/told-settings.ts: return isHeard && settings.isKnown => return settings.isKnown
it('refuses what it could not ask for, and stops nobody while enforcement is off', async () => {
  const enforcement = switches('block')
  const guard = await createGuard(shopSchema, { enforcement })
  const client = ended(new CountingClient(shop.url))
  await client.connect()
  await client.query('begin')
  await client.query('select 1/0').catch(() => undefined)
  const guarded = guardClient(client, guard)
  await expect(asAcme(() => guarded.query(text))).rejects.toMatchObject(opaque)
  enforcement.watching = false
  await asAcme(() => guarded.query('rollback'))
  enforcement.watching = true
  expect((await asAcme(() => guarded.query(text))).rowCount).toBe(2)
})

const own = `select item from orders where tenant_id = 'acme' and id = 1`

// mutation src/doors/pg-client.ts: if (Reflect.get(client, '_ending') === true) return undefined => void client
it('refuses statements of a client that was ended before it was connected, as the driver does', async () => {
  const client = guardClient(new pg.Client({ connectionString: shop.url }), shop.guard)
  await client.end()
  const closed = 'Client was closed and is not queryable'
  await expect(asAcme(() => client.query(own))).rejects.toThrow(closed)
  const told = new Promise((resolve) => asAcme(() => client.query(own, resolve)))
  expect(await told).toMatchObject({ message: closed })
})

// mutation src/doors/pg-client.ts: return inTime(ready, limitNow()) => return inTime(ready, undefined)
it('keeps to the time of a statement while it waits for the server', async () => {
  const sockets: Socket[] = []
  const silent = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1')
  onTestFinished(() => void silent.close())
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const client = guardClient(
    new pg.Client({ host: '127.0.0.1', port, query_timeout: 50 }),
    shop.guard,
  )
  client.on('error', () => undefined)
  const connected = client.connect().catch((error: unknown) => error)
  await expect(asAcme(() => client.query(own))).rejects.toThrow('Query read timeout')
  await expect(
    asAcme(() => client.query({ text: own, query_timeout: 20 } as never)),
  ).rejects.toThrow('Query read timeout')
  for (const socket of sockets) socket.destroy()
  expect(await connected).toBeInstanceOf(Error)
})

// mutation src/doors/told-settings.ts: if (!isAnswered(error)) throw error => void isAnswered
it('tells of a connection that is lost before it was asked', async () => {
  const raw = ended(new pg.Client({ connectionString: shop.url }))
  raw.on('error', () => undefined)
  await raw.connect()
  const { rows } = await raw.query<{ pid: number }>('select pg_backend_pid() as pid')
  const slow = raw.query('select pg_sleep(20)').catch((error: unknown) => error)
  const client = guardClient(raw, shop.guard)
  const refused = expect(asAcme(() => client.query(own))).rejects.toThrow('Connection terminated')
  await shop.raw.query('select pg_terminate_backend($1)', [rows[0]?.pid])
  await refused
  expect(await slow).toBeInstanceOf(Error)
})

// mutation src/doors/pg-client.ts: return client.query({ text, types: asTexts }) => return client.query({ text })
it('asks without the parsers of users', async () => {
  const types = { getTypeParser: () => (value: string) => value.toUpperCase() } as never
  const raw = ended(new pg.Client({ connectionString: shop.url, types }))
  await raw.connect()
  const client = guardClient(raw, shop.guard)
  expect((await asAcme(() => client.query(own))).rows).toHaveLength(1)
})

// mutation src/doors/pg-client.ts: if (waiting === undefined) whenSettled(then) => if (waiting !== null) whenSettled(then)
it('gives a client back when its statements were sent that wait', async () => {
  const pool = ended(new pg.Pool({ connectionString: shop.url, max: 1 }))
  await pool.query('select 1')
  const guarded = guardPool(pool, shop.guard)
  const all = await asAcme(async () => {
    const client = await guarded.connect()
    const sent = [client.query('begin'), client.query(own)]
    client.release()
    return Promise.allSettled(sent)
  })
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
  const { rows } = await runWithTenant(globex, () =>
    guarded.query(`select item from orders where tenant_id = 'globex'`),
  )
  expect(rows).toEqual([{ item: 'cup' }])
})
