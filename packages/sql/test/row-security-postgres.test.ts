import { AsyncResource } from 'node:async_hooks'
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { runAsSystem, runWithTenant } from '@partywall/context'
import { createGuard } from '@partywall/sql'
import { guardPostgres } from '@partywall/sql/postgres'
import {
  loadSecurityCatalogue,
  rowSecurityStatements,
  withTenantTransaction,
} from '@partywall/sql/row-security'
import postgres, { type Sql, type TransactionSql } from 'postgres'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Switches, switches } from './enforcement.ts'
import { postgresOptions } from './postgres-shop.ts'
import { type SecuredWorld, securedSchema, startSecuredWorld } from './secured-world.ts'

const acme = { tenantId: 'acme', env: 'prod' } as const
const globex = { tenantId: 'globex', env: 'prod' } as const

let world: SecuredWorld
beforeAll(async () => {
  world = await startSecuredWorld()
  const catalogue = await loadSecurityCatalogue(world.admin)
  const { enable } = rowSecurityStatements(securedSchema, { catalogue })
  for (const statement of enable) await world.admin.query(statement)
})
afterAll(async () => {
  rmSync(ordersFile, { force: true })
  await world.stop()
})

const ordersFile = join(tmpdir(), `partywall-orders-${process.pid}.sql`)
writeFileSync(ordersFile, 'select * from orders')

interface Door {
  readonly sql: Sql
  /** The same client around the guard, with its one connection. */
  readonly raw: Sql
  readonly enforcement: Switches
}

/** In log mode the guard stops nothing: what keeps tenants apart is the server. */
async function open(isGuarded: boolean, action: 'log' | 'block' = 'log'): Promise<Door> {
  const pool = world.pool(1)
  const { connectionString = '' } = pool.options
  const raw = postgres({ ...postgresOptions(connectionString), max: 1 })
  onTestFinished(() => raw.end())
  const enforcement = switches(action)
  const guard = await createGuard(securedSchema, { enforcement })
  return { sql: isGuarded ? guardPostgres(raw, guard) : raw, raw, enforcement }
}

/** What the next user of the one connection sees. */
async function nextUser(raw: Sql): Promise<unknown> {
  const [row] = await raw`select coalesce(current_setting('partywall.tenant', true), '') as tenant,
    count(*)::int as seen from orders`
  return row
}
const nobody = { tenant: '', seen: 0 }

describe.each([
  ['postgres.js with a guard', true],
  ['postgres.js without one', false],
])('through %s', (_, isGuarded) => {
  it('refuses work without a scope', async () => {
    const { sql } = await open(isGuarded)
    const refused = withTenantTransaction(sql, async (own) => [...(await own`select 1`)])
    await expect(refused).rejects.toMatchObject({ code: 'tenant.missing' })
  })

  // mutation src/guard/tenant-statement.ts: set_config($1, $2, true)' => set_config($1, $2, false)'
  it('gives the tenant of the scope its rows, and the next user of the connection none', async () => {
    const { sql, raw } = await open(isGuarded)
    for (const [tenant, note] of [
      [acme, 'ink'],
      [globex, 'cup'],
    ] as const) {
      const rows = await runWithTenant(tenant, () =>
        withTenantTransaction(sql, async (own, told) => {
          expect(told.tenantId).toBe(tenant.tenantId)
          return [...(await own`select note from orders`)]
        }),
      )
      expect(rows).toEqual([{ note }])
      expect(await nextUser(raw)).toEqual(nobody)
    }
  })

  it('keeps two tenants apart who wait for one connection', async () => {
    const { sql, raw } = await open(isGuarded)
    const turns = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? acme : globex))
    const seen = await Promise.all(
      turns.map((tenant) =>
        runWithTenant(tenant, () =>
          withTenantTransaction(sql, async (own) => {
            await own`select pg_sleep(0.001)`
            return [...(await own`select tenant_id from orders`)]
          }),
        ),
      ),
    )
    expect(seen).toEqual(turns.map(({ tenantId }) => [{ tenant_id: tenantId }]))
    expect(await nextUser(raw)).toEqual(nobody)
  })

  it('keeps nothing where the work fails, or goes on after an error', async () => {
    const { sql, raw } = await open(isGuarded)
    const failing = runWithTenant(acme, () =>
      withTenantTransaction(sql, async (own) => {
        await own`update orders set note = 'gone'`
        throw new Error('no luck')
      }),
    )
    await expect(failing).rejects.toThrow('no luck')
    const going = runWithTenant(acme, () =>
      withTenantTransaction(sql, async (own) => {
        await own`update orders set note = 'gone'`
        await own`select 1 / 0 from orders`.catch(() => undefined)
      }),
    )
    await expect(going).rejects.toThrow('division by zero')
    expect(await nextUser(raw)).toEqual(nobody)
    const { rows } = await world.admin.query(`select note from orders where tenant_id = 'acme'`)
    expect(rows).toEqual([{ note: 'ink' }])
  })

  it('sets nothing for the system, and says so', async () => {
    const { sql } = await open(isGuarded)
    const seen = await runAsSystem({ actor: 'cleanup', reason: 'nightly' }, () =>
      withTenantTransaction(sql, async (own, told) => {
        expect(told).toEqual({ tenantId: undefined })
        return [...(await own`select * from orders`)]
      }),
    )
    expect(seen).toEqual([])
  })
})

interface Gate<Value> {
  readonly opened: Promise<Value>
  open(value: Value): void
}

function gate<Value>(): Gate<Value> {
  let open: Gate<Value>['open'] = () => undefined
  const opened = new Promise<Value>((resolve) => {
    open = resolve
  })
  return { opened, open: (value) => open(value) }
}

/** What can be kept of a transaction, and used when it is over. */
const leftBehind: Readonly<Record<string, (own: TransactionSql) => () => PromiseLike<unknown>>> = {
  'a template': (own) => () => own`select * from orders`,
  'a text': (own) => () => own.unsafe('select * from orders'),
  'a query that was written before': (own) => {
    const query = own`select * from orders`
    return () => query
  },
  'a file': (own) => () => own.file(ordersFile),
  'a file that was named before': (own) => {
    const query = own.file(ordersFile)
    return () => query.execute()
  },
  'a cursor': (own) => () => own`select * from orders`.cursor(1, () => undefined),
  'a cursor that is walked through': (own) => async () => {
    for await (const rows of own`select * from orders`.cursor(1)) expect(rows).toEqual([])
  },
  'rows one by one': (own) => () =>
    own`select * from orders`.forEach((row) => {
      expect(row).toBeUndefined()
    }),
  'a description': (own) => () => own`select * from orders`.describe(),
  'a stream': (own) => async () => own`copy orders to stdout`.readable(),
  'a savepoint': (own) => () => own.savepoint(async () => 1),
  'a savepoint of a name': (own) => () =>
    own.savepoint('left', (inner) => inner`select * from orders`),
}

describe.each([
  ['postgres.js with a guard', true],
  ['postgres.js without one', false],
])('when a transaction of %s is over', (_, isGuarded) => {
  const over = { code: 'sql.transaction' }

  // mutation src/row-security/begun-transaction.ts: if (lease.isOver) { => if (false) {
  // mutation src/row-security/begun-transaction.ts: if (lease.isOver) throw over() => if (false) throw over()
  it.each(Object.keys(leftBehind))('nobody gets at that of another tenant by %s', async (what) => {
    const { sql } = await open(isGuarded)
    const use = await runWithTenant(acme, () =>
      withTenantTransaction(sql, async (own) => {
        const later = leftBehind[what]?.(own)
        return AsyncResource.bind(async () => later?.())
      }),
    )
    await runWithTenant(globex, () =>
      withTenantTransaction(sql, async (own) => {
        await expect(use()).rejects.toMatchObject(over)
        expect([...(await own`select tenant_id from orders`)]).toEqual([{ tenant_id: 'globex' }])
      }),
    )
  })

  it('what was executed before is kept, though nobody waited for it', async () => {
    const { sql } = await open(isGuarded)
    await runWithTenant(acme, () =>
      withTenantTransaction(sql, async (own) => {
        void own`update orders set note = 'pen'`.execute()
      }),
    )
    const { rows } = await world.admin.query('select note from orders order by id')
    expect(rows).toEqual([{ note: 'pen' }, { note: 'cup' }])
    await world.admin.query(`update orders set note = 'ink' where tenant_id = 'acme'`)
  })

  it('nobody gets at that of another tenant by the client of a savepoint', async () => {
    const { sql } = await open(isGuarded)
    const use = await runWithTenant(acme, () =>
      withTenantTransaction(sql, (own) =>
        own.savepoint(async (inner) => AsyncResource.bind(async () => inner`select * from orders`)),
      ),
    )
    await runWithTenant(globex, () =>
      withTenantTransaction(sql, async () => {
        await expect(use()).rejects.toMatchObject(over)
      }),
    )
  })

  // mutation src/row-security/begun-transaction.ts: await Promise.allSettled(lease.pending) => await undefined
  it('a savepoint that was left takes nothing back of another tenant', async () => {
    const { sql } = await open(isGuarded)
    const globexBegan = gate<void>()
    const left: Promise<unknown>[] = []
    const first = runWithTenant(acme, () =>
      withTenantTransaction(sql, async (own) => {
        const saved = own.savepoint(async (inner) => {
          await inner`select 1`
          await Promise.race([globexBegan.opened, setTimeout(100)])
          throw new Error('no luck')
        })
        left.push(saved.catch((error: unknown) => error))
      }),
    )
    const second = runWithTenant(globex, () =>
      withTenantTransaction(sql, (own) =>
        own.savepoint(async (inner) => {
          await inner`update orders set note = 'tea'`
          globexBegan.open()
          await Promise.all(left)
          await setTimeout(20)
          return [...(await inner`select note from orders`)]
        }),
      ),
    )
    await first
    expect(await second).toEqual([{ note: 'tea' }])
    await world.admin.query(`update orders set note = 'cup' where tenant_id = 'globex'`)
  })

  // mutation src/row-security/begun-transaction.ts: // The connection may be gone before the work is done. => return
  it('nobody gets at that of another tenant when the connection was lost in between', async () => {
    const { sql, raw } = await open(isGuarded)
    const told = gate<() => Promise<unknown>>()
    const mayEnd = gate<void>()
    const lost = runWithTenant(acme, () =>
      withTenantTransaction(sql, async (own) => {
        told.open(AsyncResource.bind(async () => own`select * from orders`))
        await mayEnd.opened
      }),
    )
    const failed = expect(lost).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    const use = await told.opened
    await world.admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${world.role}'`,
    )
    await failed
    await runWithTenant(globex, () =>
      withTenantTransaction(sql, async () => {
        await expect(use()).rejects.toMatchObject(over)
      }),
    )
    mayEnd.open()
    expect(await nextUser(raw)).toEqual(nobody)
  })
})

it('proves its statements as all others, and refuses the one that sets the tenant from everybody else', async () => {
  const { sql, raw } = await open(true, 'block')
  const rows = await runWithTenant(acme, () =>
    withTenantTransaction(sql, async (own) => [
      ...(await own`select note from orders where tenant_id = ${'acme'}`),
    ]),
  )
  expect(rows).toEqual([{ note: 'ink' }])
  const text = 'select pg_catalog.set_config($1, $2, true)'
  const refused = { code: 'TENANT_CONTEXT_REQUIRED' }
  for (const values of [
    ['partywall.tenant', 'globex'],
    ['partywall.tenant', 'acme'],
  ]) {
    const set = runWithTenant(acme, () =>
      withTenantTransaction(sql, async (own) => [...(await own.unsafe(text, values))]),
    )
    await expect(set).rejects.toMatchObject(refused)
  }
  const leak = runWithTenant(acme, () =>
    withTenantTransaction(sql, async (own) => [...(await own`select note from orders`)]),
  )
  await expect(leak).rejects.toMatchObject(refused)
  const otherKey = runWithTenant(acme, () =>
    withTenantTransaction(sql, async () => 1, { tenantKey: () => 'globex' }),
  )
  await expect(otherKey).rejects.toMatchObject(refused)
  expect(await nextUser(raw)).toEqual(nobody)
})

it('opens no transaction while the kill switch is on', async () => {
  const { sql, raw, enforcement } = await open(true, 'block')
  enforcement.closed = true
  const sent = runWithTenant(acme, () => withTenantTransaction(sql, async () => 1))
  await expect(sent).rejects.toMatchObject({ code: 'tenancy.disabled' })
  expect(await nextUser(raw)).toEqual(nobody)
})
