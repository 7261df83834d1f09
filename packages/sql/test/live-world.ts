import {
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

/** Tables whose keys do what keys do in grown schemas: some compare owners, some do not. */
const tables = `
create table authors (id int primary key, tenant_id text not null, name text, country int,
  unique (tenant_id, id), unique (tenant_id, name));
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
create table lost (id int, tenant_id text, taker_id int, foreign key (tenant_id, taker_id)
  references measures (tenant_id, id) on delete set null);
create table events (id int, tenant_id text not null, day date, primary key (tenant_id, id, day))
  partition by range (day);
create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01');
create unique index events_2026_id on events_2026 (id);
create table countries (id int primary key, name text);
insert into countries values (1, 'CH'), (2, 'FR');
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
`.replace(
  'create table lost',
  'create table measures (id int, tenant_id text, unique (tenant_id, id));\ncreate table lost',
)

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
insert into coded values (1, '${tenant}'), (2, '${tenant}');`

/** Rows of the other tenant that hang on rows of this one: the keys allow it. */
const tangled = `
insert into notes values (1, 'acme', 1), (2, 'globex', 1), (3, 'globex', 2);
insert into places values (1, 'acme', 1), (2, 'globex', 1);
insert into invoices values (1, 'globex', 10);
insert into tickets values (1, 'globex', 1);
insert into things values (1, 1);`

const withoutOthers = `
delete from words where page_id > 10; delete from pages where id > 10; delete from links where book_id > 10;
delete from notes where tenant_id <> 'acme'; delete from books where tenant_id <> 'acme';
delete from leaves where tenant_id <> 'acme'; delete from roles where tenant_id <> 'acme'; delete from authors where tenant_id <> 'acme'`

/** What makes a row of a table without an owner column another tenant's. */
const foreignOf: Readonly<Record<string, string>> = {
  'public.pages': 'where book_id > 10 and book_id < 90',
  'public.words': 'where page_id > 10 and page_id < 90',
  'public.things': 'where box_id > 10',
  'public.links': 'where book_id > 10 and book_id < 90',
}

export interface LiveWorld {
  readonly schema: TenantSchema
  readonly client: pg.Client
  /** What the statement changes in rows of the other tenant; it is taken back. */
  damage(text: string, values?: readonly unknown[]): Promise<string>
  /** Where the reply changes when the other tenant's rows are not there; it is taken back. */
  difference(text: string, values?: readonly unknown[]): Promise<string>
  stop(): Promise<void>
}

export const declared: TenantSchema = defineTenantSchema({
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
})

export async function startLiveWorld(): Promise<LiveWorld> {
  const server = await startPostgres()
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(tables)
  await client.query(`${rows('acme', 0)}${rows('globex', 10)}${tangled}`)
  const schema = liveSchema(declared, await loadCatalogue(client))
  const others = async (): Promise<Map<string, string>> => {
    const all = new Map<string, string>()
    for (const name of declared.relations.keys()) {
      const isOwned = declared.relations.get(name)?.table.kind === 'owner'
      const isForeign = foreignOf[name]
      const { rows: found } = await client.query<{ sum: string }>(
        `select coalesce(string_agg(t::text, ' ' order by t::text), '') as sum from ${name} t
         ${isOwned ? `where tenant_id is distinct from 'acme'` : (isForeign ?? '')}`,
      )
      all.set(name, found[0]?.sum ?? '')
    }
    return all
  }
  return {
    schema,
    client,
    async damage(text, values = []) {
      await client.query('begin')
      try {
        const before = await others()
        await client.query(text, [...values])
        const after = await others()
        return [...before]
          .flatMap(([name, sum]) => (after.get(name) === sum ? [] : name))
          .join(', ')
      } finally {
        await client.query('rollback')
      }
    },
    async difference(text, values = []) {
      const replyIn = async (before: string): Promise<string> => {
        await client.query('begin')
        try {
          await client.query(before)
          const { rows: found, rowCount } = await client.query({
            text,
            values: [...values],
            rowMode: 'array',
          })
          return `${rowCount} ${found
            .map((row) => JSON.stringify(row))
            .sort()
            .join(' ')}`
        } finally {
          await client.query('rollback')
        }
      }
      const [all, own] = [await replyIn('select 1'), await replyIn(withoutOthers)]
      return all === own ? '' : `${all} / ${own}`
    },
    async stop() {
      await client.end()
      await server.stop()
    },
  }
}
