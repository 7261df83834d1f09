import { defineTenantSchema, global, ownedThrough, owner, type TenantSchema } from '@partywall/sql'
import { loadSecurityCatalogue, rowSecurityStatements } from '@partywall/sql/row-security'
import { startPostgres } from '@partywall/testing'
import pg from 'pg'

/** Tables of which an audit has nothing to say. */
const tables = `
create table users (id int, tenant_id text not null, email text, name text,
  primary key (tenant_id, id));
create table orders (id int primary key, tenant_id text not null, user_id int,
  unique (tenant_id, id),
  foreign key (tenant_id, user_id) references users (tenant_id, id));
create table lines (order_id int not null references orders (id) on delete cascade, item text);
create index on lines (order_id);
create table roles (id int, tenant_id text, name text);
create index on roles (tenant_id);
create table events (id int, tenant_id text not null, primary key (tenant_id, id)) partition by list (tenant_id);
create table events_a partition of events for values in ('acme');
create table countries (id int primary key, name text);
create view order_view with (security_invoker = true) as select id, tenant_id from orders;
insert into users values (1, 'acme', 'a@x', 'ann'), (1, 'globex', 'g@x', 'gus');
insert into orders values (1, 'acme', 1), (2, 'globex', 1);
insert into lines values (1, 'ink'), (2, 'cup')`

export const auditedSchema: TenantSchema = defineTenantSchema({
  users: owner('tenant_id'),
  orders: owner('tenant_id'),
  lines: ownedThrough('order_id'),
  roles: owner('tenant_id', { shared: 'null' }),
  events: owner('tenant_id'),
  countries: global(),
})

export interface AuditedWorld {
  /** Of a superuser. */
  readonly admin: pg.Client
  readonly url: string
  /** The role that serves tenants. */
  readonly role: string
  stop(): Promise<void>
}

export async function startAuditedWorld(): Promise<AuditedWorld> {
  const server = await startPostgres()
  const admin = new pg.Client({ connectionString: server.url })
  await admin.connect()
  const role = `audited_${server.connection.database.slice(-8)}`
  await admin.query(tables)
  const catalogue = await loadSecurityCatalogue(admin)
  for (const statement of rowSecurityStatements(auditedSchema, { catalogue }).enable) {
    await admin.query(statement)
  }
  await admin.query(`create role ${role} login; grant usage on schema public to ${role};
    grant select, insert, update, delete on all tables in schema public to ${role}`)
  return {
    admin,
    url: server.url,
    role,
    async stop() {
      await admin.query(`drop owned by ${role}; drop role ${role}`)
      await admin.end()
      await server.stop()
    },
  }
}
