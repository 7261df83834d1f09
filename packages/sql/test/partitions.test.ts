import { runWithTenant } from '@partywall/context'
import {
  createGuard,
  type Guard,
  liveSchema,
  loadCatalogue,
  type TenantSchema,
  watchCatalogue,
} from '@partywall/sql'
import { guardDialect } from '@partywall/sql/kysely'
import { scopePlugin } from '@partywall/sql/kysely-scope'
import { guardPool } from '@partywall/sql/pg'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { reportedIn } from './judge.ts'
import {
  type PartitionedWorld,
  partitionedSchema,
  partitions,
  partitionsIn,
  startPartitionedWorld,
} from './partitions.ts'

const acme = { tenantId: 'acme', env: 'prod' } as const
const globex = { tenantId: 'globex', env: 'prod' } as const

let world: PartitionedWorld
let live: TenantSchema
let guard: Guard
beforeAll(async () => {
  world = await startPartitionedWorld()
  live = liveSchema(partitionedSchema, await loadCatalogue(world.client))
  guard = await createGuard(live)
}, 120_000)
afterAll(() => world.stop())

it(`knows a database with ${partitions} partitions by list and as many by hash`, async ({
  annotate,
}) => {
  const start = performance.now()
  const catalogue = await loadCatalogue(world.client)
  const read = performance.now()
  const schema = liveSchema(partitionedSchema, catalogue)
  const made = performance.now()
  await annotate(
    `${catalogue.tables.length} tables: loadCatalogue ${(read - start).toFixed(0)} ms, liveSchema ${(made - read).toFixed(0)} ms`,
  )
  const childrenOf = (name: string): number =>
    catalogue.tables.find((table) => table.name === name)?.children.length ?? 0
  expect([childrenOf('orders'), childrenOf('events')]).toEqual([partitions, partitions])
  // Its primary key and its unique constraint, and those of every partition.
  expect(schema.relation('orders')?.live?.uniques).toHaveLength(2 * (partitions + 1))
  expect(schema.relation('orders_acme')).toBeUndefined()
})

describe('refuses', () => {
  it.each([
    ['a read without the tenant', 'Order', 'select total from orders'],
    ['a read of every partition by hash', 'Event', 'select count(*) from events where id = 1'],
    ['the partition of another tenant', '', 'select total from orders_globex'],
    [
      'its own partition, by its name',
      '',
      `select total from orders_acme where tenant_id = 'acme'`,
    ],
    ['a partition by hash, by its name', '', `select kind from events_0 where tenant_id = 'acme'`],
    ['a partition of a partition', '', `select id from visits_acme_2026 where tenant_id = 'acme'`],
    ['a row for a partition by its name', '', `insert into orders_globex values ('globex', 9)`],
    ['a delete in a partition by its name', '', 'delete from orders_globex'],
    ['the partition that a row is in', '', `select tableoid from orders where tenant_id = 'acme'`],
    ['a row of another tenant', 'Order', `insert into orders values ('globex', 9, 'Z', 1)`],
    [
      'a move into the partition of another tenant',
      'Order',
      `update orders set tenant_id = 'globex' where tenant_id = 'acme' and id = 1`,
    ],
    [
      'a move out of the partition of another tenant',
      'Order',
      `update orders set tenant_id = 'acme' where tenant_id = 'globex' and id = 1`,
    ],
    [
      'a move by upsert',
      'Order',
      `insert into orders values ('acme', 1, 'A', 1)
        on conflict (tenant_id, id) do update set tenant_id = 'globex'`,
    ],
    [
      'a merge that moves',
      'Order',
      `merge into orders o using (values (1)) v (id) on o.tenant_id = 'acme' and o.id = v.id
        when matched then update set tenant_id = 'globex'`,
    ],
    ['emptying a partition', '', 'truncate orders_globex'],
    ['taking a partition off', '', 'alter table orders detach partition orders_globex'],
    ['making a partition', '', `create table orders_x partition of orders for values in ('x')`],
  ])('%s', async (_, model, text) => {
    expect(reportedIn(live, text, []).split(' ')[0]).toBe(model || '(unknown)')
    const before = await world.rowsOf('globex')
    const pool = guardPool(new pg.Pool({ connectionString: world.url, max: 1 }), guard)
    onTestFinished(() => pool.end())
    await expect(runWithTenant(acme, () => pool.query(text))).rejects.toMatchObject({
      code: 'TENANT_CONTEXT_REQUIRED',
    })
    expect(await world.rowsOf('globex')).toEqual(before)
  })
})

/** What a tenant does every day, all on its own partitions. */
const everyday: readonly (readonly [why: string, text: string])[] = [
  ['a read', 'select number, total from orders where tenant_id = $1 order by id'],
  ['a read by key', 'select number from orders where tenant_id = $1 and id = 2'],
  ['a read by hash', 'select kind from events where tenant_id = $1 order by id'],
  ['IN', 'select number from orders where tenant_id in ($1) order by id'],
  ['= ANY', 'select number from orders where tenant_id = any(array[$1]) order by id'],
  [
    'a join on the owner',
    `select o.number, l.item from orders o join lines l on l.tenant_id = o.tenant_id and l.order_id = o.id
      where o.tenant_id = $1 order by l.id`,
  ],
  [
    'an outer join on the owner',
    `select o.number, l.item from orders o
      left join lines l on l.tenant_id = o.tenant_id and l.order_id = o.id and l.item = 'pen'
      where o.tenant_id = $1 order by o.id`,
  ],
  [
    'EXISTS on the owner',
    `select number from orders o where tenant_id = $1
      and exists (select 1 from lines l where l.tenant_id = o.tenant_id and l.order_id = o.id and l.item = 'cup')`,
  ],
  [
    'a filter above a derived table',
    `select n from (select tenant_id, count(*) as n from orders group by tenant_id) x where tenant_id = $1`,
  ],
  [
    'a filter above a union',
    `select id from (select tenant_id, id from orders union all select tenant_id, id from events) x
      where tenant_id = $1 order by id`,
  ],
  ['an insert', `insert into orders values ($1, 7, 'G', 70) returning id, number`],
  [
    'an upsert on the key of all partitions',
    `insert into orders values ($1, 1, 'A', 11)
      on conflict (tenant_id, id) do update set total = orders.total + excluded.total returning total`,
  ],
  [
    'an upsert without a target',
    `insert into orders values ($1, 1, 'A', 12) on conflict do nothing returning total`,
  ],
  ['an update', 'update orders set total = total + 1 where tenant_id = $1 and id = 1'],
  ['a delete that cascades by owner and key', 'delete from orders where tenant_id = $1 and id = 2'],
  [
    'a move between the partitions of the tenant’s own partition',
    `update visits set day = '2027-01-01' where tenant_id = $1 returning day::text`,
  ],
]

/** The partitions of a tenant, which its rows are in. */
async function homesOf(tenantId: string): Promise<ReadonlySet<string>> {
  const homes = (await world.rowsOf(tenantId)).map((row) => row.split(' ')[0] ?? '')
  return new Set([...homes, `visits_${tenantId}_2027`])
}

describe('gives two tenants their own, from their own partitions alone', () => {
  it.each(everyday)('%s', async (_, text) => {
    const pool = guardPool(new pg.Pool({ connectionString: world.url, max: 1 }), guard)
    onTestFinished(() => pool.end())
    for (const [tenant, other] of [
      [acme, globex],
      [globex, acme],
    ]) {
      if (tenant === undefined || other === undefined) return
      const { tenantId } = tenant
      const homes = await homesOf(tenantId)
      const found = await partitionsIn(world.client, text, { values: [tenantId] })
      expect(found.length > 0).toBe(!text.startsWith('insert'))
      expect(found.filter((name) => !homes.has(name))).toEqual([])

      const others = await world.rowsOf(other.tenantId)
      const own = await world.rowsOf(tenantId)
      await runWithTenant(tenant, async () => {
        const client = await pool.connect()
        await client.query('begin')
        try {
          const { rows, rowCount } = await client.query(text, [tenantId])
          if (text.startsWith('select')) expect(rows.length).toBeGreaterThan(0)
          expect(JSON.stringify(rows)).not.toContain(other.tenantId)
          expect(rowCount).not.toBeNull()
        } finally {
          await client.query('rollback')
          client.release()
        }
        const foreign = pool.query(text, [other.tenantId])
        await expect(foreign).rejects.toMatchObject({ code: 'TENANT_CONTEXT_REQUIRED' })
      })
      expect(await world.rowsOf(other.tenantId)).toEqual(others)
      expect(await world.rowsOf(tenantId)).toEqual(own)
    }
  })

  it('from one of a thousand in a plan for all tenants, too', async () => {
    const { client } = world
    await client.query(`begin; set local plan_cache_mode = force_generic_plan;
      prepare by_tenant (text) as select number from orders where tenant_id = $1`)
    const { rows } = await client.query(
      `explain (costs off, analyze, timing off, summary off) execute by_tenant('acme')`,
    )
    await client.query('rollback; deallocate by_tenant')
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    expect(plan).toContain(`Subplans Removed: ${partitions - 1}`)
    expect(plan).toMatch(/orders_acme/)
  })
})

/** What the guard proves and the planner does not: the tenant is said once, and not carried over. */
const unplanned: Readonly<
  Record<string, { readonly text: string; readonly again: string; readonly runsLater?: true }>
> = {
  'a query in SELECT that hangs on the row': {
    text: `select o.id, (select count(*) from lines l where l.tenant_id = o.tenant_id and l.order_id = o.id)
      from orders o where o.tenant_id = $1`,
    again: `select o.id, (select count(*) from lines l where l.tenant_id = $1 and l.order_id = o.id)
      from orders o where o.tenant_id = $1`,
    runsLater: true,
  },
  'LATERAL with LIMIT': {
    text: `select o.id, x.item from orders o cross join lateral
      (select l.item from lines l where l.tenant_id = o.tenant_id and l.order_id = o.id limit 1) x
      where o.tenant_id = $1`,
    again: `select o.id, x.item from orders o cross join lateral
      (select l.item from lines l where l.tenant_id = $1 and l.order_id = o.id limit 1) x
      where o.tenant_id = $1`,
    runsLater: true,
  },
  'EXISTS under OR': {
    text: `select o.id from orders o where o.tenant_id = $1 and (o.total > 10 or exists
      (select 1 from events e where e.tenant_id = o.tenant_id and e.id = o.id))`,
    again: `select o.id from orders o where o.tenant_id = $1 and (o.total > 10 or exists
      (select 1 from events e where e.tenant_id = $1 and e.id = o.id))`,
  },
  'a recursive query': {
    text: `with recursive t as (select tenant_id, id from orders where tenant_id = $1 and id = 1
      union all select o.tenant_id, o.id from orders o join t on t.tenant_id = o.tenant_id and o.id = t.id + 1)
      select id from t`,
    again: `with recursive t as (select tenant_id, id from orders where tenant_id = $1 and id = 1
      union all select o.tenant_id, o.id from orders o join t on t.tenant_id = o.tenant_id and o.id = t.id + 1
        where o.tenant_id = $1)
      select id from t`,
  },
  'a join with what a write returns': {
    text: `with gone as (delete from lines where tenant_id = $1 returning tenant_id, order_id)
      select o.id from orders o join gone on gone.tenant_id = o.tenant_id and gone.order_id = o.id`,
    again: `with gone as (delete from lines where tenant_id = $1 returning tenant_id, order_id)
      select o.id from orders o join gone on gone.tenant_id = o.tenant_id and gone.order_id = o.id
      where o.tenant_id = $1`,
  },
  'IS NOT DISTINCT FROM': {
    text: 'select id from orders where tenant_id is not distinct from $1',
    again: 'select id from orders where tenant_id = $1',
  },
}

describe('proves what the planner spreads over all partitions, unless the tenant is said again:', () => {
  it.each(Object.entries(unplanned))('%s', async (_, { text, again, runsLater }) => {
    const values = ['acme']
    const homes = await homesOf('acme')
    const strange = async (sent: string, analyze = false): Promise<readonly string[]> => {
      const found = await partitionsIn(world.client, sent, { values, analyze })
      return found.filter((name) => !homes.has(name))
    }
    for (const sent of [text, again]) expect(reportedIn(live, sent, values)).toBe('')
    expect((await strange(text)).length).toBeGreaterThan(0)
    expect(await strange(again)).toEqual([])
    // Where it is run for one row after the other, the row tells which partition to look into.
    if (runsLater) expect(await strange(text, true)).toEqual([])
  })

  it('the plugin that writes the tenant says it everywhere', async () => {
    interface Tables {
      orders: { tenant_id: string; id: number }
      lines: { tenant_id: string; order_id: number; item: string }
    }
    const sent: { readonly sql: string; readonly parameters: readonly unknown[] }[] = []
    const pool = new pg.Pool({ connectionString: world.url, max: 1 })
    const db = new Kysely<Tables>({
      dialect: guardDialect(new PostgresDialect({ pool }), guard),
      plugins: [scopePlugin(partitionedSchema)],
      log: ({ query }) => {
        sent.push(query)
      },
    })
    onTestFinished(() => db.destroy())
    const rows = await runWithTenant(acme, () =>
      db
        .selectFrom('orders as o')
        .select(({ selectFrom, fn }) => [
          'o.id',
          selectFrom('lines as l')
            .select(fn.countAll<string>().as('n'))
            .whereRef('l.order_id', '=', 'o.id')
            .as('lines'),
        ])
        .orderBy('o.id')
        .execute(),
    )
    expect(rows).toEqual([
      { id: 1, lines: '2' },
      { id: 2, lines: '1' },
    ])
    const homes = await homesOf('acme')
    const [{ sql, parameters } = { sql: '', parameters: [] }] = sent
    const found = await partitionsIn(world.client, sql, { values: parameters })
    expect(found.filter((name) => !homes.has(name))).toEqual([])
  })
})

describe('watching the catalogue', () => {
  it('hears of partitions that come and go, and of what they bring', async () => {
    const { client } = world
    const own = await createGuard(partitionedSchema)
    const watch = await watchCatalogue({
      guard: own,
      declared: partitionedSchema,
      load: () => loadCatalogue(client),
      everyMs: 0,
    })
    const isRefused = (text: string): boolean => {
      try {
        runWithTenant(acme, () => own.session().check({ text, values: [] }))
        return false
      } catch {
        return true
      }
    }
    const upsert = `insert into orders values ('acme', 1, 'A', 1) on conflict do nothing`
    const read = `select id from orders where tenant_id = 'acme'`
    const late = 'select id from orders_late'
    expect([upsert, read, late].map(isRefused)).toEqual([false, false, true])

    // A key without the owner: a conflict with it would tell of another tenant's row.
    await client.query(`create table orders_late (like orders including all);
      create unique index on orders_late (number);
      alter table orders attach partition orders_late for values in ('late', 'later')`)
    expect(await watch.look()).toEqual({ kind: 'changed' })
    expect([upsert, read, late].map(isRefused)).toEqual([true, false, true])

    await client.query('alter table orders detach partition orders_late')
    expect(await watch.look()).toEqual({ kind: 'changed' })
    expect([upsert, read, late].map(isRefused)).toEqual([false, false, true])

    await client.query('drop table orders_late')
    expect(await watch.look()).toEqual({ kind: 'changed' })
    expect(await watch.look()).toEqual({ kind: 'same' })
    watch.close()
  })
})
