import { defineTenantSchema, owner, type TenantSchema } from '@partywall/sql'
import { startPostgres } from '@partywall/testing'
import pg from 'pg'

/** So many tenants have a partition of their own, and so many share partitions by hash. */
export const partitions = 1_000

const names = ['orders', 'events', 'lines', 'visits']
const tables = `
create table orders (tenant_id text not null, id int not null, number text, total int,
  primary key (tenant_id, id), unique (tenant_id, number)) partition by list (tenant_id);
create table events (tenant_id text not null, id int, kind text) partition by hash (tenant_id);
create table lines (tenant_id text not null, id int not null, order_id int not null, item text,
  primary key (tenant_id, id), foreign key (tenant_id, order_id) references orders (tenant_id, id)
    on delete cascade) partition by hash (tenant_id);
create table visits (tenant_id text not null, id int not null, day date not null)
  partition by list (tenant_id);
do $$ begin
  for i in 3..${partitions} loop
    execute format('create table orders_%s partition of orders for values in (%L)', i, 'tenant' || i);
  end loop;
  for i in 0..${partitions - 1} loop
    execute format('create table events_%s partition of events
      for values with (modulus ${partitions}, remainder %s)', i, i);
  end loop;
  for i in 0..7 loop
    execute format('create table lines_%s partition of lines for values with (modulus 8, remainder %s)', i, i);
  end loop;
end $$;`

/** The partitions and rows of one of the two tenants that matter. */
const tenant = (name: string): string => `
create table orders_${name} partition of orders for values in ('${name}');
create table visits_${name} partition of visits for values in ('${name}') partition by range (day);
create table visits_${name}_2026 partition of visits_${name} for values from ('2026-01-01') to ('2027-01-01');
create table visits_${name}_2027 partition of visits_${name} for values from ('2027-01-01') to ('2028-01-01');
insert into orders values ('${name}', 1, 'A', 10), ('${name}', 2, 'B', 20);
insert into events values ('${name}', 1, 'in'), ('${name}', 2, 'out');
insert into lines values ('${name}', 1, 1, 'ink'), ('${name}', 2, 1, 'pen'), ('${name}', 3, 2, 'cup');
insert into visits values ('${name}', 1, '2026-05-05');`

export const partitionedSchema: TenantSchema = defineTenantSchema({
  orders: owner('tenant_id', { model: 'Order' }),
  events: owner('tenant_id', { model: 'Event' }),
  lines: owner('tenant_id', { model: 'Line' }),
  visits: owner('tenant_id', { model: 'Visit' }),
})

export interface PartitionedWorld {
  readonly url: string
  /** Around the guard. */
  readonly client: pg.Client
  /** Every row of a tenant, with the partition that it is in. */
  rowsOf(tenantId: string): Promise<readonly string[]>
  stop(): Promise<void>
}

/** A real server with tables that are partitioned by tenant, by list and by hash. */
export async function startPartitionedWorld(): Promise<PartitionedWorld> {
  const server = await startPostgres()
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(tables)
  for (const name of ['acme', 'globex']) await client.query(tenant(name))
  const every = names.map(
    (name) =>
      `select t.tableoid::regclass || ' ' || t::text as row from ${name} t where tenant_id = $1`,
  )
  return {
    url: server.url,
    client,
    async rowsOf(tenantId) {
      const { rows } = await client.query<{ row: string }>(
        `${every.join(' union all ')} order by 1`,
        [tenantId],
      )
      return rows.map(({ row }) => row)
    },
    async stop() {
      await client.end()
      await server.stop()
    },
  }
}

/**
 * The partitions that the server's plan reads or writes, other than by an INSERT; with `analyze`, only
 * those that it came to.
 */
export async function partitionsIn(
  client: pg.Client,
  text: string,
  { values = [], analyze = false }: { values?: readonly unknown[]; analyze?: boolean } = {},
): Promise<readonly string[]> {
  const options = `format json, costs off${analyze ? ', analyze, timing off, summary off' : ''}`
  await client.query('begin')
  try {
    const { rows } = await client.query(`explain (${options}) ${text}`, [...values])
    const found = new Set<string>()
    collect(rows, found)
    // A plan that writes also names the table, which has no rows of its own.
    return [...found].filter((name) => !names.includes(name)).sort()
  } finally {
    await client.query('rollback')
  }
}

function collect(plan: unknown, found: Set<string>): void {
  if (typeof plan !== 'object' || plan === null) return
  const name: unknown = Reflect.get(plan, 'Relation Name')
  if (typeof name === 'string' && Reflect.get(plan, 'Actual Loops') !== 0) found.add(name)
  for (const part of Object.values(plan)) collect(part, found)
}
