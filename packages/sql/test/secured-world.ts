import { defineTenantSchema, global, ownedThrough, owner, type TenantSchema } from '@partywall/sql'
import { startPostgres } from '@partywall/testing'
import pg from 'pg'

/** Tables of every kind that row-level security must confine. */
const tables = `
create table users (id int primary key, tenant_id varchar(40) not null, name text);
create table roles (id int primary key, tenant_id text, name text);
create table orders (id int primary key, tenant_id text not null, note text, unique (tenant_id, id));
create table lines (id int primary key, order_id int not null references orders (id), item text);
create table parts (id int primary key, line_id int not null references lines (id), item text);
create table events (id int, tenant_id text not null, kind text) partition by list (tenant_id);
create table events_a partition of events for values in ('acme');
create table events_rest partition of events default;
create table countries (id int primary key, name text);
create view order_notes as select id, tenant_id, note from orders;
create view note_list as select note from order_notes;`

const rows = `
insert into users values (1, 'acme', 'ann'), (2, 'globex', 'gus');
insert into roles values (1, null, 'reader'), (2, 'acme', 'boss'), (3, 'globex', 'chief');
insert into orders values (1, 'acme', 'ink'), (2, 'globex', 'cup');
insert into lines values (1, 1, 'blue'), (2, 2, 'big');
insert into parts values (1, 1, 'cap'), (2, 2, 'ear');
insert into events values (1, 'acme', 'in'), (2, 'globex', 'out');
insert into countries values (1, 'nl');`

export const securedSchema: TenantSchema = defineTenantSchema({
  users: owner('tenant_id', { type: 'varchar', model: 'User' }),
  roles: owner('tenant_id', { shared: 'null', model: 'Role' }),
  orders: owner('tenant_id', { model: 'Order' }),
  lines: ownedThrough('order_id', { model: 'Line' }),
  parts: ownedThrough('line_id', { model: 'Part' }),
  events: owner('tenant_id', { model: 'Event' }),
  countries: global(),
})

export interface SecuredWorld {
  /** Of a superuser. */
  readonly admin: pg.Client
  /** The role that serves tenants: no superuser, no owner, without BYPASSRLS. */
  readonly role: string
  /** A pool of that role. */
  pool(max?: number): pg.Pool
  stop(): Promise<void>
}

/** A real server with tables, the rows of two tenants, and a role that serves them. */
export async function startSecuredWorld(): Promise<SecuredWorld> {
  const server = await startPostgres()
  const admin = new pg.Client({ connectionString: server.url })
  await admin.connect()
  const role = `serving_${server.connection.database.slice(-8)}`
  await admin.query(`${tables}${rows}
    create role ${role} login password 'secret';
    grant usage on schema public to ${role};
    grant select, insert, update, delete on all tables in schema public to ${role}`)
  const pools: pg.Pool[] = []
  return {
    admin,
    role,
    pool(max = 1) {
      const url = new URL(server.url)
      url.username = role
      url.password = 'secret'
      const pool = new pg.Pool({ connectionString: url.href, max })
      pools.push(pool)
      return pool
    },
    async stop() {
      for (const pool of pools) if (!pool.ended) await pool.end()
      await admin.query(`drop owned by ${role}; drop role ${role}`)
      await admin.end()
      await server.stop()
    },
  }
}
