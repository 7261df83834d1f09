import { runAsSystem, runWithTenant } from '@partywall/context'
import { createGuard } from '@partywall/sql'
import { guardDialect } from '@partywall/sql/kysely'
import { guardPool } from '@partywall/sql/pg'
import {
  loadSecurityCatalogue,
  rowSecurityStatements,
  withTenantTransaction,
} from '@partywall/sql/row-security'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Door, doorNames, openDoor } from './doors.ts'
import { switches } from './enforcement.ts'
import { type PgBouncer, type PgBouncerOptions, startPgBouncer } from './pgbouncer.ts'
import {
  acme,
  allRows,
  CountingClient,
  globex,
  type Shop,
  type ShopTables,
  shopSchema,
  startShop,
} from './shop.ts'

const opaque = { code: 'TENANT_CONTEXT_REQUIRED', message: 'TENANT_CONTEXT_REQUIRED: (unknown)' }
/** Twice as many as PgBouncer has connections to the server. */
const clients = 4
const tenants = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? acme : globex))
const own = { acme: ['ink', 'pen'], globex: ['cup'] } as const

let shop: Shop
let role: string
let bouncer: PgBouncer
beforeAll(async () => {
  shop = await startShop()
  role = `serving_${new URL(shop.url).pathname.slice(-8)}`
  await shop.raw.query(`create role ${role} login password 'secret';
    grant select, insert, update, delete on orders to ${role}`)
  const catalogue = await loadSecurityCatalogue(shop.raw)
  for (const statement of rowSecurityStatements(shopSchema, { catalogue }).enable) {
    await shop.raw.query(statement)
  }
  bouncer = await start()
})
afterAll(async () => {
  await bouncer.stop()
  await shop.raw.query(`drop owned by ${role}; drop role ${role}`)
  await shop.stop()
})

function start(settings?: PgBouncerOptions['settings']): Promise<PgBouncer> {
  return startPgBouncer({ server: shop.url, users: { [role]: 'secret' }, settings })
}

/** A PgBouncer of the test's own. */
async function startOther(settings: PgBouncerOptions['settings']): Promise<PgBouncer> {
  const other = await start(settings)
  onTestFinished(() => other.stop())
  return other
}

function openPool(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max, Client: CountingClient })
  onTestFinished(() => pool.end())
  return pool
}

describe.each(doorNames)('through %s', (name) => {
  /** Guarded ways to the shop by PgBouncer, each with a connection of its own. */
  function openDoors(many: number): readonly Door[] {
    const doors = Array.from({ length: many }, () =>
      openDoor(name, { ...shop, url: bouncer.urlFor() }),
    )
    onTestFinished(async () => {
      for (const door of doors) await door.end()
    })
    return doors
  }

  it('refuses what would outlive its transaction on a connection to the server, and sends nothing', async () => {
    const [door] = openDoors(1)
    for (const text of [
      'set search_path to other',
      `set session partywall.tenant = 'globex'`,
      `select set_config('partywall.tenant', 'globex', false)`,
      'reset all',
      'discard all',
      'set role postgres',
      'set session authorization postgres',
      'listen orders',
      'unlisten *',
      `notify orders, 'acme'`,
      'create temp table orders (id int)',
      'create temp table mine as select 1 as id',
      'select 1 as id into temp mine',
      `prepare q as select item from orders where tenant_id = 'acme'`,
      'execute q',
      'deallocate all',
      `declare c cursor with hold for select item from orders where tenant_id = 'acme'`,
      'select pg_advisory_lock(1)',
      `load 'auto_explain'`,
      'lock table orders',
    ]) {
      CountingClient.sent = []
      await expect(
        runWithTenant(acme, async () => door?.send(text)),
        text,
      ).rejects.toMatchObject(opaque)
      expect(CountingClient.sent, text).toEqual([])
    }
  })

  it('gives two tenants their own rows over fewer connections than they have', async () => {
    const doors = openDoors(clients)
    const seen = await Promise.all(
      tenants.map((tenant, i) =>
        runWithTenant(tenant, async () => {
          const rows = await doors[i % clients]?.send(
            'select item from orders where tenant_id = $1 order by item',
            [tenant.tenantId],
          )
          return rows?.map((row) => Reflect.get(Object(row), 'item'))
        }),
      ),
    )
    expect(seen).toEqual(tenants.map(({ tenantId }) => own[tenantId]))
    const { toServer, ofClients } = await bouncer.connections()
    expect(ofClients).toBeGreaterThanOrEqual(clients)
    expect(toServer).toBeGreaterThan(0)
    expect(toServer).toBeLessThanOrEqual(2)
  })

  it('keeps the transactions of two tenants apart, and takes back what fails', async () => {
    const doors = openDoors(clients)
    const kept = await Promise.all(
      tenants.map((tenant, i) =>
        runWithTenant(tenant, async () => {
          const change = `update orders set item = item || '!' where tenant_id = $1 returning item`
          return doors[i % clients]?.hold(async (send) => {
            await send('begin')
            const rows = await send(change, [tenant.tenantId])
            await expect(send('select item from orders')).rejects.toThrow('Order')
            await send('rollback')
            return rows.map((row) => Reflect.get(Object(row), 'item')).sort()
          })
        }),
      ),
    )
    expect(kept).toEqual(tenants.map(({ tenantId }) => own[tenantId].map((item) => `${item}!`)))
    expect(await shop.rows()).toEqual(allRows)
  })
})

describe('prepared statements', () => {
  const named = {
    byTenant: { name: 'q', text: 'select item from orders where tenant_id = $1 and id = $2' },
    byId: { name: 'q', text: 'select item from orders where id = $1 and tenant_id = $2' },
  } as const

  it('are refused by the guard where a name comes without its text', async () => {
    const pool = guardPool(openPool(bouncer.urlFor(), 1), shop.guard)
    const sent = runWithTenant(acme, () => pool.query({ name: 'q', text: '', values: ['acme', 1] }))
    await expect(sent).rejects.toMatchObject(opaque)
  })

  it.each([{ server_reset_query_always: 0 }, { server_reset_query_always: 1 }])(
    'are each client’s own under one name, and prepared again where a connection has none: %j',
    async (settings) => {
      const other = await startOther(settings)
      const [first, second] = [1, 2].map(() =>
        guardPool(openPool(other.urlFor(), 1), shop.guard),
      ) as [pg.Pool, pg.Pool]
      const seen = await Promise.all(
        tenants.map(({ tenantId }, i) =>
          runWithTenant({ tenantId, env: 'prod' }, async () => {
            const { rows } = await (i % 2 === 0
              ? first.query({ ...named.byTenant, values: [tenantId, 1] })
              : second.query({ ...named.byId, values: [1, tenantId] }))
            return rows
          }),
        ),
      )
      expect(seen).toEqual(
        tenants.map(({ tenantId }) => [{ item: tenantId === 'acme' ? 'ink' : 'cup' }]),
      )
    },
  )

  // Why docs/scaling.md says that max_prepared_statements must not be 0.
  it('run another client’s text under the same name where PgBouncer does not know them', async () => {
    const other = await startOther({ max_prepared_statements: 0 })
    const [first, second] = [1, 2].map(() => openPool(other.urlFor(), 1)) as [pg.Pool, pg.Pool]
    const one = await first.connect()
    const two = await second.connect()
    await one.query('begin')
    await two.query('begin')
    await one.query({ name: 'q', text: 'select $1::text as first', values: ['1'] })
    await two.query({ name: 'q', text: 'select $1::text as second', values: ['2'] })
    await one.query('commit')
    // The connection that was used last is used next.
    await two.query('commit')
    const { rows } = await one.query({
      name: 'q',
      text: 'select $1::text as first',
      values: ['1'],
    })
    expect(rows).toEqual([{ second: '1' }])
    one.release()
    two.release()
  })
})

describe('row-level security', () => {
  /** What each connection to the server has left, looked at by as many transactions at once. */
  async function leftovers(url: string): Promise<readonly unknown[]> {
    const pool = openPool(url, 2)
    const both = [await pool.connect(), await pool.connect()]
    const look = `select pg_backend_pid() as pid, coalesce(current_setting('partywall.tenant', true), '') as tenant,
      (select count(*)::int from orders) as seen`
    const left: { readonly pid: number }[] = []
    for (const client of both) await client.query('begin')
    for (const client of both) left.push((await client.query(look)).rows[0])
    for (const client of both) await client.query('rollback')
    for (const client of both) client.release()
    expect(new Set(left.map(({ pid }) => pid)).size).toBe(2)
    return left.map(({ pid, ...rest }) => rest)
  }
  const nothing = { tenant: '', seen: 0 }

  /** Reads without a word of tenants: the guard only logs, so that the server alone keeps them apart. */
  type Read = (afterwards?: () => Promise<never>) => Promise<readonly unknown[]>
  const every = 'select item from orders order by item'

  const ways: Readonly<Record<string, (url: string) => Promise<Read>>> = {
    'a guarded pool of pg': async (url) => {
      const guard = await createGuard(shopSchema, { enforcement: switches('log') })
      const pool = guardPool(openPool(url, clients), guard)
      return (afterwards) =>
        withTenantTransaction(pool, async (client) => {
          const { rows } = await client.query(every)
          await afterwards?.()
          return rows
        })
    },
    'a guarded Kysely': async (url) => {
      const guard = await createGuard(shopSchema, { enforcement: switches('log') })
      const pool = new pg.Pool({ connectionString: url, max: clients })
      const db = new Kysely<ShopTables>({
        dialect: guardDialect(new PostgresDialect({ pool }), guard),
      })
      onTestFinished(() => db.destroy())
      return (afterwards) =>
        withTenantTransaction(db, async (transaction) => {
          const rows = await transaction
            .selectFrom('orders')
            .select('item')
            .orderBy('item')
            .execute()
          await afterwards?.()
          return rows
        })
    },
  }

  // mutation src/guard/tenant-statement.ts: set_config($1, $2, true)' => set_config($1, $2, false)'
  it.each(Object.entries(ways))(
    'gives each tenant its rows by %s, and leaves nothing for the next',
    async (_, open) => {
      const read = await open(bouncer.urlFor(role))
      const seen = await Promise.all(tenants.map((tenant) => runWithTenant(tenant, () => read())))
      expect(seen).toEqual(tenants.map(({ tenantId }) => own[tenantId].map((item) => ({ item }))))
      expect(await leftovers(bouncer.urlFor(role))).toEqual([nothing, nothing])
    },
  )

  it.each(Object.entries(ways))(
    'leaves nothing where work fails by %s, or its client is gone',
    async (_, open) => {
      const read = await open(bouncer.urlFor(role))
      const failing = tenants.map((tenant) =>
        runWithTenant(tenant, () => read(() => Promise.reject(new Error('no luck')))),
      )
      for (const result of await Promise.allSettled(failing)) {
        expect(result).toMatchObject({ status: 'rejected', reason: { message: 'no luck' } })
      }
      const gone = new pg.Client(bouncer.urlFor(role))
      gone.on('error', () => undefined)
      await gone.connect()
      await gone.query('begin')
      await gone.query(`select set_config('partywall.tenant', 'acme', true)`)
      await gone.end()
      expect(await leftovers(bouncer.urlFor(role))).toEqual([nothing, nothing])
    },
  )

  it('is told the tenant by a transaction that only reads, as all are on a replica', async () => {
    const url = new URL(shop.url)
    url.username = role
    url.password = 'secret'
    url.searchParams.set('options', '-c default_transaction_read_only=on')
    const read = await ways['a guarded pool of pg']?.(url.href)
    const rows = await runWithTenant(globex, async () => read?.())
    expect(rows).toEqual([{ item: 'cup' }])
    const pool = guardPool(openPool(url.href, 1), shop.guard)
    const written = runWithTenant(globex, () =>
      pool.query(`update orders set item = 'mug' where tenant_id = 'globex'`),
    )
    await expect(written).rejects.toThrow('read-only transaction')
  })

  // Why the tenant is never told to a session.
  it('would hand on a tenant that was set for the session', async () => {
    const other = await startOther({ default_pool_size: 1 })
    const [one, two] = [1, 2].map(() => openPool(other.urlFor(role), 1)) as [pg.Pool, pg.Pool]
    await one.query(`select set_config('partywall.tenant', 'acme', false)`)
    expect((await two.query(every)).rows).toEqual([{ item: 'ink' }, { item: 'pen' }])
  })
})

describe('the system', () => {
  const asSystem = <Result>(work: () => Result): Result =>
    runAsSystem({ actor: 'nightly', reason: 'nightly_report' }, work)

  /** Whose rows a tenant gets after the system has changed a session behind the same PgBouncer. */
  async function afterRole(settings: PgBouncerOptions['settings']): Promise<unknown> {
    const other = await startOther({ default_pool_size: 1, ...settings })
    const guard = await createGuard(shopSchema, { enforcement: switches('bypass') })
    const job = guardPool(openPool(other.urlFor(), 1), guard)
    await asSystem(() => job.query(`set role ${role}`))
    const { rows } = await openPool(other.urlFor(), 1).query('select current_user as name')
    return rows[0]?.name
  }

  // Why docs/scaling.md sends such work around PgBouncer.
  it('changes a session for whoever comes next, unless each transaction is followed by a reset', async () => {
    expect(await afterRole({})).toBe(role)
    expect(await afterRole({ server_reset_query_always: 1 })).not.toBe(role)
  })

  it('changes a search path for nobody else, as PgBouncer keeps it for each client', async () => {
    const other = await startOther({ default_pool_size: 1 })
    const guard = await createGuard(shopSchema, { enforcement: switches('bypass') })
    const job = guardPool(openPool(other.urlFor(), 1), guard)
    await asSystem(() => job.query('set search_path to pg_temp, public'))
    const { rows } = await openPool(other.urlFor(), 1).query('show search_path')
    expect(rows).toEqual([{ search_path: '"$user", public' }])
  })
})
