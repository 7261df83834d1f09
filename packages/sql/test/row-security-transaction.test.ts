import { runAsSystem, runWithTenant } from '@partywall/context'
import {
  createGuard,
  defineTenantSchema,
  type Guard,
  owner,
  type TenantSchema,
} from '@partywall/sql'
import { guardDialect } from '@partywall/sql/kysely'
import { guardPool } from '@partywall/sql/pg'
import {
  loadSecurityCatalogue,
  rowSecurityStatements,
  type TenantTransaction,
  type TenantTransactionOptions,
  withTenantTransaction,
} from '@partywall/sql/row-security'
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { eventsDuring, type Switches, switches } from './enforcement.ts'
import { type SecuredWorld, securedSchema, startSecuredWorld } from './secured-world.ts'

const acme = { tenantId: 'acme', env: 'prod' } as const
const globex = { tenantId: 'globex', env: 'prod' } as const

type Send = (text: string, values?: readonly unknown[]) => Promise<readonly unknown[]>

/** Runs work in a transaction of the tenant of the scope. */
type Transact = <Result>(
  work: (send: Send, told: TenantTransaction) => Promise<Result>,
  options?: TenantTransactionOptions,
) => Promise<Result>

let world: SecuredWorld
beforeAll(async () => {
  world = await startSecuredWorld()
  const catalogue = await loadSecurityCatalogue(world.admin)
  const { enable } = rowSecurityStatements(securedSchema, { catalogue })
  for (const statement of enable) await world.admin.query(statement)
})
afterAll(async () => {
  await world.stop()
})

interface Door {
  readonly transact: Transact
  /** The one connection of the pool, around the guard. */
  readonly raw: pg.Pool
  readonly enforcement: Switches
}

const ways: Readonly<Record<string, (raw: pg.Pool, guard: Guard) => Transact>> = {
  'a guarded pool of pg': (raw, guard) => throughPool(guardPool(raw, guard)),
  'a pool of pg without a guard': (raw) => throughPool(raw),
  'a guarded Kysely': (raw, guard) =>
    throughKysely(new Kysely({ dialect: guardDialect(new PostgresDialect({ pool: raw }), guard) })),
  'a guarded Kysely on a guarded pool': (raw, guard) =>
    throughKysely(
      new Kysely({
        dialect: guardDialect(new PostgresDialect({ pool: guardPool(raw, guard) }), guard),
      }),
    ),
}
const guarded = Object.keys(ways).filter((name) => !name.includes('without'))

function throughPool(pool: pg.Pool): Transact {
  return (work, options) =>
    withTenantTransaction(
      pool,
      (client, told) => work(async (text, values) => (await client.query(text, values)).rows, told),
      options,
    )
}

function throughKysely(db: Kysely<Record<string, never>>): Transact {
  return (work, options) =>
    withTenantTransaction(
      db,
      (transaction, told) =>
        work(
          async (text, values = []) =>
            (await transaction.executeQuery(CompiledQuery.raw(text, [...values]))).rows,
          told,
        ),
      options,
    )
}

/** In log mode the guard stops nothing: what keeps tenants apart is the server. */
async function open(
  way: string,
  action: 'log' | 'block' = 'log',
  schema: TenantSchema = securedSchema,
): Promise<Door> {
  const raw = world.pool(1)
  onTestFinished(() => raw.end())
  const enforcement = switches(action)
  const guard = await createGuard(schema, { enforcement })
  const make = ways[way]
  if (make === undefined) throw new Error(`no way ${way}`)
  return { transact: make(raw, guard), raw, enforcement }
}

/** What the next user of the one connection sees. */
async function nextUser(raw: pg.Pool): Promise<unknown> {
  const { rows } = await raw.query(
    `select coalesce(current_setting('partywall.tenant', true), '') as tenant, count(*)::int as seen from orders`,
  )
  return rows[0]
}
const nobody = { tenant: '', seen: 0 }

describe.each(Object.keys(ways))('through %s', (way) => {
  it('refuses work without a scope, and opens no connection for it', async () => {
    const { transact, raw } = await open(way)
    const refused = transact(async (send) => send('select * from orders'))
    await expect(refused).rejects.toMatchObject({ code: 'tenant.missing' })
    expect(raw.totalCount).toBe(0)
  })

  // mutation src/guard/tenant-statement.ts: set_config($1, $2, true)' => set_config($1, $2, false)'
  it('gives the tenant of the scope its rows, and the next user of the connection none', async () => {
    const { transact, raw } = await open(way)
    for (const [tenant, note] of [
      [acme, 'ink'],
      [globex, 'cup'],
    ] as const) {
      const rows = await runWithTenant(tenant, () =>
        transact(async (send, told) => {
          expect(told.tenantId).toBe(tenant.tenantId)
          return send('select note from orders')
        }),
      )
      expect(rows).toEqual([{ note }])
      expect(await nextUser(raw)).toEqual(nobody)
    }
  })

  it('leaves nothing behind where the work fails in the middle', async () => {
    const { transact, raw } = await open(way)
    const failing = runWithTenant(acme, () =>
      transact(async (send) => {
        await send(`update orders set note = 'gone'`)
        throw new Error('no luck')
      }),
    )
    await expect(failing).rejects.toThrow('no luck')
    const broken = runWithTenant(acme, () => transact((send) => send('select 1 / 0 from orders')))
    await expect(broken).rejects.toThrow(/division by zero/)
    expect(await nextUser(raw)).toEqual(nobody)
    const { rows } = await world.admin.query(`select note from orders where tenant_id = 'acme'`)
    expect(rows).toEqual([{ note: 'ink' }])
  })

  it('keeps two tenants apart who wait for one connection', async () => {
    const { transact, raw } = await open(way)
    const turns = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? acme : globex))
    const seen = await Promise.all(
      turns.map((tenant) =>
        runWithTenant(tenant, () =>
          transact(async (send) => {
            await send('select pg_sleep(0.001)')
            return send('select tenant_id from orders union all select tenant_id from users')
          }),
        ),
      ),
    )
    expect(seen).toEqual(
      turns.map(({ tenantId }) => [{ tenant_id: tenantId }, { tenant_id: tenantId }]),
    )
    expect(await nextUser(raw)).toEqual(nobody)
    expect(raw.totalCount).toBe(1)
  })

  // mutation src/row-security/pool-transaction.ts: if (command !== 'COMMIT') { => if (command === '') {
  // mutation src/row-security/tenant-transaction.ts: !== abortedState) throw error => === abortedState) return
  it('says that nothing was kept where work went on after an error', async () => {
    const { transact, raw } = await open(way)
    for (const tenant of [acme, globex]) {
      const kept = runWithTenant(tenant, () =>
        transact(async (send) => {
          await send(`update orders set note = 'kept'`)
          await send('select 1 / 0 from orders').catch(() => undefined)
        }),
      )
      await expect(kept).rejects.toMatchObject({ code: 'sql.transaction' })
    }
    expect(await nextUser(raw)).toEqual(nobody)
    const { rows } = await world.admin.query('select note from orders order by id')
    expect(rows).toEqual([{ note: 'ink' }, { note: 'cup' }])
  })

  it('sets nothing for the system, and says so', async () => {
    const { transact, raw } = await open(way)
    const seen = await runAsSystem({ actor: 'cleanup', reason: 'nightly' }, () =>
      transact(async (send, told) => {
        expect(told).toEqual({ tenantId: undefined })
        return send('select * from orders')
      }),
    )
    expect(seen).toEqual([])
    expect(await nextUser(raw)).toEqual(nobody)
  })

  it('sets the key that the schema makes of the tenant, under the name that it is given', async () => {
    const numbers: Readonly<Record<string, number>> = { acme: 1, globex: 2 }
    const tenantKey = (tenantId: string): number => numbers[tenantId] ?? 0
    const schema = defineTenantSchema({ orders: owner('id', { type: 'int4', tenantKey }) })
    const { transact } = await open(way, 'block', schema)
    const rows = await runWithTenant(globex, () =>
      transact((send) => send(`select 1 as one`), { setting: 'shop.tenant', tenantKey }),
    )
    expect(rows).toEqual([{ one: 1 }])
    const nameless = runWithTenant(globex, () =>
      transact((send) => send('select 1'), { setting: 'role' }),
    )
    await expect(nameless).rejects.toMatchObject({ code: 'sql.options' })
    const keyless = runWithTenant(globex, () =>
      transact((send) => send('select 1'), { tenantKey: () => undefined }),
    )
    await expect(keyless).rejects.toMatchObject({ code: 'sql.options' })
  })
})

describe.each(guarded)('the guard of %s', (way) => {
  const text = 'select pg_catalog.set_config($1, $2, true)'

  // mutation src/guard/tenant-statement.ts: if (expected === undefined || values.length !== 2) return undefined => if (values.length !== 2) return { action: 'other', claims: [], transaction: [], isRollback: false }
  it('refuses the same statement from everybody else, within such a transaction too', async () => {
    const { transact } = await open(way, 'block')
    for (const tenant of ['globex', 'acme']) {
      const sent = runWithTenant(acme, () =>
        transact((send) => send(text, ['partywall.tenant', tenant])),
      )
      await expect(sent).rejects.toMatchObject({ code: 'TENANT_CONTEXT_REQUIRED' })
    }
  })

  it('refuses a key that is not what the schema makes of the tenant', async () => {
    const { transact } = await open(way, 'block')
    const sent = runWithTenant(acme, () =>
      transact((send) => send('select 1'), { tenantKey: () => 'globex' }),
    )
    await expect(sent).rejects.toMatchObject({ code: 'TENANT_CONTEXT_REQUIRED' })
  })

  it('proves the statements of such a transaction as it does all others', async () => {
    const { transact } = await open(way, 'block')
    const own = await runWithTenant(acme, () =>
      transact((send) => send('select note from orders where tenant_id = $1', ['acme'])),
    )
    expect(own).toEqual([{ note: 'ink' }])
    const all = runWithTenant(acme, () => transact((send) => send('select note from orders')))
    await expect(all).rejects.toMatchObject({ code: 'TENANT_CONTEXT_REQUIRED' })
  })

  it('sees no violation in setting the tenant', async () => {
    const { transact } = await open(way, 'log')
    const events = await eventsDuring(() =>
      runWithTenant(acme, () => transact((send) => send('select 1'))),
    )
    expect(events.filter(({ type }) => type === 'decision')).toEqual([])
    expect(events.some(({ type }) => type === 'guarded')).toBe(true)
  })

  it('opens no transaction while the kill switch is on', async () => {
    const { transact, raw, enforcement } = await open(way, 'block')
    enforcement.closed = true
    const sent = runWithTenant(acme, () => transact((send) => send('select 1')))
    await expect(sent).rejects.toMatchObject({ code: 'tenancy.disabled' })
    expect(await nextUser(raw)).toEqual(nobody)
  })
})

/** Clients of others that begin transactions, too, as far as they would be asked. */
const others: Readonly<Record<string, (ask: () => never) => object>> = {
  Knex: (ask) => Object.assign(() => undefined, { transaction: ask, raw: ask }),
  Drizzle: (ask) => ({ transaction: ask, execute: ask }),
  TypeORM: (ask) => ({ transaction: ask, connect: ask, query: ask }),
  MikroORM: (ask) => ({ begin: ask, transactional: ask }),
  'a client of pg': (ask) => ({ connect: ask, query: ask, processID: null }),
}

describe('a client that is of none of these kinds', () => {
  // mutation src/row-security/tenant-transaction.ts: found?.every( => found?.some(
  it.each(Object.keys(others))('is refused before it begins anything: %s', async (name) => {
    const asked: string[] = []
    const door = others[name]?.(() => {
      asked.push(name)
      throw new Error('asked')
    })
    const refused = runWithTenant(acme, () =>
      // No type lets it pass.
      withTenantTransaction(door as never, async () => 1),
    )
    await expect(refused).rejects.toMatchObject({ code: 'sql.client' })
    expect(asked).toEqual([])
  })
})

describe('a client of a pool', () => {
  // mutation src/row-security/pool-transaction.ts: if (isOver) throw => if (false) throw
  it('serves nobody after its transaction', async () => {
    const { raw } = await open('a pool of pg without a guard')
    const kept = await runWithTenant(acme, () =>
      withTenantTransaction(raw, async (client) => ({ client })),
    )
    await expect(kept.client.query('select 1')).rejects.toMatchObject({ code: 'sql.transaction' })
  })

  it('is thrown away where its transaction cannot be ended', async () => {
    const { raw } = await open('a pool of pg without a guard')
    const lost = runWithTenant(acme, () =>
      withTenantTransaction(raw, async (client) => {
        await client.query('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined)
        throw new Error('lost')
      }),
    )
    await expect(lost).rejects.toThrow('lost')
    expect(await nextUser(raw)).toEqual(nobody)
  })
})
