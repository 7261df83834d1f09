import {
  type Catalogue,
  defineTenantSchema,
  global,
  liveSchema,
  loadCatalogue,
  ownedThrough,
  owner,
  type TenantSchema,
} from '@partywall/sql'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import pg from 'pg'
import { foreignRows } from './random/foreign-rows.ts'
import { seeded } from './random.ts'

/** The key of the tenant that statements run for, in columns of each type. */
export const key = 2
export const uuid = '22222222-2222-4222-8222-222222222222'
const ints = { type: 'int4', tenantKey: () => key } as const

/** Some tables with their columns declared, some without: most projects declare few. */
export const schema: TenantSchema = defineTenantSchema(
  {
    users: owner('tenant_id', { ...ints, model: 'User', severity: 'CRITICAL' }),
    posts: owner('tenant_id', {
      ...ints,
      model: 'Post',
      columns: ['id', 'tenant_id', 'user_id', 'title', 'score', 'parent_id'],
    }),
    tags: owner('tenant_id', { ...ints, model: 'Tag', severity: 'MEDIUM' }),
    docs: owner('owner', { model: 'Doc', columns: ['id', 'owner', 'body', 'n'] }),
    files: owner('owner', { type: 'uuid', tenantKey: () => uuid, model: 'File' }),
    folders: owner('tenant_id', { ...ints, model: 'Folder' }),
    pages: ownedThrough('folder_key', { model: 'Page' }),
    _near: ownedThrough(['A', 'B'], { model: 'Near' }),
    roles: owner('tenant_id', { ...ints, model: 'Role', shared: 'null' }),
    countries: global({ columns: ['id', 'name'] }),
    settings: global({ writable: true }),
  },
  { types: ['mood'], functions: ['my_function', 'other.unaccent'] },
)

const tables = `
create type mood as enum ('calm', 'angry');
create function my_function(x int) returns int language sql immutable as 'select x + 1';
create table users (id int, tenant_id int not null, email text, name text, country int, boss_id int,
  mood mood, seen timestamptz, unique (tenant_id, id), unique (tenant_id, email));
create table posts (id int default 77, tenant_id int not null, user_id int, title text, score int,
  parent_id int, unique (tenant_id, id), unique (tenant_id, title));
create table tags (id int, tenant_id int not null, post_id int, label text);
create table docs (id int, owner text not null, body text, n int, unique (owner, id), unique (n));
create table files (id int, owner uuid not null, name text, meta jsonb, unique (owner, id));
create table folders (key int primary key, tenant_id int not null, name text);
create table pages (id int, folder_key int not null references folders (key) on delete cascade, body text,
  number int unique);
create table "_near" ("A" int not null references folders (key) on delete cascade,
  "B" int not null references folders (key) on delete cascade);
create table roles (id int, tenant_id int, name text);
create view titles as select p.id, p.tenant_id, p.title, u.name from posts p
  left join users u on u.tenant_id = p.tenant_id and u.id = p.user_id;
create view headings as select t.id, t.tenant_id, t.title from titles t where t.name is not null;
create view latest as select distinct on (tenant_id) tenant_id as o, id as i, title as t from posts order by o, i desc, t;
create view swapped as select distinct on (p.tenant_id) p.score as tenant_id, p.tenant_id as o, p.id as i, p.title as t
  from posts p order by p.tenant_id, p.id, p.title;
create view crossed as select distinct on (tenant_id) p.id * 0 as tenant_id, p.tenant_id as o, p.id as i, p.title as t
  from posts p order by tenant_id, p.tenant_id desc, p.id, p.title;
create view figured as select distinct on (tenant_id) (select 1 as tenant_id), p.tenant_id as o, p.id as i, p.title as t
  from posts p order by tenant_id, p.tenant_id desc, p.id, p.title;
insert into roles values (1, null, 'admin'), (9, null, null);
create table countries (id int primary key, name text);
create table settings (name text primary key, value text, level int default 1);
insert into countries values (1, 'CH'), (2, 'FR'), (3, null), (1001, 'DE');
insert into settings values ('a', '1', 1), ('b', '2', 99);
`

/** The rows of one tenant: the same for everybody, so that whatever joins by anything else leaks. */
function rows(owner: Owner, shift: number): string {
  const text = (value: string): string => `'${shift === 0 ? value : `${value}${shift}`}'`
  const n = (value: number): number => value + shift
  // The key of a folder is one row's, whoever owns it.
  const folder = (value: number): number => owner.key * 1000 + value
  return `
insert into users values
  (${n(1)}, ${owner.key}, ${text('ann@x')}, ${text('Ann')}, 1, null, 'calm', '2026-01-01'),
  (${n(2)}, ${owner.key}, ${text('bob@x')}, ${text('Bob')}, 2, ${n(1)}, 'angry', '2026-01-02'),
  (${n(3)}, ${owner.key}, ${text('cid@x')}, null, null, ${n(1)}, null, null);
insert into posts values
  (${n(1)}, ${owner.key}, ${n(1)}, ${text('first')}, 10, null),
  (${n(2)}, ${owner.key}, ${n(1)}, ${text('second')}, 20, ${n(1)}),
  (${n(3)}, ${owner.key}, ${n(2)}, ${text('third')}, null, ${n(2)});
insert into tags values (${n(1)}, ${owner.key}, ${n(1)}, ${text('red')}),
  (${n(2)}, ${owner.key}, ${n(1)}, ${text('blue')}), (${n(3)}, ${owner.key}, ${n(3)}, null);
insert into docs values (${n(1)}, '${owner.text}', ${text('body')}, ${owner.key * 100 + 1}),
  (${n(2)}, '${owner.text}', null, ${owner.key * 100 + 2});
insert into files values (${n(1)}, '${owner.uuid}', ${text('a.txt')}, '{"a": 1}'),
  (${n(2)}, '${owner.uuid}', ${text('b.txt')}, null);
insert into folders values (${folder(1)}, ${owner.key}, ${text('in')}), (${folder(2)}, ${owner.key}, null);
insert into pages values (${n(1)}, ${folder(1)}, ${text('one')}, ${folder(11)}), (${n(2)}, ${folder(1)}, null, ${folder(12)}),
  (${n(3)}, ${folder(2)}, ${text('three')}, ${folder(13)});
insert into "_near" values (${folder(1)}, ${folder(2)}), (${folder(2)}, ${folder(2)});
insert into roles values (${n(2)}, ${owner.key}, ${text('own')}), (${n(3)}, ${owner.key}, null);`
}

interface Owner {
  readonly key: number
  readonly text: string
  readonly uuid: string
}

const others: readonly [Owner, Owner] = [
  { key: 1, text: 'ACME', uuid: '11111111-1111-4111-8111-111111111111' },
  { key: 99, text: 'acme ', uuid: 'ffffffff-ffff-4fff-8fff-ffffffffffff' },
]
const [lower, higher] = others

/** Databases that differ in other tenants' rows only. */
const worlds: Readonly<Record<string, string>> = {
  none: '',
  // The same rows, but for their owner.
  colliding: rows(lower, 0) + rows(higher, 0),
  // Keys below and above the tenant's, so that they come first and last in every order.
  around: rows(lower, -10) + rows(higher, 1000),
  // What no tenant of the others has: more of everything, and names that look like SQL.
  loud: `${rows(lower, 0)} ${rows(higher, 7)}
    insert into users values (4, 1, 'dan@x', '--', 3, 1, 'calm', null), (5, 99, 'eve@x', 'a''', 1, 2, null, null);
    insert into posts values (4, 1, 3, 'zz', 99, 1), (5, 1, 3, 'first1', 0, null), (6, 99, 1, '', -5, 3);
    insert into tags values (7, 1, 1001, ''), (8, 99, 1, 'zz'); insert into docs values (7, 'ACME', 'zz', -1);
    insert into files values (7, '${lower.uuid}', '', '[]');
    insert into "_near" values (2001, 1001), (1002, 2002)`,
  // Rows whose counterparts are missing.
  sparse: `${rows(lower, 0)} delete from posts where tenant_id = 1;
    delete from users where tenant_id = 1 and id < 3; delete from pages where folder_key = 1001; update docs set body = null where owner = 'ACME'`,
}

export interface Worlds {
  readonly catalogue: Catalogue
  /** The schema as it stands on the server. */
  readonly live: TenantSchema
  readonly clients: ReadonlyMap<string, pg.Client>
  stop(): Promise<void>
}

/** Starts a real server with one schema for each world; one of them has rows by chance. */
export async function startWorlds(seed = 1): Promise<Worlds> {
  const random = seeded(seed)
  const chance = foreignRows(random, lower) + foreignRows(random, higher)
  const server: PostgresServer = await startPostgres()
  const clients = new Map<string, pg.Client>()
  for (const [world, foreign] of Object.entries({ ...worlds, chance })) {
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    await client.query(`create schema ${world}; set search_path to ${world}; ${tables}`)
    await client.query(rows({ key, text: 'acme', uuid }, 0))
    await client.query(`begin; ${foreign}; commit; set statement_timeout = 1000`)
    clients.set(world, client)
  }
  const [first] = clients.values()
  if (first === undefined) throw new Error('no worlds')
  const read = await loadCatalogue(first)
  // Every world is a schema of its own: statements name it `public`.
  const catalogue: Catalogue = JSON.parse(
    JSON.stringify(read).replaceAll('"none', '"public').replaceAll('none.', 'public.'),
  )
  return {
    clients,
    catalogue,
    live: liveSchema(schema, catalogue),
    stop: async () => {
      for (const client of clients.values()) await client.end()
      await server.stop()
    },
  }
}
