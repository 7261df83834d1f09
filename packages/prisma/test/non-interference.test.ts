import { runWithTenant } from '@partywall/context'
import { guardAdapter, type TenantExtensionOptions, tenantExtension } from '@partywall/prisma'
import { createGuard } from '@partywall/sql'
import {
  assertNoInterference,
  type PostgresServer,
  type RowsOf,
  startPostgres,
} from '@partywall/testing'
import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { confinedCalls, ordinaryCalls, type ShopCall } from './calls.ts'
import { acme, type Generated, generateShop, readSchema, type ShopClient, tables } from './shop.ts'

let server: PostgresServer
let generated: Generated
beforeAll(async () => {
  ;[server, generated] = await Promise.all([startPostgres(), generateShop()])
})
afterAll(async () => {
  await server.stop()
  generated.remove()
})

const rows: RowsOf = (tenant, value) => {
  const id = value.unique.number
  const own = { tenant_id: tenant }
  const post = { ...own, created_at: '2026-01-01', labels: ['a'], meta: '{"a": 1}' }
  return {
    tenants: [{ id: tenant, name: value.text('tenant') }],
    users: [
      { ...own, id: id(1), email: value.text('ann@x'), name: value.text('Ann') },
      { ...own, id: id(2), email: value.text('bob@x'), name: value.text('Bob'), boss_id: id(1) },
    ],
    profiles: [{ ...own, id: id(1), user_id: id(1), bio: value.text('bio') }],
    posts: [
      { ...post, id: id(1), author_id: id(1), title: value.text('first') },
      { ...post, id: id(2), author_id: id(2), title: value.text('second') },
    ],
    comments: [
      { ...own, id: id(1), post_id: id(1), body: value.text('hi') },
      { ...own, id: id(2), post_id: id(2), body: value.text('ho') },
    ],
    tags: [
      { ...own, id: id(1), name: value.text('red') },
      { ...own, id: id(2), name: value.text('blue') },
    ],
    notes: [{ ...own, id: id(1), user_id: id(1), text: value.text('note') }],
    _PostToTag: [
      { A: id(1), B: id(1) },
      { A: id(2), B: id(1) },
    ],
    user_roles: [
      { user_id: id(1), role_id: 1 },
      { user_id: id(2), role_id: 2 },
    ],
  }
}

/** Runs the calls with one client in every world; every reply is told by name. */
async function compare(
  confine: TenantExtensionOptions['confine'],
  calls: Readonly<Record<string, ShopCall>>,
): Promise<ReadonlyMap<string, unknown>> {
  const errors = new Map<string, unknown>()
  await assertNoInterference<ShopClient>({
    postgres: server,
    schema: tables,
    tables: {
      tenants: 'id',
      users: 'tenant_id',
      profiles: 'tenant_id',
      posts: 'tenant_id',
      comments: 'tenant_id',
      tags: 'tenant_id',
      notes: 'tenant_id',
    },
    tenant: 'acme',
    rows,
    connect: async ({ url }) => {
      const schema = await readSchema(url)
      const guard = await createGuard(schema)
      const adapter = guardAdapter(new PrismaPg({ connectionString: url }), guard)
      const client = new generated.PrismaClient({ adapter, errorFormat: 'minimal' })
      return client.$extends(tenantExtension({ schema, confine }))
    },
    disconnect: (client) => client.$disconnect(),
    operations: Object.fromEntries(
      Object.entries(calls).map(([name, call]) => [
        name,
        async (client: ShopClient) => {
          try {
            return await runWithTenant(acme, async () => call(client))
          } catch (error) {
            errors.set(name, error)
            throw error
          }
        },
      ]),
    ),
  })
  return errors
}

/** Calls that fail in every world, each for a reason of its own. */
const failing = ['a transaction that fails', 'delete of nobody']

// mutation src/guard-queries.ts: if (receipt !== undefined) take?.(receipt, result) => void receipt
it('lets every ordinary call pass that names its tenant, and none sees another tenant', async () => {
  const errors = await compare('none', ordinaryCalls({ tenantId: 'acme' }))
  expect([...errors.keys()].sort()).toEqual(failing)
})

// mutation src/scope-statement.ts: addCondition(words, out, filter) => void filter
it('writes the tenant into every ordinary call, and none sees another tenant', async () => {
  const errors = await compare('all', ordinaryCalls({}))
  expect([...errors.keys()].sort()).toEqual(failing)
})

// mutation src/confine-args.ts: return isBrought ? made : { ...made, [field]: key } => return made
it('writes the tenant where calls have no place for it: includes, links, nested writes', async () => {
  const errors = await compare('all', confinedCalls())
  expect([...errors.keys()].sort()).toEqual([
    'a join model, for another tenant',
    'connect what is another tenant’s',
  ])
})
