import { createTenantContext } from '@partywall/context'
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
import { startPostgres } from '@partywall/testing'
import pg from 'pg'
import { shopDeclared, shopRows, shopTables } from './corpus/live/shop-tables.ts'

/** A tenant's key that is another one in lower case, and the same as a uuid. */
const spelling = 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'
/** A key whose neighbour is the same as a float. */
const large = '9007199254740993'

/** Tables whose keys do what keys do in grown schemas: some compare owners, some do not. */
const tables = `
create table authors (id int primary key, tenant_id text not null, name text, country int,
  unique (tenant_id, id), unique (tenant_id, name));
create unique index authors_low on authors (tenant_id, lower(name));
create unique index authors_bytes on authors (tenant_id, name collate "C", country);
create table books (id int primary key, tenant_id text not null, author_id int, title text,
  foreign key (tenant_id, author_id) references authors (tenant_id, id)
    on delete cascade on update cascade);
create table notes (id int, tenant_id text not null, book_id int,
  constraint notes_book foreign key (book_id) references books (id) on delete cascade on update cascade);
create table pages (id int primary key, book_id int not null references books (id) on delete cascade, body text);
create table words (page_id int not null references pages (id) on delete cascade, word text);
create table links (book_id int not null references books (id) on delete cascade,
  author_id int not null references authors (id) on delete cascade);
create table shelves (id int primary key, tenant_id text not null, label text);
create table places (id int, tenant_id text, shelf_id int, unique (tenant_id, id),
  foreign key (shelf_id) references shelves (id) on update cascade);
create table leaves (id int, tenant_id text not null, author_id int,
  foreign key (tenant_id, author_id) references authors (tenant_id, id) on delete set null (author_id));
create table takers (id int primary key, tenant_id text not null, name text, unique (tenant_id, name));
create table measures (id int, tenant_id text, unique (tenant_id, id));
create table lost (id int, tenant_id text, taker_id int, foreign key (tenant_id, taker_id)
  references measures (tenant_id, id) on delete set null);
create table events (id int, tenant_id text not null, day date, primary key (tenant_id, id, day))
  partition by range (day);
create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01');
create unique index events_2026_id on events_2026 (id);
create table countries (id int primary key, name text);
insert into countries values (1, 'CH'), (2, 'FR'), (3, 'acme'), (4, 'globex');
create table ruled (id int, tenant_id text);
create rule nobody as on delete to ruled do instead delete from authors;
create table made (id int, tenant_id text generated always as ('acme') stored);
create table accounts (tenant_id text not null, a int, code int generated always as (a * 10) stored unique);
create table invoices (id int, tenant_id text not null, code int references accounts (code) on update cascade);
create table visits (id int, tenant_id text not null, day date) partition by range (day);
create table visits_2026 partition of visits for values from ('2026-01-01') to ('2027-01-01');
create table visits_2027 partition of visits for values from ('2027-01-01') to ('2028-01-01');
create unique index visits_2026_id on visits_2026 (id);
create table tickets (id int, tenant_id text not null, visit_id int references visits_2026 (id) on delete cascade);
create table boxes (id int primary key, tenant_id text not null);
create table things (id int, box_id int not null default 11 references boxes (id)
  on delete set default on update set default);
create table roles (id int, tenant_id text, name text);
insert into roles values (1, null, 'admin'), (2, null, 'guest');
create view titles as select b.title, b.tenant_id as owner, a.name from books b join authors a on a.id = b.author_id and a.tenant_id = b.tenant_id;
create view counts as select tenant_id, count(*) as books from books group by tenant_id;
create view own_titles as select title from titles where owner = 'acme';
create view totals as select count(*) as books from books;
create materialized view kept as select * from books;
create table coded (id int, tenant_id text);
create function tally_all(record) returns bigint stable language plpgsql as 'begin return (select count(*) from books); end';
create function wipe(text) returns bigint language sql as 'with gone as (delete from takers returning 1) select count(*) from gone';
create function tally(coded) returns bigint stable language sql as 'select count(*) from books';
create type spot as (id int, name text);
create function string_to_table(int) returns setof spot language sql as $$select 1, 'acme'$$;
create table racks (id int unique, tenant_id text not null, label text, code int unique, terms tsvector, unique (tenant_id, label));
create unique index racks_sum on racks (label, (code + 0));
create table pairs (id int primary key, book_id int not null references books (id) on delete cascade,
  author_id int not null references authors (id) on delete cascade);
create table marks (pair_id int not null references pairs (id) on delete cascade, mark text);
create table slots (rack_id int references racks (id) on update cascade, tenant_id text);
create table ledgers (id int primary key, tenant_id int8 not null, rate float8);
insert into ledgers values (1, ${large}, 1.5), (2, 9007199254740992, 2.5);
create table padded (id int primary key, tenant_id varchar not null, code bpchar);
insert into padded values (1, 'acme', 'q'), (2, 'acme ', 'q');
create table spelled (id int primary key, tenant_id text not null, name text, unique (tenant_id, name));
insert into spelled values (1, '${spelling}', 'own'), (2, lower('${spelling}'), 'theirs');
`

const rows = (tenant: string, shift: number): string => `
insert into authors values (${1 + shift}, '${tenant}', 'Ann', 1), (${2 + shift}, '${tenant}', 'Bob', 2);
insert into books values (${1 + shift}, '${tenant}', ${1 + shift}, 'one'), (${2 + shift}, '${tenant}', ${2 + shift}, 'two');
insert into pages values (${1 + shift}, ${1 + shift}, 'b${1 + shift}'), (${2 + shift}, ${2 + shift}, 'c');
insert into words values (${1 + shift}, 'w${shift}');
insert into links values (${1 + shift}, ${1 + shift});
insert into leaves values (${1 + shift}, '${tenant}', ${1 + shift});
insert into shelves values (${1 + shift}, '${tenant}', 'top');
insert into takers values (${1 + shift}, '${tenant}', 'tom');
insert into measures values (1, '${tenant}');
insert into lost values (1, '${tenant}', 1);
insert into events values (${1 + shift}, '${tenant}', '2026-05-05');
insert into accounts values ('${tenant}', ${1 + shift});
insert into visits values (${1 + shift}, '${tenant}', '2026-05-05');
insert into boxes values (${1 + shift}, '${tenant}');
insert into roles values (3, '${tenant}', 'own${shift}');
insert into coded values (1, '${tenant}'), (2, '${tenant}');
insert into racks values (${1 + shift}, '${tenant}', 'top', ${5 + shift});
insert into pairs values (${1 + shift}, ${1 + shift}, ${2 + shift});
insert into marks values (${1 + shift}, 'm${shift}');`

/** Rows of the other tenant that hang on rows of this one: the keys allow it. */
const tangled = `
insert into notes values (11, 'acme', 1), (12, 'acme', null), (1, 'acme', 1), (2, 'globex', 1), (3, 'globex', 2);
insert into places values (1, 'acme', 1), (2, 'globex', 1);
insert into invoices values (1, 'globex', 10);
insert into tickets values (1, 'globex', 1);
insert into things values (1, 1);
insert into links values (1, 11);
insert into pairs values (3, 2, 11);
insert into marks values (3, 'theirs');
insert into slots values (1, 'globex');
insert into roles values (4, 'globex', null);
insert into coded values (9, null);`

const { tenantId: acme } = createTenantContext({ tenantId: 'acme', env: 'prod' })

type Whose = 'own' | 'others'

/** What makes a row of a table without an owner column the tenant's, or another's: the row that it refers to. */
function throughRows(whose: Whose): Readonly<Record<string, string>> {
  const all = whose === 'own' ? 'and' : 'or'
  const refers = (key: string, parent: string, child = 't', owner = 'tenant_id'): string =>
    `exists (select 1 from ${parent} o where o.id = ${child}.${key} and ${isWhose(`o.${owner}`, whose)})`
  return {
    // The children of children come first.
    'public.words': `exists (select 1 from pages p where p.id = t.page_id and ${refers('book_id', 'books', 'p')})`,
    'public.marks': `exists (select 1 from pairs p where p.id = t.pair_id
      and (${refers('book_id', 'books', 'p')} ${all} ${refers('author_id', 'authors', 'p')}))`,
    'public.pages': refers('book_id', 'books'),
    'public.pairs': `(${refers('book_id', 'books')} ${all} ${refers('author_id', 'authors')})`,
    'public.things': refers('box_id', 'boxes'),
    'public.links': `(${refers('book_id', 'books')} ${all} ${refers('author_id', 'authors')})`,
    'public.order_items': refers('order_id', 'orders'),
    'public.Profile': refers('"userId"', '"User"', 't', '"tenantId"'),
    'public._CategoryToPost': `(${refers('"A"', '"Category"', 't', '"tenantId"')}
      ${all} ${refers('"B"', '"Post"', 't', '"tenantId"')})`,
  }
}

function isWhose(column: string, whose: Whose, key: unknown = 'acme'): string {
  return `${column} ${whose === 'own' ? '=' : 'is distinct from'} '${key}'`
}

/** Which rows of a declared table are the tenant's, or not; a global table is nobody's. */
function rowsOf(name: string, whose: Whose): string {
  const table = declared.relations.get(name)?.table
  if (table?.kind === 'owner') {
    return isWhose(`t."${table.column}"`, whose, table.tenantKey?.(acme, 'prod'))
  }
  return throughRows(whose)[name] ?? String(whose === 'others')
}

const quoted = (name: string): string => name.replace(/\.(.*)/, '."$1"')

/** Takes other tenants' rows away: those of which `which` is true. Shared rows stay. */
function without(which: string): string {
  const tables = [...declared.relations].filter(([, { table }]) => table.kind === 'owner')
  const names = [...Object.keys(throughRows('others')), ...tables.map(([name]) => name)]
  const removals = names.map((name) => {
    const table = declared.relations.get(name)?.table
    const isShared = table?.kind === 'owner' && table.shared === 'null'
    const kept = isShared ? ` and t."${table.column}" is not null` : ''
    return `delete from ${quoted(name)} t where ${rowsOf(name, 'others')}${kept} and ${which};`
  })
  // Neither keys nor rules take part.
  return `set local session_replication_role = replica; ${removals.join(' ')}
    set local session_replication_role = origin`
}

/** A statement that can write, also in a query of WITH. */
const writes = /\b(?:insert|update|delete|merge)\b/i

/** Databases that differ in other tenants' rows only: what is done to the whole one. */
const otherWorlds = (): Readonly<Record<string, string>> => ({
  none: without('true'),
  half: without('abs(hashtext(t::text)) % 2 = 0'),
})

export const declared: TenantSchema = defineTenantSchema(
  {
    authors: owner('tenant_id', { model: 'Author' }),
    books: owner('tenant_id', { model: 'Book' }),
    notes: owner('tenant_id', { model: 'Note' }),
    shelves: owner('tenant_id', { model: 'Shelf' }),
    places: owner('tenant_id', { model: 'Place' }),
    pages: ownedThrough('book_id', { model: 'Page' }),
    words: ownedThrough('page_id', { model: 'Word' }),
    links: ownedThrough(['book_id', 'author_id'], { model: 'Link' }),
    leaves: owner('tenant_id', { model: 'Leaf' }),
    takers: owner('tenant_id', { model: 'Taker', keyOracle: true }),
    measures: owner('tenant_id', { model: 'Measure' }),
    lost: owner('tenant_id', { model: 'Lost' }),
    events: owner('tenant_id', { model: 'Event' }),
    accounts: owner('tenant_id', { model: 'Account' }),
    invoices: owner('tenant_id', { model: 'Invoice' }),
    visits: owner('tenant_id', { model: 'Visit' }),
    tickets: owner('tenant_id', { model: 'Ticket' }),
    boxes: owner('tenant_id', { model: 'Box' }),
    things: ownedThrough('box_id', { model: 'Thing' }),
    countries: global(),
    ruled: owner('tenant_id', { model: 'Ruled' }),
    made: owner('tenant_id', { model: 'Made' }),
    roles: owner('tenant_id', { model: 'Role', shared: 'null' }),
    coded: owner('tenant_id', { model: 'Coded' }),
    racks: owner('tenant_id', { model: 'Rack' }),
    slots: owner('tenant_id', { model: 'Slot' }),
    pairs: ownedThrough(['book_id', 'author_id'], { model: 'Pair' }),
    marks: ownedThrough('pair_id', { model: 'Mark' }),
    ledgers: owner('tenant_id', { model: 'Ledger', type: 'int8', tenantKey: () => large }),
    padded: owner('tenant_id', { model: 'Padded', type: 'varchar' }),
    spelled: owner('tenant_id', { model: 'Spelled', tenantKey: () => spelling }),
    ...shopDeclared,
  },
  { functions: ['string_to_table'], types: ['spot'] },
)

export interface LiveWorld {
  readonly schema: TenantSchema
  readonly client: pg.Client
  /** What the catalogue says after a change, which is taken back. */
  catalogueAfter(change: string): Promise<Catalogue>
  /** What the statement changes in rows of other tenants; it is taken back. */
  damage(text: string, values?: readonly unknown[]): Promise<string>
  /** Where the reply changes when other tenants' rows are not there; it is taken back. */
  difference(text: string, values?: readonly unknown[]): Promise<string>
  stop(): Promise<void>
}

/** One line for each table: what it holds that is not the tenant's, or what else it holds. */
function sumsOf(whose: Whose): string {
  const ofEach = [...declared.relations.keys()].map((name) => {
    return `select '${name}' as name, coalesce(string_agg(replace(t::text, now()::text, 'now'), ' ' order by t::text), '') as sum
      from ${quoted(name)} t where ${rowsOf(name, whose)}`
  })
  return ofEach.join(' union all ')
}

type Sums = ReadonlyMap<string, string>

export async function startLiveWorld(): Promise<LiveWorld> {
  const server = await startPostgres()
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(`${tables}${shopTables}`)
  await client.query(`${rows('acme', 0)}${rows('globex', 10)}${tangled}
    ${shopRows('acme', 0)}${shopRows('globex', 10)}${shopRows('ACME', -10)}`)
  const schema = liveSchema(declared, await loadCatalogue(client))
  const sums = async (whose: Whose): Promise<Sums> => {
    const { rows: found } = await client.query<{ name: string; sum: string }>(sumsOf(whose))
    return new Map(found.map(({ name, sum }) => [name, sum]))
  }
  const inTransaction = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await client.query('begin')
    try {
      return await work()
    } finally {
      await client.query('rollback')
    }
  }
  /** The reply, and what the tenant's rows are then: later statements would tell. */
  const outcomeIn = (change: string, text: string, values: readonly unknown[]): Promise<string> =>
    inTransaction(async () => {
      const { rows: clock } = await client.query<{ now: Date }>('select now()')
      await client.query(change)
      const reply = await client.query({ text, values: [...values], rowMode: 'array' })
      const lines = reply.rows.map((row) => JSON.stringify(row)).sort()
      const now = clock[0]?.now.toISOString() ?? ''
      const own = writes.test(text) ? [...(await sums('own'))].join(' ') : ''
      return `${reply.rowCount} ${lines.join(' ').replaceAll(now, 'now')} ${own}`
    })
  return {
    schema,
    client,
    catalogueAfter: (change) =>
      inTransaction(async () => {
        await client.query(change)
        return loadCatalogue(client)
      }),
    damage: (text, values = []) =>
      inTransaction(async () => {
        const before = await sums('others')
        await client.query(text, [...values])
        const after = await sums('others')
        return [...before]
          .flatMap(([name, sum]) => (after.get(name) === sum ? [] : name))
          .join(', ')
      }),
    async difference(text, values = []) {
      const whole = await outcomeIn('select 1', text, values)
      for (const [world, change] of Object.entries(otherWorlds())) {
        const reply = await outcomeIn(change, text, values)
        if (reply !== whole) return `whole: ${whole} / ${world}: ${reply}`
      }
      return ''
    },
    async stop() {
      await client.end()
      await server.stop()
    },
  }
}
