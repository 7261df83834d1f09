import { runWithTenant } from '@partywall/context'
import { guardClient, guardPool } from '@partywall/sql/pg'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { acme, allRows, CountingClient, globex, refused, type Shop, startShop } from './shop.ts'

let shop: Shop
let pool: pg.Pool
beforeAll(async () => {
  shop = await startShop()
  pool = guardPool(
    new pg.Pool({ connectionString: shop.url, max: 2, Client: CountingClient }),
    shop.guard,
  )
})
afterAll(async () => {
  await pool.end()
  await shop.stop()
})

const own = 'select item from orders where tenant_id = $1 order by id'
const opaque = { code: 'TENANT_CONTEXT_REQUIRED', message: 'TENANT_CONTEXT_REQUIRED: (unknown)' }
const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)

it('refuses every form of a call that is not confined, and sends nothing', async () => {
  CountingClient.sent = []
  const text = 'delete from orders'
  const hidden = Object.create({ text, values: [] })
  const calls = [
    () => pool.query(text),
    () => pool.query({ text }),
    () => pool.query({ text, values: [], rowMode: 'array' }),
    () => pool.query({ name: 'all', text }),
    () => pool.query(hidden),
    () => pool.query(`${own.replace('$1', `'acme'`)}; ${text}`),
    () => pool.query(own, ['globex']),
    () => pool.query({ text: own, values: ['acme'] }, ['globex']),
  ]
  for (const call of calls) await expect(asAcme(call)).rejects.toMatchObject(refused)
  const error = await new Promise((resolve) => asAcme(() => pool.query(text, resolve)))
  expect(error).toMatchObject(refused)
  expect(CountingClient.sent).toEqual([])
  expect(await shop.rows()).toEqual(allRows)
})

it('refuses what it cannot read', async () => {
  const calls: readonly (() => unknown)[] = [
    () => pool.query(new pg.Query(own, ['acme'])),
    () => pool.query({ name: 'prepared elsewhere', values: ['acme'] } as never),
    () => pool.query({ name: 'prepared elsewhere', text: '', values: ['globex'] }),
    () => pool.query({ name: { toString: () => 'x' }, text: own, values: ['acme'] } as never),
    () => pool.query(own, [{ toPostgres: () => 'globex' }]),
    () => pool.query(own, 'acme' as never),
    () => pool.query({ text: own, values: ['acme'], types: [25] } as never),
  ]
  for (const call of calls) {
    await expect(asAcme(async () => await call())).rejects.toMatchObject({ code: refused.code })
  }
})

// mutation src/doors/pg-statement.ts: if (!isProtocolName(name) || !isProtocolName(portal)) return => if (name === null) return
it('refuses names that would write another message than they name', async () => {
  // What follows the NUL is a message of the protocol: it binds a value of globex.
  const bound = '\0\0\x01\0\0\0\x01\0\0\0\x06globex\0\x05\0'
  const text = 'select 1'.padEnd(1024 - bound.length, ' ')
  CountingClient.sent = []
  for (const named of [
    { name: bound, text, values: [] },
    { name: 'x'.repeat(64), text: own, values: ['acme'] },
    { name: 'ü'.repeat(32), text: own, values: ['acme'] },
    { portal: 'a\0b', text: own, values: ['acme'] },
    { portal: { toString: () => 'x' }, text: own, values: ['acme'] },
  ]) {
    await expect(asAcme(() => pool.query(named as never))).rejects.toMatchObject(opaque)
  }
  expect(CountingClient.sent).toEqual([])
  const longest = { name: 'x'.repeat(63), text: own, values: ['acme'] }
  expect((await asAcme(() => pool.query(longest))).rowCount).toBe(2)
})

// mutation src/doors/pg-client.ts: && !isTextPolluted()) { => && text !== '') {
it('sends nothing of what all objects inherit', async () => {
  await shop.raw.query(`insert into orders values (9, 'a', 'of tenant a')`)
  const client = await pool.connect()
  const { getTypeParser } = pg.types
  for (const [name, value] of Object.entries({
    types: Object.assign([18], { getTypeParser }),
    portal: { submittable: { submit: () => undefined } },
    rows: 1,
    rowMode: 'array',
    submit: () => undefined,
  })) {
    let reply: unknown
    Object.assign(Object.prototype, { [name]: value })
    try {
      reply = asAcme(() => client.query(own, ['acme']))
    } finally {
      Reflect.deleteProperty(Object.prototype, name)
    }
    expect(await reply, name).toMatchObject({ rows: [{ item: 'ink' }, { item: 'pen' }] })
  }
  client.release()
  await shop.raw.query('delete from orders where id = 9')
})

it('tells of a value that cannot be copied as of every refusal, by promise or by callback', async () => {
  const circular: { self?: unknown } = {}
  circular.self = circular
  const given = asAcme(() => pool.query(own, [circular]))
  await expect(given).rejects.toThrow()
  const told = new Promise((resolve) => asAcme(() => pool.query(own, [circular], resolve)))
  expect(await told).toBeInstanceOf(Error)
})

it('answers confined calls in every form', async () => {
  const expected = [{ item: 'ink' }, { item: 'pen' }]
  await asAcme(async () => {
    expect((await pool.query(own, ['acme'])).rows).toEqual(expected)
    expect((await pool.query({ text: own, values: ['acme'] })).rows).toEqual(expected)
    expect((await pool.query({ name: 'own', text: own, values: ['acme'] })).rows).toEqual(expected)
    expect((await pool.query({ text: own, values: ['acme'], rowMode: 'array' })).rows).toEqual([
      ['ink'],
      ['pen'],
    ])
    const rows = await new Promise((resolve, reject) => {
      pool.query(own, ['acme'], (error, reply) => (error ? reject(error) : resolve(reply.rows)))
    })
    expect(rows).toEqual(expected)
  })
})

it('gives guarded clients only: by connect, by its callback, by events', async () => {
  const seen: pg.PoolClient[] = []
  const listener = (client: pg.PoolClient): void => {
    seen.push(client)
  }
  pool.on('acquire', listener)
  const first = await pool.connect()
  pool.off('acquire', listener)
  const second = await new Promise<pg.PoolClient | undefined>((resolve) => {
    pool.connect((_, client) => resolve(client))
  })
  try {
    expect(seen[0]).toBe(first)
    for (const client of [first, second, ...seen]) {
      await expect(asAcme(() => client?.query('select * from orders'))).rejects.toMatchObject(
        refused,
      )
      const connection = Reflect.get(client ?? {}, 'connection')
      expect(Object.keys(connection).sort()).toEqual([
        'addListener',
        'off',
        'on',
        'once',
        'prependListener',
        'removeListener',
      ])
      expect(Reflect.ownKeys(client ?? {})).toEqual([])
    }
  } finally {
    first.release()
    second?.release()
  }
  expect(Reflect.get(pool, '_clients')).toBeUndefined()
  expect(pool).toBeInstanceOf(pg.Pool)
  expect(pool.totalCount).toBe(2)
})

it('keeps a transaction with one tenant', async () => {
  const client = await pool.connect()
  try {
    await asAcme(() => client.query('begin'))
    await expect(runWithTenant(globex, () => client.query(own, ['globex']))).rejects.toMatchObject(
      opaque,
    )
    await asAcme(() => client.query(own, ['acme']))
    await client.query('rollback')
    expect((await runWithTenant(globex, () => client.query(own, ['globex']))).rows).toEqual([
      { item: 'cup' },
    ])
  } finally {
    client.release()
  }
})

it('sends what it checked, whatever becomes of the call while it waits for its turn', async () => {
  const names = ['acme']
  const values = [names]
  const text = 'select item from orders where tenant_id = any($1) order by id'
  const config = { text, values }
  const client = await pool.connect()
  try {
    const before = client.query('select count(*) from generate_series(1, 50000)')
    const reply = asAcme(() => client.query(config))
    names[0] = 'globex'
    values[0] = ['globex']
    config.text = 'select item from orders'
    await before
    expect((await reply).rows).toEqual([{ item: 'ink' }, { item: 'pen' }])
  } finally {
    client.release()
  }
})

it('reads an accessor once', async () => {
  let reads = 0
  const shifting = {
    get text() {
      reads += 1
      return reads === 1 ? own : 'select item from orders'
    },
    values: ['acme'],
  }
  const { rows } = await asAcme(() => pool.query(shifting))
  expect(rows).toHaveLength(2)
})

it('sends objects, dates, buffers and lists as the driver would', async () => {
  const values = [
    { a: [1, 'ü'] },
    new Date(0),
    Buffer.from('x'),
    ['a"b', null],
    [[1], [2]],
    null,
    true,
    5n,
  ]
  const text =
    'select $1::jsonb, $2::timestamptz, $3::bytea, $4::text[], $5::int[], $6::text, $7::bool, $8::int8'
  const plain = await shop.raw.query({ text, values, rowMode: 'array' })
  const guarded = await asAcme(() => pool.query({ text, values, rowMode: 'array' }))
  expect(guarded.rows).toEqual(plain.rows)
})

it('guards a single client, and refuses a native one', async () => {
  const client = guardClient(new pg.Client({ connectionString: shop.url }), shop.guard)
  await client.connect()
  await expect(asAcme(() => client.query('select * from orders'))).rejects.toMatchObject(refused)
  expect((await asAcme(() => client.query(own, ['acme']))).rowCount).toBe(2)
  await client.end()
  expect(() => guardClient({ native: {} } as never, shop.guard)).toThrow('pg.native')
})

it('leads to no raw client by the result of connect or by the error of an idle client', async () => {
  for (const connected of [
    (client: pg.Client): Promise<unknown> => Promise.resolve(client.connect()),
    (client: pg.Client): Promise<unknown> =>
      new Promise((resolve) => client.connect((...given: unknown[]) => resolve(given[1]))),
  ]) {
    const client = guardClient(new pg.Client({ connectionString: shop.url }), shop.guard)
    expect((await connected(client)) === client).toBe(true)
    await client.end()
  }

  const lonely = guardPool(new pg.Pool({ connectionString: shop.url, max: 1 }), shop.guard)
  const failed = new Promise<unknown>((resolve) => {
    lonely.on('error', (error) => resolve(Reflect.get(error, 'client')))
  })
  const idle = await lonely.connect()
  const processId: unknown = Reflect.get(idle, 'processID')
  idle.release()
  await shop.raw.query('select pg_terminate_backend($1)', [processId])
  expect((await failed) === idle).toBe(true)
  await lonely.end()
})
