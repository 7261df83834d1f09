import { createTenantContext, runWithTenant } from '@partywall/context'
import {
  type CatalogueLook,
  createGuard,
  defineTenantSchema,
  type Guard,
  loadCatalogue,
  owner,
  watchCatalogue,
} from '@partywall/sql'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'

let server: PostgresServer
let client: pg.Client
beforeAll(async () => {
  server = await startPostgres()
  client = new pg.Client({ connectionString: server.url })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await server.stop()
})
beforeEach(async () => {
  await client.query('drop table if exists notes; create table notes (id int, tenant_id text)')
})

const declared = defineTenantSchema({ notes: owner('tenant_id') })
const acme = createTenantContext({ tenantId: 'acme', env: 'prod' })

function isRefused(guard: Guard, text: string): boolean {
  try {
    runWithTenant(acme, () => guard.session().check({ text, values: ['acme'] }))
    return false
  } catch {
    return true
  }
}

it('gives the guard what stands in the database, and what a migration makes of it', async () => {
  const guard = await createGuard(declared)
  const looks: CatalogueLook['kind'][] = []
  const watch = await watchCatalogue({
    guard,
    declared,
    load: () => loadCatalogue(client),
    everyMs: 0,
    onLook: ({ kind }) => looks.push(kind),
  })
  const text = 'select title from notes where tenant_id = $1'
  expect(isRefused(guard, text)).toBe(true)
  expect(isRefused(guard, text)).toBe(true)
  expect(await watch.look()).toEqual({ kind: 'same' })
  await client.query('alter table notes add title text')
  expect(isRefused(guard, text)).toBe(true)
  expect(await watch.look()).toEqual({ kind: 'changed' })
  expect(isRefused(guard, text)).toBe(false)
  expect(looks).toEqual(['changed'])
  watch.close()
})

it('forgets what was proved with keys that are gone', async () => {
  await client.query('alter table notes add primary key (id)')
  const guard = await createGuard(declared)
  const watch = await watchCatalogue({ guard, declared, load: () => loadCatalogue(client) })
  const queue = 'delete from notes where id in (select id from notes where tenant_id = $1 limit 1)'
  for (let sight = 0; sight < 3; sight += 1) expect(isRefused(guard, queue)).toBe(false)
  await client.query('alter table notes drop constraint notes_pkey')
  await watch.look()
  expect(isRefused(guard, queue)).toBe(true)
  watch.close()
})

it('refuses every statement on a table when the declarations do not fit any more, until they do', async () => {
  const guard = await createGuard(declared)
  const watch = await watchCatalogue({
    guard,
    declared,
    load: () => loadCatalogue(client),
    everyMs: 0,
  })
  const text = 'select id from notes where tenant_id = $1'
  expect(isRefused(guard, text)).toBe(false)
  await client.query('alter table notes alter tenant_id type char(8)')
  expect(await watch.look()).toMatchObject({ kind: 'contradiction', error: { code: 'sql.schema' } })
  expect(isRefused(guard, text)).toBe(true)
  expect(isRefused(guard, 'select 1')).toBe(false)
  expect(await watch.look()).toEqual({ kind: 'same' })
  expect(isRefused(guard, text)).toBe(true)
  await client.query('alter table notes alter tenant_id type text')
  expect(await watch.look()).toEqual({ kind: 'changed' })
  expect(isRefused(guard, text)).toBe(false)
})

it('goes on with what it saw last while nobody can look', async () => {
  const guard = await createGuard(declared)
  let isGone = false
  const watch = await watchCatalogue({
    guard,
    declared,
    load: () => (isGone ? Promise.reject(new Error('gone')) : loadCatalogue(client)),
    everyMs: 0,
  })
  isGone = true
  expect(await watch.look()).toMatchObject({ kind: 'unreadable', error: { message: 'gone' } })
  expect(isRefused(guard, 'select id from notes where tenant_id = $1')).toBe(false)
})

it('looks at intervals, one look at a time', async () => {
  const guard = await createGuard(declared)
  let looking = 0
  let most = 0
  let looks = 0
  const load = async () => {
    looking += 1
    most = Math.max(most, looking)
    looks += 1
    const found = await loadCatalogue(client)
    looking -= 1
    return found
  }
  const changed = new Promise((resolve) => {
    void watchCatalogue({ guard, declared, load, everyMs: 2, onLook: resolve }).then(
      async (watch) => {
        await client.query('alter table notes add body text')
        await changed
        watch.close()
      },
    )
  })
  expect(await changed).toEqual({ kind: 'changed' })
  expect(most).toBe(1)
  expect(looks).toBeGreaterThan(1)
})

it('does not start with declarations that do not fit, or an interval that is none', async () => {
  const guard = await createGuard(declared)
  const load = () => loadCatalogue(client)
  const strange = defineTenantSchema({ nowhere: owner('tenant_id') })
  await expect(watchCatalogue({ guard, declared: strange, load })).rejects.toThrow('nowhere')
  await expect(watchCatalogue({ guard, declared, load, everyMs: -1 })).rejects.toThrow('everyMs')
})
