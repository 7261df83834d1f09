import { runAsSystem, runWithTenant } from '@partywall/context'
import { createGuard } from '@partywall/sql'
import { guardPostgres } from '@partywall/sql/postgres'
import {
  loadSecurityCatalogue,
  rowSecurityStatements,
  withTenantTransaction,
} from '@partywall/sql/row-security'
import postgres, { type Sql } from 'postgres'
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
afterAll(() => world.stop())

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
