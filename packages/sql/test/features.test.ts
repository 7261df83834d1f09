import { createTenantContext, runWithTenant } from '@partywall/context'
import { blockAlways, type Decision, type Enforcement } from '@partywall/context/spi'
import { createGuard, defineTenantSchema, owner } from '@partywall/sql'
import { guardPool } from '@partywall/sql/pg'
import {
  assertNoInterference,
  type PostgresServer,
  type RowsOf,
  startPostgres,
} from '@partywall/testing'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** The features of document 003, each with a table that all tenants share. */
const features = [
  'budget',
  'kpi',
  'temperature',
  'nexus',
  'vector_explorer',
  'bossman',
  'media',
  'analytics_events',
  'log_events',
  'page_content',
  'kill_switch',
  'strategy_lock',
] as const

const acme = createTenantContext({ tenantId: 'acme', env: 'prod', userId: 'ada' })
const schema = defineTenantSchema(
  Object.fromEntries(features.map((name) => [name, owner('tenant_id', { model: name })])),
)
const tables = features
  .map(
    (name) => `create table ${name} (tenant_id text not null, user_id text, id int, value text,
    primary key (tenant_id, id));`,
  )
  .join('\n')

const rows: RowsOf = (tenant, value) =>
  Object.fromEntries(
    features.map((name) => [
      name,
      [
        { tenant_id: tenant, user_id: 'ada', id: 1, value: value.text('one') },
        { tenant_id: tenant, user_id: 'bob', id: 2, value: value.text('two') },
      ],
    ]),
  )

type Send = (text: string, values?: readonly unknown[]) => Promise<unknown>

/** What a careful repository of a feature does, and what a careless one does. */
function repositoryOf(name: string): Readonly<Record<string, (send: Send) => Promise<unknown>>> {
  const own = 'tenant_id = $1'
  const insert = `insert into ${name} (tenant_id, user_id, id, value)`
  return {
    lists: (send) => send(`select id, value from ${name} where ${own} order by id`, ['acme']),
    'lists what is one user’s': (send) =>
      send(`select id from ${name} where ${own} and user_id = $2`, ['acme', 'ada']),
    counts: (send) => send(`select count(*) from ${name} where ${own}`, ['acme']),
    adds: (send) => send(`${insert} values ($1, $2, 3, 'three')`, ['acme', 'ada']),
    changes: (send) => send(`update ${name} set value = 'x' where ${own} and id = 1`, ['acme']),
    removes: (send) => send(`delete from ${name} where ${own} and id = 2`, ['acme']),
    'lists everybody’s': (send) => send(`select id, value from ${name} order by value`),
    'lists another tenant’s': (send) => send(`select id from ${name} where ${own}`, ['globex']),
    'adds for another tenant': (send) =>
      send(`${insert} values ($1, 'ada', 4, 'four')`, ['globex']),
    'gives to another tenant': (send) =>
      send(`update ${name} set tenant_id = 'globex' where ${own} and id = 1`, ['acme']),
    'changes by id': (send) => send(`update ${name} set value = 'x' where id = 1`),
    'removes by id': (send) => send(`delete from ${name} where id = 2`),
  }
}

const kinds = Object.keys(repositoryOf(''))
const careless = new Set([
  'lists everybody’s',
  'lists another tenant’s',
  'adds for another tenant',
  'gives to another tenant',
  'changes by id',
  'removes by id',
])

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

async function openPool(url: string, enforcement?: Enforcement): Promise<pg.Pool> {
  const guard = await createGuard(schema, enforcement === undefined ? {} : { enforcement })
  return guardPool(new pg.Pool({ connectionString: url, max: 1 }), guard)
}

function sendBy(pool: pg.Pool): Send {
  return async (text, values = []) => (await pool.query(text, [...values])).rows
}

describe('tenants of a feature', () => {
  // mutation src/guard/violations.ts: if (tenant !== undefined && isConfined(claim, tenant, values, keys)) continue => continue
  it('neither see nor touch each other’s rows, in any of them [228, 233, 247, 249]', async () => {
    const refused = new Map<string, string[]>()
    /** One kind of work in every feature; a refusal is told by its model. */
    const doing = (what: string) => (pool: pg.Pool) =>
      runWithTenant(acme, async () => {
        const replies: unknown[] = []
        const models: string[] = []
        for (const name of features) {
          await repositoryOf(name)
            [what]?.(sendBy(pool))
            .then(
              (reply) => replies.push(reply),
              (error: Error) => models.push(error.message),
            )
        }
        refused.set(what, models)
        return replies
      })
    await assertNoInterference<pg.Pool>({
      postgres: server,
      schema: tables,
      tables: Object.fromEntries(features.map((name) => [name, 'tenant_id'])),
      tenant: 'acme',
      rows,
      connect: ({ url }) => openPool(url),
      disconnect: (pool) => pool.end(),
      operations: Object.fromEntries(kinds.map((what) => [what, doing(what)])),
    })
    const all = features.map((name) => `TENANT_CONTEXT_REQUIRED: ${name}`)
    for (const [what, models] of refused) {
      expect(models, what).toEqual(careless.has(what) ? all : [])
    }
  })

  // mutation src/guard/violations.ts: if (tenant !== undefined && isConfined => if (tenant === undefined || isConfined
  it('are served nothing without a scope, and by no default [229]', async () => {
    const database = await server.createDatabase()
    const pool = await openPool(database.url)
    try {
      for (const name of features) {
        for (const run of Object.values(repositoryOf(name))) {
          await expect(run(sendBy(pool)), name).rejects.toMatchObject({
            code: 'TENANT_CONTEXT_REQUIRED',
          })
        }
      }
    } finally {
      await pool.end()
      await database.drop()
    }
  })
})

/** Blocks the writes of one module, and tells of everything else. */
const oneModule: Enforcement = {
  ...blockAlways,
  decide: ({ model, action }): Decision => {
    const written = model === 'budget' && action !== 'select'
    const [what, reason] = written
      ? (['block', 'enforce_list'] as const)
      : (['log', 'unlisted'] as const)
    return { action: what, reason, generation: 0, record: true }
  },
}

// mutation src/guard/guard.ts: const blocked = decided.find(({ decision }) => decision.action === 'block') => const blocked = decided[0]
it('guards the writes of a single module, while all others are only told [38]', async () => {
  const database = await server.createDatabase()
  const setUp = new pg.Pool({ connectionString: database.url, max: 1 })
  await setUp.query(tables)
  const pool = await openPool(database.url, oneModule)
  const change = (name: string) =>
    runWithTenant(acme, () => sendBy(pool)(`update ${name} set value = 'x' where id = 1`))
  try {
    await expect(change('budget')).rejects.toMatchObject({ code: 'TENANT_CONTEXT_REQUIRED' })
    for (const name of features.filter((each) => each !== 'budget')) {
      await expect(change(name), name).resolves.toEqual([])
    }
    const read = runWithTenant(acme, () => sendBy(pool)('select value from budget'))
    await expect(read).resolves.toEqual([])
  } finally {
    await pool.end()
    await setUp.end()
    await database.drop()
  }
})

// mutation src/guard/condition.ts: claim.tenantKey(tenantId, env) => claim.tenantKey(tenantId, 'prod')
it('keeps the environments of one tenant apart where they share tables [234]', async () => {
  const byEnvironment = defineTenantSchema(
    { kpi: owner('tenant_id', { model: 'Kpi' }) },
    { tenantKey: (tenantId, env) => `${env}:${tenantId}` },
  )
  const session = (await createGuard(byEnvironment)).session()
  const read = (key: string) => () => session.check({ text: own, values: [key] })
  const own = 'select id from kpi where tenant_id = $1'
  for (const env of ['prod', 'dev'] as const) {
    const other = env === 'prod' ? 'dev' : 'prod'
    runWithTenant({ tenantId: 'acme', env }, () => {
      expect(read(`${env}:acme`)).not.toThrow()
      expect(read(`${other}:acme`)).toThrow('TENANT_CONTEXT_REQUIRED: Kpi')
    })
  }
})

// mutation src/guard/transaction-tenant.ts: one.tenantId === other.tenantId && one.env === other.env => one.tenantId === other.tenantId
it('keeps a transaction in the environment that began it [234]', async () => {
  const session = (await createGuard(schema)).session()
  const read = () =>
    session.check({ text: 'select id from kpi where tenant_id = $1', values: ['acme'] })
  runWithTenant({ tenantId: 'acme', env: 'prod' }, () => {
    session.check({ text: 'begin', values: [] })
    read()
  })
  runWithTenant({ tenantId: 'acme', env: 'dev' }, () => expect(read).toThrow('(unknown)'))
})
