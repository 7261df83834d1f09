import { runWithTenant } from '@partywall/context'
import { currentScope } from '@partywall/context/spi'
import type { Guard } from '@partywall/sql'
import type pg from 'pg'
import QueryStream from 'pg-query-stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { guardsOfModes, type Mode, modes, openGuarded } from './pg-modes.ts'
import { acme, globex, type Shop, startShop } from './shop.ts'

const own = 'select item from orders where tenant_id = $1 order by id'

const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)
const asGlobex = <Result>(work: () => Result): Result => runWithTenant(globex, work)

let shop: Shop
let guards: ReadonlyMap<Mode, Guard>
beforeAll(async () => {
  shop = await startShop()
  guards = await guardsOfModes()
})
afterAll(() => shop.stop())

function openPool(mode: Mode | 'plain', more: pg.PoolConfig = {}): pg.Pool {
  return openGuarded(
    { connectionString: shop.url, ...more },
    mode === 'plain' ? undefined : guards.get(mode),
  )
}

/** What a stream tells, in its order, until it closes. */
function toldBy(stream: QueryStream): Promise<readonly string[]> {
  const told: string[] = []
  return new Promise((resolve) => {
    stream.on('data', (row) => told.push(JSON.stringify(row)))
    stream.on('error', (error) => told.push(error.message))
    stream.on('end', () => told.push('end'))
    stream.on('close', () => resolve([...told, 'close']))
  })
}

/** Leaves its time between the first row and the second. */
function readSlowly(stream: QueryStream): void {
  const read = stream._read.bind(stream)
  let asked = 0
  stream._read = (size) => {
    asked += 1
    if (asked === 1) read(size)
    else setTimeout(read, 900, size)
  }
}

/** Nobody else can lock the orders until what it gives is called. */
async function lockOrders(): Promise<() => void> {
  const client = await shop.raw.connect()
  await client.query('begin; select from orders for update')
  return () => {
    void client.query('rollback').then(() => client.release())
  }
}

interface Failure {
  readonly title: string
  readonly text: string
  readonly options?: { readonly batchSize: number }
  readonly isSlow?: true
  readonly pool?: pg.PoolConfig
}

const failures: readonly Failure[] = [
  { title: 'in its text', text: own.replace('by id', 'by 5') },
  { title: 'in its first row', text: own.replace('item', '1/0') },
  {
    title: 'in a later row',
    text: own.replace('item', '1/(id-2)'),
    options: { batchSize: 1 },
  },
  {
    title: 'since its time is over',
    text: `${own} for update`,
    pool: { query_timeout: 250 },
  },
  {
    title: 'since its time is over between its rows',
    text: own,
    options: { batchSize: 1 },
    isSlow: true,
    // Enough for the first row on any machine.
    pool: { query_timeout: 600 },
  },
]

async function fail({ text, options, isSlow }: Failure, client: pg.PoolClient): Promise<unknown> {
  const stream = new QueryStream(text, ['acme'], options)
  if (isSlow === true) readSlowly(stream)
  const unlock = text.endsWith('for update') ? await lockOrders() : undefined
  // Longer than its time.
  if (unlock !== undefined) setTimeout(unlock, 500)
  return toldBy(client.query(stream))
}

it.each(failures)(
  'tells of a stream that fails $title, as the driver does',
  async (failure) => {
    const tell = async (mode: Mode | 'plain'): Promise<unknown> => {
      const pool = openPool(mode, failure.pool)
      const client = await pool.connect()
      const told = [await fail(failure, client), await fail(failure, client)]
      const { rows } = await client.query(own, ['acme'])
      client.release()
      return [...told, rows, (await pool.query(own, ['acme'])).rows]
    }
    const plain = await asAcme(() => tell('plain'))
    expect(JSON.stringify(plain)).toContain('close')
    for (const mode of modes) expect(await asAcme(() => tell(mode)), mode).toEqual(plain)
  },
  20_000,
)

// mutation src/doors/pg-portal.ts: end('readyForQuery', 'end') => end('end')
it('waits for no server that is gone', async () => {
  const endless = 'select count(*) from generate_series(1, 100000000), orders where tenant_id = $1'
  for (const mode of modes) {
    const pool = openPool(mode)
    const client = await pool.connect()
    client.on('error', () => undefined)
    const told = asAcme(() => toldBy(client.query(new QueryStream(endless, ['acme']))))
    const next = asGlobex(() => pool.query(own, ['globex']))
    await shop.raw.query('select pg_terminate_backend($1)', [Reflect.get(client, 'processID')])
    expect((await told).join(), mode).toMatch(/^[^,]*terminat[^,]*,close$/)
    client.release()
    expect((await next).rows).toEqual([{ item: 'cup' }])
  }
}, 10_000)

// mutation src/doors/pg-portal.ts: listeners.set('readyForQuery', () => end('readyForQuery')) => listeners.set('readyForQuery', () => end())
// mutation src/doors/pg-portal.ts: portal.inScope(() => heard.emit(event, ...values)) => heard.emit(event, ...values)
it('tells of a failure in the scope of whoever reads', async () => {
  const pool = openPool('enforce')
  await asGlobex(() => pool.query(own, ['globex']))
  const client = await pool.connect()
  const tenant = await asAcme(() => {
    const stream = client.query(new QueryStream(own.replace('item', '1/0'), ['acme']))
    stream.resume()
    return new Promise((resolve) => {
      stream.on('error', () => resolve(currentScope()?.tenant?.tenantId))
    })
  })
  client.release()
  expect(tenant).toBe('acme')
}, 10_000)

// mutation src/doors/pg-portal.ts: isConnection(each) ? facade : each => isConnection(each) ? (facade ??= connectionFor(each as object, portal)) : each
it('gives a cursor no connection before its turn', async () => {
  const pool = openPool('enforce', { query_timeout: 50 })
  const client = await pool.connect()
  const slow = 'select count(*) from generate_series(1, 3000000)'
  const busy = new Promise((resolve) => {
    void client.query({ text: slow, query_timeout: 20_000 } as never, resolve as never)
  })
  const given = await asAcme(
    () =>
      new Promise((resolve) => {
        const cursor = {
          ...{ text: own, values: ['acme'], state: 'initialized', read: () => undefined },
          submit: () => resolve('submitted'),
          handleError: (_: unknown, connection: unknown) => resolve(connection),
        }
        client.query(cursor as never)
      }),
  )
  expect(given).toBeUndefined()
  await busy
  client.release()
}, 10_000)
