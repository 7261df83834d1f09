import { AsyncResource } from 'node:async_hooks'
import { once } from 'node:events'
import { connect, createServer, type NetConnectOpts } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { createGuard } from '@partywall/sql'
import { guardPostgres } from '@partywall/sql/postgres'
import postgres, { type Sql } from 'postgres'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { asAcme, asGlobex, asSystem, postgresOptions } from './postgres-shop.ts'
import { bypassingSystem, type Shop, shopSchema, startShop } from './shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

async function open(more: object): Promise<{ raw: Sql; sql: Sql }> {
  const raw = postgres({ ...postgresOptions(shop.url), max: 1, ...more } as never)
  const guard = await createGuard(shopSchema, { enforcement: bypassingSystem })
  onTestFinished(() => raw.end({ timeout: 0 }))
  return { raw, sql: guardPostgres(raw, guard) }
}

const outside = new AsyncResource('outside')
const cup = [{ item: 'cup' }]
const read = (sql: Sql) =>
  asGlobex(() => sql`select item from orders where tenant_id = 'globex' limit 1`)

/** As many transactions as there are connections, all at once. */
async function together(sql: Sql, most: number): Promise<unknown> {
  let begun = 0
  let isFull: () => void = () => undefined
  const full = new Promise<void>((resolve) => {
    isFull = resolve
  })
  const begin = () =>
    sql.begin(async (own) => {
      begun += 1
      if (begun === most) isFull()
      await full
      return own`select 1 as one`
    })
  return asAcme(() => Promise.all(Array.from({ length: most }, begin)))
}

const each = (most: number) => Array.from({ length: most }, () => [{ one: 1 }])

// mutation src/doors/postgres-lines.ts: if (!isShown && isEnd(error)) failing => if (!isShown) failing
it.each([1, 2])('opens a connection on which code of the user threw, of %i', async (max) => {
  let thrown = 0
  const onparameter = (): void => {
    thrown += 1
    if (thrown === 1) throw new Error('mine')
  }
  const { sql } = await open({ max, onparameter })
  await expect(read(sql)).rejects.toThrow('mine')
  expect(await read(sql)).toEqual(cup)
  expect(await together(sql, max)).toEqual(each(max))
})

/** Code of the user that knows the rows of his own statements. */
const readers: Readonly<Record<string, object>> = {
  'reads rows': {
    transform: { row: { from: (row: { item: string }) => ({ item: row.item.trim() }) } },
  },
  'knows columns': {
    transform: {
      column: {
        from(name: string) {
          if (name !== 'item') throw new Error(`no column ${name}`)
          return name
        },
      },
    },
  },
  'reads numbers': {
    types: {
      int: {
        to: 23,
        from: [23],
        serialize: String,
        parse() {
          throw new Error('no number')
        },
      },
    },
  },
}

// mutation src/doors/postgres-lines.ts: raw.unsafe('', => raw.unsafe('select 1',
it.each(Object.entries(readers))('shows nothing of its own to code that %s', async (_, reader) => {
  const { sql } = await open({ fetch_types: false, ...reader })
  expect(await Promise.all([read(sql), read(sql)])).toEqual([cup, cup])
  const held = await asSystem(async () => {
    const own = await sql.reserve()
    const rows = await own`select item from orders where tenant_id = 'globex' limit 1`
    own.release()
    return rows
  })
  expect(held).toEqual(cup)
  await asSystem(() => sql`set work_mem = '8MB'`)
  expect(await read(sql)).toEqual(cup)
})

// mutation src/doors/postgres-lines.ts: code === 'CONNECTION_ENDED' || => false ||
it('tells everybody that the client inside was ended', async () => {
  const { raw, sql } = await open({})
  await read(sql)
  await raw.end()
  for (const send of [read, read, read]) {
    await expect(send(sql)).rejects.toMatchObject({ code: 'CONNECTION_ENDED' })
  }
})

/** A line of which each connection hears its server as late as is said, and the others at once. */
async function openLateLine(delays: number[]): Promise<number> {
  const { host, path, port } = postgresOptions(shop.url)
  const target = (path === undefined ? { host, port } : { path }) as NetConnectOpts
  const server = createServer((near) => {
    const far = connect(target)
    const told = wait(delays.shift() ?? 0)
    far.on('data', (bytes) => void told.then(() => near.write(bytes)))
    near.on('data', (bytes) => far.write(bytes))
    near.on('error', () => far.destroy()).on('close', () => far.destroy())
    far.on('error', () => near.destroy()).on('close', () => near.destroy())
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  return address.port
}

// mutation src/doors/postgres-lines.ts: if (!wasOpen && failing > 0) => if (failing >= 0)
it('counts a connection once whose time is over when it is opened', async () => {
  const lifetimes = [1, 60]
  const port = await openLateLine([1200, 1700])
  const sent: string[] = []
  const { sql } = await open({
    path: undefined,
    host: '127.0.0.1',
    port,
    max: 2,
    fetch_types: false,
    max_lifetime: () => lifetimes.shift() ?? 60,
    debug: (_: number, text: string) => sent.push(text),
  })
  // The first one closes while the second one is being opened.
  await Promise.all([read(sql), read(sql)])
  await wait(600)
  const client = await shop.raw.connect()
  await client.query(`begin; select * from orders where tenant_id = 'acme' for update`)
  sent.length = 0
  const text = `update orders set item = item where tenant_id = 'acme'`
  const busy = [1, 2].map(() => asAcme(() => sql.unsafe(text)))
  const third = read(sql)
  await wait(100)
  // By neither, behind what is on its way.
  const first = [...sent]
  await client.query('rollback')
  client.release()
  await Promise.all([...busy, third])
  expect(first).toEqual([text, text])
})

// mutation src/doors/postgres-lines.ts: if (connection.reserved) => if (connection.queue === undefined)
it('lends nobody a connection whose socket has sent what a failed copy left behind', async () => {
  const { sql } = await open({})
  await asSystem(async () => {
    const own = await sql.reserve()
    const secret = `select 1 as id, 'globex' as tenant_id, 'a secret of the system' as item`
    await own.unsafe(`create temp table orders as ${secret}`)
    const stream = await own`copy orders from stdin`.writable()
    const failed = once(stream, 'error')
    stream.write('x\n')
    stream.write('1\tacme\tz\n'.repeat(3_000_000))
    await failed
    await wait(700)
    const other = outside.runInAsyncScope(() => read(sql))
    await wait(100)
    own.release()
    expect(await other).toEqual(cup)
  })
})
