import { once } from 'node:events'
import { connect } from 'node:net'
import { runAsSystem, runWithTenant } from '@partywall/context'
import { createGuard, type Guard } from '@partywall/sql'
import { guardPostgres } from '@partywall/sql/postgres'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest'
import { postgresOptions } from './postgres-shop.ts'
import { acme, bypassingSystem, refused, type Shop, shopSchema, startShop } from './shop.ts'

const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)
const asSystem = <Result>(work: () => Result): Result =>
  runAsSystem({ actor: 'nightly', reason: 'nightly_report' }, work)
const unknown = { code: refused.code, message: 'TENANT_CONTEXT_REQUIRED: (unknown)' }
/** Everybody's rows, where a backslash ends no string. */
const text = String.raw`select item from orders where tenant_id = 'acme' and item <> '\' and item <> ' or true --'`

let shop: Shop
let guard: Guard
let role: string
beforeAll(async () => {
  shop = await startShop()
  guard = await createGuard(shopSchema, { enforcement: bypassingSystem })
  role = `reader_${new URL(shop.url).pathname.slice(-8)}`
  await shop.raw.query(`create role ${role} login password 'x'; grant select on orders to ${role}`)
})
afterEach(() => setRole('reset all'))
afterAll(async () => {
  await shop.raw.query(`drop owned by ${role}; drop role ${role}`)
  await shop.stop()
})

const setRole = (change: string): Promise<unknown> => shop.raw.query(`alter role ${role} ${change}`)

interface Opened {
  readonly sql: postgres.Sql
  /** What becomes of so many statements of acme's that run at once, each by its own connection. */
  send(times: number): Promise<readonly unknown[]>
}

function open(more: postgres.Options<Record<never, never>> = {}): Opened {
  const options = { ...postgresOptions(shop.url), username: role, user: role, password: 'x' }
  const sql = guardPostgres(postgres({ ...options, max: 3, ...more }), guard)
  onTestFinished(() => sql.end({ timeout: 1 }))
  const one = (): Promise<unknown> =>
    asAcme(async () => sql.unsafe(text)).then(
      (rows) => rows.map(({ item }) => item).join(),
      ({ message }) => message,
    )
  return { sql, send: (times) => Promise.all(Array.from({ length: times }, one)) }
}

/** Opens connections by transactions: their beginning is no statement that anybody refuses. */
async function openConnections({ sql }: Opened, count: number): Promise<void> {
  let arrived = 0
  let all: () => void
  const together = new Promise<void>((resolve) => {
    all = resolve
  })
  const begun = Array.from({ length: count }, () =>
    asAcme(() =>
      sql.begin(async (one) => {
        await one`select 1`.catch(() => undefined)
        arrived += 1
        if (arrived === count) all()
        await together
      }),
    ).catch(() => undefined),
  )
  await Promise.all(begun)
}

const endConnections = (): Promise<unknown> =>
  shop.raw.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`)

const all = 'ink,pen'

const changes: readonly (readonly [string, string])[] = [
  ['standard_conforming_strings', 'set standard_conforming_strings = off'],
  ['search_path', 'set search_path = pg_temp, public'],
]

// mutation src/doors/postgres-settings.ts: else if (settings !== others) unknown.delete(settings) => else unknown.clear()
it.each(changes)(
  'refuses tenants while one of the connections has another %s, whatever others report',
  async (_, change) => {
    const client = open({ idle_timeout: 60 })
    await setRole(change)
    expect(new Set(await client.send(1))).toEqual(new Set([unknown.message]))
    await setRole('reset all')
    await openConnections(client, 3)
    expect(new Set(await client.send(6))).toEqual(new Set([unknown.message]))
  },
)

// mutation src/doors/postgres-settings.ts: const settings = current.getStore() ?? others => const settings = others
// mutation src/doors/postgres-settings.ts: if (settings !== undefined) unknown.delete(settings) => void settings
it('answers again when the connection that had another setting is closed', async () => {
  const closed: number[] = []
  const client = open({ max: 2, onclose: (id: number) => closed.push(id) } as never)
  await setRole('set standard_conforming_strings = off')
  expect(await client.send(1)).toEqual([unknown.message])
  await setRole('reset all')
  await endConnections()
  await expect.poll(() => closed.length).toBe(1)
  expect(await client.send(1)).toEqual([all])
})

// mutation src/doors/postgres-settings.ts: for (const each of connections.unknown) if (!apart.has(each)) return false => if (changing.size > 0) return true
it.each(changes)(
  'hears of another %s while the system changes a connection of its own',
  async (_, change) => {
    const client = open()
    expect(await client.send(1)).toEqual([all])
    const long = asSystem(async () =>
      client.sql.unsafe(`create temp table x (); select pg_sleep(1)`).simple(),
    )
    await shop.raw.query('select pg_sleep(0.2)')
    await setRole(change)
    const told = new Set([...(await client.send(3)), ...(await client.send(3))])
    await setRole('reset all')
    await long
    for (const each of await client.send(3)) told.add(each)
    expect([...told].filter((each) => each !== all)).toEqual([unknown.message])
  },
)

// mutation src/doors/postgres-settings.ts: if (settings !== undefined) apart.add(settings) => void settings
it.each(changes)('refuses nobody while the system has another %s by itself', async (_, change) => {
  const client = open()
  expect(await client.send(1)).toEqual([all])
  const long = asSystem(async () => client.sql.unsafe(`${change}; select pg_sleep(0.5)`).simple())
  const told = new Set<unknown>()
  for (let times = 0; times < 10; times += 1)
    for (const each of await client.send(2)) told.add(each)
  await long
  for (const each of await client.send(6)) told.add(each)
  expect([...told]).toEqual([all])
})

// mutation src/doors/postgres-settings.ts: else if (settings !== others) unknown.delete(settings) => else unknown.delete(settings)
it('knows no sockets that users open, and takes no word back of any of them', async () => {
  const { host, path, port } = postgresOptions(shop.url)
  let closed = 0
  const client = open({
    onclose: () => {
      closed += 1
    },
    socket: async () => {
      const socket = path === undefined ? connect(port as number, host as string) : connect(path)
      await once(socket, 'connect')
      return socket
    },
  } as never)
  expect(await client.send(2)).toEqual([all, all])
  await setRole('set standard_conforming_strings = off')
  await openConnections(client, 3)
  expect(new Set(await client.send(6))).toEqual(new Set([unknown.message]))
  await setRole('reset all')
  await endConnections()
  await expect.poll(() => closed).toBe(3)
  await openConnections(client, 3)
  expect(new Set(await client.send(6))).toEqual(new Set([unknown.message]))
})

it('shows what servers said, and tells onparameter only what is new', async () => {
  const told: string[] = []
  const { sql, send } = open({ onparameter: (name: string) => told.push(name) } as never)
  await send(3)
  expect(sql.parameters).toMatchObject({
    standard_conforming_strings: 'on',
    client_encoding: 'UTF8',
  })
  expect(told.filter((name) => name === 'standard_conforming_strings')).toHaveLength(1)
})
