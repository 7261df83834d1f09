import {
  defineTenantSchema,
  global,
  ownedThrough,
  owner,
  type TenantSchema,
  type TenantSchemaOptions,
} from '@partywall/sql'
import type { Refused } from '../case.ts'
import type { explained } from '../explained.ts'
import { dottedNames } from './dotted-names.ts'
import { hiddenCodeDatabases } from './hidden-code.ts'
import { hiddenNames } from './hidden-names.ts'
import { namedCodeDatabases } from './named-code.ts'
import { parentPolicies } from './parent-policies.ts'
import { reachedTables } from './reached-tables.ts'
import { storedCodeDatabases } from './stored-code.ts'
import { textSettings } from './text-settings.ts'

type Tables = Parameters<typeof defineTenantSchema>[0]

/** A database that differs from the one of the live corpus, and what is declared of it. */
export interface OtherDatabase {
  readonly why: string
  /** What is done to the database; it is taken back. */
  readonly change: string
  readonly declared: TenantSchema
  /** What the declarations contradict, where they do. */
  readonly contradicts?: string
  /** What is reported of statements, where they do not. */
  readonly reports?: readonly Refused[]
  /** What a person is told of statements. */
  readonly explained?: typeof explained
}

function database(
  why: string,
  change: string,
  tables: Tables,
  found: string | readonly Refused[],
  options?: TenantSchemaOptions,
): OtherDatabase {
  const declared = defineTenantSchema(tables, options)
  return typeof found === 'string'
    ? { why, change, declared, contradicts: found }
    : { why, change, declared, reports: found }
}

const nothing = 'select 1'
const ofType = (name: string): string =>
  `select title from books where tenant_id = $1 and $2::${name} is not null`
const books = owner('tenant_id', { model: 'Book' })
/** Where the call is an aggregate, there is a row although WHERE finds none. */
const grouped = (call: string): string =>
  `select x.n from countries c, lateral (select ${call} as g,
     (select count(*) from authors a where a.tenant_id = c.name) as n
     from books b where b.tenant_id = $1 and b.tenant_id = c.name) x`
/** What stands behind the first argument of an aggregate is given the rows that passed WHERE. */
const rolledUp = (call: string): string =>
  `select c.id, q.* from countries c, lateral (
     select ${call}, (select count(*) from authors a where a.tenant_id = c.name)::text) from books b
     where b.tenant_id = $1 and c.name = $1 group by rollup (b.id)) q`
const same = (table: string): string =>
  `select * from ${table} where id in (select id from ${table} where tenant_id = $1)`

const inParts = (from: string, place: string): string =>
  `select id from ${from.replace(/ .*/, '')} where tenant_id = $1 and ctid in (select ${place} from ${from} where tenant_id = $1)`

/** What is wrong with columns by which rows would be owned. */
function brokenKeys(): readonly OtherDatabase[] {
  const parents =
    'create table parents (id int primary key, tenant_id text, code varchar(9) unique);'
  const cases: readonly (readonly [why: string, child: string, found: string | Refused[]])[] = [
    ['a column that is not there', 'key2 int', 'public.children: no column key'],
    [
      'a key of a type that no key has',
      'key numeric not null references measured (n)',
      'key is of type numeric; uuid, an integer or text is needed',
    ],
    [
      'a key of two columns',
      'key int not null, tenant_id text not null, foreign key (tenant_id, key) references paired (tenant_id, id)',
      'key alone is no validated, enforced foreign key',
    ],
    [
      'a key of two columns, in another order',
      'key int not null, tenant_id text not null, foreign key (key, tenant_id) references turned (id, tenant_id)',
      'key alone is no validated, enforced foreign key',
    ],
    [
      'a key that is checked at the end',
      'key int not null references parents (id) deferrable',
      'key alone is no validated, enforced foreign key',
    ],
    [
      'a key that is not validated',
      'key int not null); alter table children add foreign key (key) references parents (id) not valid; create table more (id int',
      'key alone is no validated, enforced foreign key',
    ],
    [
      'a key that is not enforced, so that it may refer to no row or to one that comes later',
      'key int not null); alter table children add foreign key (key) references parents (id) not enforced; create table more (id int',
      'key alone is no validated, enforced foreign key',
    ],
    [
      'a key that is not enforced, beside the same that is',
      'key int not null references parents (id)); alter table children add foreign key (key) references parents (id) not enforced; create table more (id int',
      [['a join', '', joined('c.key = p.id'), 'acme']],
    ],
    [
      'a key of rows that are everybody’s',
      'key int not null references countries (id)',
      'key refers to public.countries, which is not declared as anybody',
    ],
    [
      'a key of rows that nobody declared',
      'key int not null references boxes (id)',
      'key refers to public.boxes, which is not declared as anybody',
    ],
    [
      'a key of another integer',
      'key bigint not null references parents (id)',
      'key and public.parents.id are of different types',
    ],
    [
      'a key of texts that are equal to the byte',
      'key text not null references parents (code)',
      [['a join', '', joined('c.key = p.code'), 'acme']],
    ],
    [
      'a key of texts that are not',
      'key text collate folding not null references folded (code)',
      'key is of type text; uuid, an integer or text is needed',
    ],
    [
      'a key that is two keys of one table',
      'key int not null references parents (id) references parents (id)',
      [['a join', '', joined('c.key = p.id'), 'acme']],
    ],
    [
      'a key beside one of rows that are everybody’s',
      'key int not null references countries (id) references parents (id)',
      [
        ['a join', '', joined('c.key = p.id'), 'acme'],
        ['another join', 'children', joined('c.key + 0 = p.id'), 'acme'],
      ],
    ],
    [
      'children of the table',
      'key int not null references parents (id)); create table grandchildren () inherits (children); create table more (id int',
      'key or public.parents has children that the key does not bind',
    ],
    [
      'children of the parent',
      'key int not null references parents (id)); create table step () inherits (parents); create table more (id int',
      'key or public.parents has children that the key does not bind',
    ],
    [
      'a foreign table as a child',
      'key int not null references parents (id)); create foreign data wrapper fdw; create server fs foreign data wrapper fdw; create foreign table far () inherits (parents) server fs; create table more (id int',
      'key or public.parents has children that the key does not bind',
    ],
    [
      'partitions',
      `key int not null references parents (id)) partition by list (key); create table ones partition of children for values in (1); create table more (id int`,
      [['a join', '', joined('c.key = p.id'), 'acme']],
    ],
  ]
  return cases.map(([why, child, found]) =>
    database(
      why,
      `create collation folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
       ${parents} create table measured (n numeric unique, tenant_id text);
       create table paired (id int, tenant_id text, unique (tenant_id, id));
       create table turned (id int, tenant_id text, unique (id, tenant_id));
       create table folded (code text collate folding unique, tenant_id text);
       create table children (${child})`,
      {
        parents: owner('tenant_id'),
        measured: owner('tenant_id'),
        paired: owner('tenant_id'),
        turned: owner('tenant_id'),
        folded: owner('tenant_id'),
        countries: global(),
        children: ownedThrough('key'),
      },
      found,
    ),
  )
}

function linked(conflict: string): string {
  return `insert into bonds (book_id, author_id) select b.id, a.id from books b, authors a
    where b.tenant_id = $1 and a.tenant_id = $1 ${conflict}`
}

function upsert(columns: string): string {
  return `insert into keyed (id, tenant_id, name) values (1, $1, 'x') on conflict (${columns}) do nothing`
}

/** A query beside something that is computed of rows that WHERE lets pass. */
function beside(computed: string): string {
  return `select c.code from currencies c, lateral (select ${computed} as k,
      (select count(*) from books b where b.tenant_id = c.code) as n
    from authors a where a.tenant_id = $1 and c.code = $1) x`
}

function joined(on: string): string {
  return `select 1 from children c join parents p on ${on} where p.tenant_id = $1`
}

/** What foreign keys do to rows that refer to a row. */
function effects(): readonly OtherDatabase[] {
  const remove = 'delete from tops where tenant_id = $1'
  const rename = 'update tops set id = id + 1 where tenant_id = $1'
  const relabel = `update tops set label = 'x' where tenant_id = $1`
  const pair = 'foreign key (tenant_id, top_id) references tops (tenant_id, id)'
  const alone = 'foreign key (top_id) references tops (id)'
  const under = 'create table lowest (id int, tenant_id text, under_id int, foreign key'
  const both = (reported: string): Refused[] => [
    ['delete', reported, remove, 'acme'],
    ['update', reported, rename, 'acme'],
  ]
  const cases: readonly (readonly [why: string, change: string, reports: Refused[]])[] = [
    ['no key', 'select 1', both('')],
    [
      'a key that restricts',
      `alter table unders add ${alone} on delete restrict on update no action`,
      both(''),
    ],
    [
      'a cascade that compares owners',
      `alter table unders add ${pair} on delete cascade on update cascade`,
      both(''),
    ],
    [
      'a cascade that does not',
      `alter table unders add ${alone} on delete cascade on update cascade`,
      both('tops tenant_write'),
    ],
    [
      'SET NULL of a key alone',
      `alter table unders add ${alone} on delete set null on update set null`,
      both('tops tenant_write'),
    ],
    [
      'SET NULL of a pair, the owner too',
      `alter table unders add ${pair} on delete set null on update set null`,
      both('tops tenant_write'),
    ],
    [
      'SET DEFAULT of a pair, the owner too',
      `alter table unders add ${pair} on delete set default on update set default`,
      both('tops tenant_write'),
    ],
    [
      'SET NULL of the one column of a pair',
      `alter table unders add ${pair} on delete set null (top_id)`,
      both(''),
    ],
    [
      'SET DEFAULT of the one column of a pair',
      `alter table unders add ${pair} on delete set default (top_id)`,
      both(''),
    ],
    [
      'a cascade that deletes alone',
      `alter table unders add ${alone} on delete cascade`,
      [
        ['delete', 'tops tenant_write', remove, 'acme'],
        ['update', '', rename, 'acme'],
      ],
    ],
    [
      'a cascade that updates alone',
      `alter table unders add ${alone} on update cascade`,
      [
        ['delete', '', remove, 'acme'],
        ['update', 'tops tenant_write', rename, 'acme'],
        ['update of another column', '', relabel, 'acme'],
      ],
    ],
    [
      'a pair in which another column is the owner’s partner',
      `alter table tops add unique (label, id); alter table unders add foreign key (tenant_id, top_id) references tops (label, id) on delete cascade on update cascade`,
      both('tops tenant_write'),
    ],
    [
      'a cascade behind a cascade',
      `alter table unders add ${pair} on delete cascade on update cascade, add unique (id);
       ${under} (under_id) references unders (id) on delete cascade)`,
      [
        ['delete', 'tops tenant_write', remove, 'acme'],
        ['update', '', rename, 'acme'],
      ],
    ],
    [
      'a key that follows behind a cascade',
      `alter table unders add ${pair} on update cascade, add unique (top_id);
       ${under} (under_id) references unders (top_id) on update cascade)`,
      [
        ['delete', '', remove, 'acme'],
        ['update', 'tops tenant_write', rename, 'acme'],
      ],
    ],
    [
      'a key that is emptied behind SET NULL',
      `alter table unders add ${pair} on delete set null (top_id), add unique (top_id);
       ${under} (under_id) references unders (top_id) on update cascade)`,
      [
        ['delete', 'tops tenant_write', remove, 'acme'],
        ['update', '', rename, 'acme'],
      ],
    ],
    [
      'a circle of cascades',
      `alter table tops add under_id int; alter table unders add ${pair} on delete cascade, add unique (tenant_id, id);
       alter table tops add foreign key (tenant_id, under_id) references unders (tenant_id, id) on delete cascade`,
      both(''),
    ],
    [
      'a circle of cascades with a way out',
      `alter table tops add under_id int; alter table unders add ${pair} on delete cascade, add unique (tenant_id, id), add unique (id);
       alter table tops add foreign key (tenant_id, under_id) references unders (tenant_id, id) on delete cascade;
       ${under} (under_id) references unders (id) on delete cascade)`,
      [
        ['delete', 'tops tenant_write', remove, 'acme'],
        ['update', '', rename, 'acme'],
      ],
    ],
    [
      'rows that nobody declared',
      `create table strangers (top_id int references tops (id) on delete cascade on update cascade)`,
      both('tops tenant_write'),
    ],
    [
      'rows that all tenants read',
      `alter table countries add top_id int references tops (id) on delete cascade on update cascade`,
      both('tops tenant_write'),
    ],
    [
      'rows that all tenants read and write',
      `create table notes_of_all (top_id int references tops (id) on delete cascade on update cascade)`,
      both(''),
    ],
    [
      'rows that are owned through the very key',
      `create table owned (top_id int not null references tops (id) on delete cascade on update cascade)`,
      both(''),
    ],
    [
      'rows that are owned through the very key, which is emptied',
      `create table owned (top_id int not null references tops (id) on delete set default on update set default)`,
      both('tops tenant_write'),
    ],
    [
      'rows that are owned through another column',
      `create table owned (top_id int not null references tops (id), other_id int not null references tops (id) on delete cascade)`,
      [
        ['delete', 'tops tenant_write', remove, 'acme'],
        ['update', '', rename, 'acme'],
      ],
    ],
    [
      'a cascade that compares owners who are written in another way',
      `create table otherwise (tenant_id text, top_id int, ${pair} on delete cascade on update cascade)`,
      both('tops tenant_write'),
    ],
    [
      'rows that all tenants write, with a cascade to rows that somebody else owns',
      `create table owned (top_id int not null references tops (id) references countries (id) on delete cascade)`,
      [['delete', '(unknown) tenant_write', 'delete from countries where id = 1']],
    ],
    [
      'a column that is computed from what changes',
      `alter table tops add doubled int generated always as (id * 2) stored unique;
       create table strangers (top_id int references tops (doubled) on update cascade)`,
      [
        ['update', 'tops tenant_write', rename, 'acme'],
        ['update of another column', 'tops tenant_write', relabel, 'acme'],
        ['delete', '', remove, 'acme'],
      ],
    ],
    [
      'a key of a partition',
      `create table parts (id int, tenant_id text, day int) partition by list (day);
       create table part_1 partition of parts for values in (1); alter table part_1 add unique (id);
       create table part_2 partition of parts for values in (2);
       create table strangers (part_id int references part_1 (id) on delete cascade)`,
      [
        ['delete', 'parts tenant_write', 'delete from parts where tenant_id = $1', 'acme'],
        [
          'a move to another partition',
          'parts tenant_write',
          'update parts set day = 2 where tenant_id = $1',
          'acme',
        ],
        [
          'a change within the partition',
          '',
          'update parts set id = 2 where tenant_id = $1',
          'acme',
        ],
      ],
    ],
    [
      'a partition by an expression',
      `create table parts (id int, tenant_id text, day int) partition by list ((day % 2));
       create table part_1 partition of parts for values in (1); alter table part_1 add unique (id);
       create table strangers (part_id int references part_1 (id) on delete cascade)`,
      [
        [
          'a change of anything',
          'parts tenant_write',
          'update parts set id = 2 where tenant_id = $1',
          'acme',
        ],
      ],
    ],
    [
      'a key of a partition of the referring table',
      `create table kinds (id int, tenant_id text, top_id int) partition by list (id);
       create table kind_1 partition of kinds for values in (1);
       alter table kind_1 add foreign key (top_id) references tops (id) on delete cascade`,
      [
        ['delete', 'tops tenant_write', remove, 'acme'],
        ['update', '', rename, 'acme'],
      ],
    ],
    [
      'a partition of the referring table whose key compares owners',
      `create table kinds (id int, tenant_id text, top_id int) partition by list (id);
       create table kind_1 partition of kinds for values in (1);
       alter table kind_1 add ${pair} on delete cascade`,
      both(''),
    ],
  ]
  return cases.map(([why, change, reports]) =>
    database(
      `${why}, as a key to a row`,
      `create table tops (id int unique, tenant_id text not null, label text, unique (tenant_id, id));
       create table unders (id int, tenant_id text, top_id int); ${change}`,
      {
        tops: owner('tenant_id'),
        unders: owner('tenant_id'),
        ...(change.includes('lowest') ? { lowest: owner('tenant_id') } : {}),
        ...(change.includes('owned') ? { owned: ownedThrough('top_id') } : {}),
        ...(change.includes('notes_of_all') ? { notes_of_all: global({ writable: true }) } : {}),
        ...(change.includes('table parts') ? { parts: owner('tenant_id') } : {}),
        ...(change.includes('table kinds') ? { kinds: owner('tenant_id') } : {}),
        ...(change.includes('otherwise')
          ? { otherwise: owner('tenant_id', { tenantKey: () => 'x' }) }
          : {}),
        countries: global({ writable: change.includes('references countries') }),
      },
      reports,
    ),
  )
}

export const databases: readonly OtherDatabase[] = [
  database(
    'a table that does not exist',
    nothing,
    { nowhere: owner('tenant_id') },
    'public.nowhere does not exist',
  ),
  database(
    'a column that does not exist',
    nothing,
    { books: owner('owner') },
    'books has no owner column owner',
  ),
  database(
    'another type',
    nothing,
    { books: owner('tenant_id', { type: 'uuid' }) },
    `is of type text, declared as uuid; declare { type: 'text' }`,
  ),
  database(
    'a type that no owner has',
    'create table odd (tenant_id char(8))',
    { odd: owner('tenant_id') },
    'is of type bpchar; ALTER TABLE odd ALTER COLUMN tenant_id TYPE text, or uuid',
  ),
  database(
    'an owner whose equality ignores case',
    'create extension citext; create table odd (tenant_id citext not null)',
    { odd: owner('tenant_id') },
    'is of type public.citext; ALTER TABLE odd ALTER COLUMN tenant_id TYPE text, or uuid',
  ),
  database(
    'an owner of a domain, over a type that could be one',
    'create domain tenant_key as text check (value <> $$$$); create table odd (tenant_id tenant_key not null)',
    { odd: owner('tenant_id') },
    'is of type public.tenant_key; ALTER TABLE odd ALTER COLUMN tenant_id TYPE text, or uuid',
  ),
  database(
    'an owner of a domain over a type that is none',
    'create extension citext; create domain tenant_key as citext; create table odd (tenant_id tenant_key not null)',
    { odd: owner('tenant_id') },
    'is of type public.tenant_key; ALTER TABLE odd ALTER COLUMN tenant_id TYPE text, or uuid',
  ),
  ...['create extension citext', 'create domain citext as text'].map((made) =>
    database(
      `owners after the ALTER that their refusal names, after ${made}`,
      `${made}; create table odd (id int, tenant_id citext not null);
       ALTER TABLE odd ALTER COLUMN tenant_id TYPE text`,
      { odd: owner('tenant_id') },
      [
        ['the tenant', '', 'select id from odd where tenant_id = $1', 'acme'],
        [
          'another spelling',
          'odd foreign_value',
          'select id from odd where tenant_id = $1',
          'ACME',
        ],
        ['a cast', 'odd', 'select id from odd where tenant_id::citext = $1', 'ACME'],
      ],
    ),
  ),
  database(
    'a collation that calls different bytes equal',
    `create collation folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
     create table folded (tenant_id text collate folding)`,
    { folded: owner('tenant_id') },
    'nondeterministic collation; ALTER TABLE folded ALTER COLUMN tenant_id TYPE text COLLATE "C"',
  ),
  database(
    'a child of another kind',
    'create table bases (id int); create table kids (tenant_id text) inherits (bases)',
    { bases: global(), kids: owner('tenant_id') },
    'bases has the child public.kids, which is declared otherwise',
  ),
  database(
    'a child that nobody declared',
    'create table bases (id int); create table kids (tenant_id text) inherits (bases)',
    { bases: global() },
    `bases is everybody's, and has the child public.kids: declare it alike`,
  ),
  database(
    'a view that is declared',
    'create view seen as select * from books',
    { seen: owner('tenant_id') },
    'seen is a view; declare the tables that it reads',
  ),
  database(
    'a materialised view that is declared',
    'create materialized view seen as select * from books',
    { seen: owner('tenant_id') },
    'seen is a materialized view; declare { trusted: true } if you vouch for whose its rows are',
  ),
  database(
    'a materialised view and a foreign table that are vouched for',
    `create materialized view seen as select * from books; create unique index on seen (id);
     create foreign data wrapper far; create server away foreign data wrapper far;
     create foreign table remote (id int, tenant_id text) server away;
     create foreign table places_there (id int, name text) server away`,
    {
      seen: owner('tenant_id', { trusted: true }),
      remote: owner('tenant_id', { trusted: true }),
      places_there: global({ trusted: true, writable: true }),
    },
    [
      ['the view', '', 'select id from seen where tenant_id = $1', 'acme'],
      ['the view of everybody', 'seen', 'select id from seen'],
      [
        'both',
        '',
        'select s.id, p.name from seen s join remote r using (tenant_id) join places_there p on p.id = r.id where s.tenant_id = $1',
        'acme',
      ],
      ['the table of everybody', 'remote', 'select id from remote'],
      [
        'a write there',
        '(unknown) unsupported',
        'update remote set id = 1 where tenant_id = $1',
        'acme',
      ],
      ['a write of what is everybody’s', '(unknown) unsupported', 'delete from places_there'],
    ],
  ),
  database(
    'columns that are not there',
    nothing,
    { books: owner('tenant_id', { columns: ['tenant_id', 'isbn'] }) },
    'books has no column isbn',
  ),
  database(
    'a column that says of two tables which row it belongs to',
    `create table entries (id int primary key, tenant_id text);
     create table both_ways (id int, key int not null references books (id) references entries (id))`,
    { books, entries: owner('tenant_id'), both_ways: ownedThrough('key') },
    'key refers to several rows: nobody can say which of them owns it',
  ),
  database(
    'a key that may be NULL',
    nothing,
    { books, notes: ownedThrough('book_id') },
    'book_id may be NULL; ALTER COLUMN book_id SET NOT NULL',
  ),
  database(
    'a column without a key',
    'alter table coded alter id set not null',
    { books, coded: ownedThrough('id') },
    'id alone is no validated, enforced foreign key that is not deferrable',
  ),
  database(
    'a key that a constraint may break for a while, one that children share, and a plain one',
    `alter table books drop constraint books_pkey cascade;
     alter table books add unique (id) deferrable;
     create table more_takers () inherits (takers)`,
    {
      books,
      takers: owner('tenant_id', { model: 'Taker' }),
      more_takers: owner('tenant_id'),
      shelves: owner('tenant_id'),
    },
    [
      ['deferrable', 'Book', same('books'), 'acme'],
      ['children', 'Taker', same('takers'), 'acme'],
      ['plain', '', same('shelves'), 'acme'],
    ],
  ),
  database(
    'code of its own under names of built-in code',
    `create function lower(x text) returns bigint language sql as 'select count(*) from books';
     create function glue(x int, y text) returns text language sql as 'select y';
     create operator || (function = glue, leftarg = int, rightarg = text)`,
    { books },
    [
      [
        'an operator',
        '(unknown) unsupported',
        'select id || title from books where tenant_id = $1',
        'acme',
      ],
      [
        'a function',
        '(unknown) unsupported',
        'select lower(title) from books where tenant_id = $1',
        'acme',
      ],
      [
        'the built-in function by its whole name',
        '',
        'select pg_catalog.lower(title) from books where tenant_id = $1',
        'acme',
      ],
      ['other functions', '', 'select upper(title) from books where tenant_id = $1', 'acme'],
    ],
  ),
  database(
    'parents whose owners are written in two ways',
    nothing,
    {
      books,
      authors: owner('tenant_id', { model: 'Author', tenantKey: (tenantId) => String(tenantId) }),
      pairs: ownedThrough(['book_id', 'author_id']),
      marks: ownedThrough('pair_id'),
    },
    [
      [
        'both',
        'marks, pairs',
        `select 1 from marks m join pairs p on p.id = m.pair_id join books b on b.id = p.book_id
         join authors a on a.id = p.author_id where b.tenant_id = $1 and a.tenant_id = $1`,
        'acme',
      ],
    ],
  ),
  database(
    'rows that belong to one another',
    'create table nodes (id int primary key, parent_id int not null references nodes (id))',
    { nodes: ownedThrough('parent_id') },
    [
      ['a chain', 'nodes, nodes', 'select 1 from nodes a join nodes b on b.id = a.parent_id'],
      [
        'a circle',
        'nodes, nodes',
        'select 1 from nodes a join nodes b on b.id = a.parent_id and a.id = b.parent_id',
      ],
    ],
  ),
  database(
    'two keys of one row',
    `create table spans (id int primary key, first_id int not null references pages (id), last_id int not null references pages (id));
     create table labels (span_id int not null references spans (id))`,
    {
      books,
      pages: ownedThrough('book_id'),
      spans: ownedThrough(['first_id', 'last_id']),
      labels: ownedThrough('span_id'),
    },
    [
      [
        'its children’s children',
        '',
        `select 1 from labels l join spans s on s.id = l.span_id join pages p on p.id = s.first_id and p.id = s.last_id
         join books b on b.id = p.book_id where b.tenant_id = $1`,
        'acme',
      ],
    ],
  ),
  database(
    'keys by way of another integer',
    'create table tallies (big bigint)',
    { books, pages: ownedThrough('book_id'), tallies: global() },
    [
      [
        'found',
        'pages',
        'select body from pages where book_id in (select big from tallies where big in (select id from books where tenant_id = $1))',
        'acme',
      ],
    ],
  ),
  database(
    'operators of its own under names of built-in ones',
    `create function alike(x int, y text) returns boolean language sql as 'select true';
     create operator = (function = alike, leftarg = int, rightarg = text);
     create operator >= (function = alike, leftarg = int, rightarg = text)`,
    { countries: global() },
    [
      ['equality', '(unknown) unsupported', 'select 1 from countries where id = 1'],
      ['a list', '(unknown) unsupported', 'select 1 from countries where id in (1, 2)'],
      ['a query', '(unknown) unsupported', 'select 1 from countries where id in (select 1)'],
      [
        'a query with the operator',
        '(unknown) unsupported',
        'select 1 from countries where id = any (select 1)',
      ],
      ['another operator of a query', '', 'select 1 from countries where id <> all (select 1)'],
      [
        'CASE of a value',
        '(unknown) unsupported',
        'select case id when 1 then 2 end from countries',
      ],
      ['CASE of conditions', '', 'select case when id > 1 then 2 end from countries'],
      ['BETWEEN', '(unknown) unsupported', 'select 1 from countries where id between 1 and 2'],
      ['less', '', 'select 1 from countries where id < 2'],
      [
        'an operator by its whole name',
        '',
        `select 1 from countries where name operator(pg_catalog.=) 'x' and id operator(pg_catalog.<>) 1`,
      ],
    ],
  ),
  ...['<', '>'].map((operator) =>
    database(
      `an operator ${operator} of its own`,
      `create type grade as enum ('a', 'b', 'c');
       create function fewer(grade, grade) returns boolean stable language sql as 'select count(*) > 3 from books';
       create operator ${operator} (leftarg = grade, rightarg = grade, function = fewer)`,
      { countries: global() },
      ['between', 'not between', 'between symmetric', 'not between symmetric'].map((words) => [
        words,
        '(unknown) unsupported',
        `select 'a'::grade ${words} 'b' and 'c' from countries`,
      ]),
    ),
  ),
  database(
    'a type of another schema under the name of a built-in one',
    'create schema other; create domain other.text as varchar(3)',
    { books },
    [
      ['a cast to it', 'Book', 'select title from books where tenant_id = $1::other.text', 'acme'],
      [
        'a cast to the built-in one',
        '',
        'select title from books where tenant_id = $1::text',
        'acme',
      ],
    ],
    { types: ['other.text'] },
  ),
  database(
    'enums',
    `create schema other; create type mood as enum ('calm', 'angry'); create type other.size as enum ('big');
     create type weak as enum ('on'); create cast (varchar as weak) with inout as implicit;
     create type other.hidden as enum ('a'); create domain hidden as text;
     create type twice as enum ('a'); create domain other.twice as text; create domain short as varchar(3)`,
    { books },
    [
      ['one', '', ofType('mood'), 'acme', 'calm'],
      ['one by its whole name', '', ofType('public.mood'), 'acme', 'calm'],
      ['a list', '', ofType('mood[]'), 'acme', '{calm}'],
      ['one of another schema', '', ofType('other.size'), 'acme', 'big'],
      ['one of another schema, by its name alone', '(unknown) unsupported', ofType('size')],
      ['one that is read as text', '', ofType('weak'), 'acme', 'on'],
      ['one that a domain hides', '', ofType('hidden'), 'acme', 'a'],
      ['a domain of its name', '', ofType('other.twice'), 'acme', 'a'],
      ['a domain', '', ofType('short'), 'acme', 'a'],
      [
        'a domain in the place of the tenant',
        'Book',
        'select 1 from books where tenant_id = $1::short',
      ],
      ['all that one has', '', 'select unnest(enum_range(null::mood))'],
      [
        'one in the place of the tenant',
        'Book',
        `select 1 from books where tenant_id = $1::mood::text`,
      ],
    ],
  ),
  database(
    'schemas before those of PostgreSQL',
    'create schema app; set local search_path = app, pg_catalog, public',
    { books },
    'the search path has schemas before pg_catalog',
  ),
  database(
    'an operator of somebody’s own, in USING',
    `create function always(text, text) returns boolean language sql immutable as 'select true';
     create operator = (leftarg = text, rightarg = text, function = always)`,
    { books, authors: owner('tenant_id', { model: 'Author' }) },
    [
      [
        'a join',
        '(unknown) unsupported',
        'select a.name from books b join authors a using (tenant_id) where b.tenant_id operator(pg_catalog.=) $1',
      ],
    ],
  ),
  database(
    'a child of two tables',
    `create table ones (x text); create table others (y text); create table twins () inherits (ones, others)`,
    { ones: owner('x'), others: owner('y') },
    'has the child public.twins, which is declared otherwise',
  ),
  database(
    'two keys of one column that say of two rows whose it is',
    `create table boxed (id int primary key, tenant_id text not null, alt int unique);
     create table packed (box_id int not null references boxed (id),
       foreign key (box_id) references boxed (alt) on delete cascade)`,
    { boxed: owner('tenant_id'), packed: ownedThrough('box_id') },
    'box_id refers to several rows: nobody can say which of them owns it',
  ),
  ...[[], ['ext.glued']].map((functions) =>
    database(
      `extensions in a schema of their own, ${functions.length} functions declared`,
      `create schema ext; create extension unaccent schema ext; create extension hstore schema ext;
       create extension citext schema ext;
       create function ext.lower(varchar) returns text language sql as 'select $1::text';
       create function ext.akeys(x int) returns bigint language sql as 'select count(*) from books';
       create function ext.counted() returns bigint language sql as 'select count(*) from books';
       create aggregate ext.glued(text) (sfunc = textcat, stype = text, initcond = '')`,
      { books, authors: owner('tenant_id', { model: 'Author' }), countries: global() },
      [
        ['a function', '', 'select ext.unaccent(title) from books where tenant_id = $1', 'acme'],
        ['types', '', `select 'a'::ext.citext, 'a=>1'::ext.hstore`],
        ['what is built in', '', 'select lower(title) from books where tenant_id = $1', 'acme'],
        ['an operator', '', `select operator(ext.%%) 'a=>1'::ext.hstore`],
        [
          'an equality of an extension’s own',
          'Book',
          'select title from books where tenant_id operator(ext.=) $1',
          'acme',
        ],
        [
          'an operator of a database',
          '(unknown) unsupported',
          `select operator(here.ext.%%) 'a=>1'::ext.hstore`,
        ],
        [
          'an operator that is not known',
          '(unknown) unsupported',
          `select b operator(ext.#=) 'title=>x'::ext.hstore from books b where tenant_id = $1`,
          'acme',
        ],
        [
          'one of no schema',
          '(unknown) unsupported',
          `select operator(public.%%) 'a=>1'::ext.hstore`,
        ],
        [
          'another function of one',
          '(unknown) unsupported',
          `select ext.hs_concat('a=>1', 'b=>2')`,
        ],
        ['a function beside one of that name', '(unknown) unsupported', 'select ext.akeys(1)'],
        ['a function beside them', '(unknown) unsupported', 'select ext.counted()'],
        ['a type for a function', '(unknown) unsupported', `select ext.citext('a')`],
        ['a function for a type', '(unknown) unsupported', `select 'a'::ext.unaccent`],
        ['a schema that has none', '(unknown) unsupported', `select public.unaccent('a')`],
        ['a function beside a count', '', grouped('ext.unaccent(b.title)'), 'acme'],
        [
          'an aggregate beside a count',
          functions.length === 0 ? '(unknown) unsupported' : 'Author',
          grouped('ext.glued(b.title)'),
          'acme',
        ],
      ],
      { functions },
    ),
  ),
  database(
    'overloads of built-in names that extensions brought in C',
    `create schema ext; create extension dict_int schema ext; create extension unaccent schema ext;
     create function public.upper(varchar) returns text language internal as 'upper';
     alter extension dict_int add function public.upper(varchar);
     create function ext.upper(varchar) returns text language internal as 'upper';
     alter extension dict_int add function ext.upper(varchar);
     create function ext.lower(varchar) returns text language internal as 'lower';
     alter extension unaccent add function ext.lower(varchar);
     create aggregate ext.initcap(text) (sfunc = textcat, stype = text, initcond = '');
     alter extension unaccent add aggregate ext.initcap(text)`,
    { books },
    [
      [
        'one of whom nobody knows',
        '(unknown) unsupported',
        'select upper(title) from books where tenant_id = $1',
        'acme',
      ],
      [
        'one of whom nobody knows, by its schema',
        '(unknown) unsupported',
        'select ext.upper(title) from books where tenant_id = $1',
        'acme',
      ],
      [
        'one of an extension that is trusted',
        '',
        'select ext.lower(title) from books where tenant_id = $1',
        'acme',
      ],
      [
        'an aggregate of it',
        '(unknown) unsupported',
        'select ext.initcap(title) from books where tenant_id = $1',
        'acme',
      ],
    ],
  ),
  database(
    'a key of two columns beside the one by which rows are owned, to the same row',
    `create table boxed (id int primary key, tenant_id text not null, alt int, unique (id, alt));
     create table packed (box_id int not null references boxed (id), alt int,
       foreign key (box_id, alt) references boxed (id, alt) on delete cascade)`,
    { boxed: owner('tenant_id', { model: 'Box' }), packed: ownedThrough('box_id') },
    [['a removal', 'Box tenant_write', 'delete from boxed where tenant_id = $1', 'acme']],
  ),
  database(
    'a key beside the one by which rows are owned',
    `create table boxed (id int primary key, tenant_id text not null, alt int, unique (id, alt), unique (alt, id));
     create table packed (box_id int not null references boxed (id), alt int,
       foreign key (box_id, alt) references boxed (alt, id) on delete cascade)`,
    { boxed: owner('tenant_id', { model: 'Box' }), packed: ownedThrough('box_id') },
    [['a removal', 'Box tenant_write', 'delete from boxed where tenant_id = $1', 'acme']],
  ),
  database(
    'domains in the place of built-in names',
    `create function seen(int) returns boolean language sql stable as 'select count(*) = 1 from books';
     create function seen(text) returns boolean language sql stable as 'select count(*) = 1 from books';
     create domain "integer" as int check (seen(value)); create domain area as text check (seen(value));
     create domain mark as text check (seen(value))`,
    { books },
    [
      ['a cast', '(unknown) unsupported', 'select 1::"integer"'],
      [
        'a cast to the built-in type',
        '',
        'select 1::integer, true::boolean, 1::smallint, 1::real, 1::decimal',
      ],
      [
        'what JSON returns',
        '(unknown) unsupported',
        `select json_value('1'::jsonb, '$' returning "integer" null on error)`,
      ],
      ['a call that is a cast', '(unknown) unsupported', `select area('x')`],
      [
        'a mark of a circle',
        '(unknown) unsupported',
        `with recursive t (id, boss) as (select b.id, b.author_id from books b where b.tenant_id = $1 union all
           select b.id, b.author_id from books b join t on b.author_id = t.id where b.tenant_id = $1)
           cycle id set c to mark 'y' default mark 'n' using p select count(*) from t`,
      ],
    ],
  ),
  database(
    'domains that ask for each other',
    `create function seen(text) returns boolean language sql stable as 'select count(*) = 1 from books';
     create domain da as text; create domain db as text;
     alter domain db add check (value::da is not null);
     alter domain da add check (value::db is not null and seen(value))`,
    { books },
    [
      ['one', '(unknown) unsupported', `select 'x'::da`],
      ['the other', '(unknown) unsupported', `select 'x'::db`],
      ['one again', '(unknown) unsupported', `select 'x'::da`],
    ],
  ),
  database(
    'an enum that a function makes',
    `create type odd as enum ('yes'); create function made_odd(int) returns odd language sql as 'select ''yes''::odd';
     create cast (int as odd) with function made_odd(int)`,
    { books },
    'the cast from integer to odd runs public.made_odd',
  ),
  // Declared with or without its schema.
  ...['of_told', 'public.of_told'].map((name) =>
    database(
      `an enum that the declared function ${name} reads`,
      `create type told as enum ('yes'); create function of_told(told) returns int language sql as 'select 1';
       create cast (told as int) with function of_told(told)`,
      { books },
      [['a cast', '', ofType('told'), 'acme', 'yes']],
      { functions: [name] },
    ),
  ),
  database(
    'places of rows',
    `create table placed (id int, tenant_id text, place tid); create table heirs () inherits (placed);
     create table alone (id int, tenant_id text, place tid);
     create table hollow (id int, tenant_id text) partition by list (id)`,
    { placed: owner('tenant_id'), alone: owner('tenant_id'), hollow: owner('tenant_id') },
    [
      ['rows in parts', '', inParts('alone', 'ctid'), 'acme'],
      ['places that somebody wrote', '(unknown) unsupported', inParts('alone', 'place'), 'acme'],
      [
        'places that somebody wrote, under another name',
        '(unknown) unsupported',
        inParts('alone x (id, tenant_id, ctid)', 'x.ctid'),
        'acme',
      ],
      ['a table with children', '(unknown) unsupported', inParts('placed', 'ctid'), 'acme'],
      ['a table without partitions', '(unknown) unsupported', inParts('hollow', 'ctid'), 'acme'],
    ],
  ),
  database(
    'an owner of each type',
    `create table o_varchar (tenant_id varchar(20)); create table o_int2 (tenant_id int2);
     create table o_int8 (tenant_id int8); create table o_uuid (tenant_id uuid)`,
    {
      books,
      o_varchar: owner('tenant_id', { type: 'varchar' }),
      o_int2: owner('tenant_id', { type: 'int2', tenantKey: () => 7 }),
      o_int8: owner('tenant_id', { type: 'int8', tenantKey: () => 7n }),
      o_uuid: owner('tenant_id', {
        type: 'uuid',
        tenantKey: () => '0A000000-0000-4000-8000-000000000000',
      }),
    },
    [
      ['varchar', '', 'select 1 from o_varchar where tenant_id = $1', 'acme'],
      ['varchar, written', '', 'insert into o_varchar (tenant_id) values ($1)', 'acme'],
      [
        'varchar, written of a text',
        '',
        `insert into o_varchar (tenant_id) select tenant_id from books where tenant_id = $1`,
        'acme',
      ],
      ['varchar as text', '', 'select 1 from o_varchar where tenant_id::text = $1', 'acme'],
      [
        'varchar, another',
        'o_varchar foreign_value',
        'select 1 from o_varchar where tenant_id = $1',
        'acm',
      ],
      ['int2', '', 'select 1 from o_int2 where tenant_id = $1', 7],
      ['int2 with a cast', '', 'select 1 from o_int2 where tenant_id = $1::smallint', '7'],
      ['int2, another', 'o_int2 foreign_value', 'select 1 from o_int2 where tenant_id = $1', '07'],
      ['int8', '', 'select 1 from o_int8 where tenant_id = $1', 7n],
      ['int8, negative', 'o_int8 foreign_value', 'select 1 from o_int8 where tenant_id = $1', -7],
      [
        'int8 beside int2',
        'o_int2',
        'select 1 from o_int8 a join o_int2 b on a.tenant_id = b.tenant_id where a.tenant_id = 7',
      ],
      [
        'uuid',
        '',
        'select 1 from o_uuid where tenant_id = $1',
        '0a000000-0000-4000-8000-000000000000',
      ],
      [
        'uuid in capitals',
        '',
        'select 1 from o_uuid where tenant_id = $1',
        '0A000000-0000-4000-8000-000000000000',
      ],
      [
        'uuid without dashes',
        'o_uuid foreign_value',
        'select 1 from o_uuid where tenant_id = $1',
        '0a000000000040008000000000000000',
      ],
    ],
  ),
  database(
    'rows of everybody, with a cascade to rows of tenants',
    'create table refs (tenant_id text, country int references countries (id) on delete cascade on update cascade)',
    { countries: global({ writable: true }), refs: owner('tenant_id') },
    [
      ['a removal', '(unknown) tenant_write', 'delete from countries where id = 1'],
      ['a change of the key', '(unknown) tenant_write', 'update countries set id = 9 where id = 1'],
      ['a change of another column', '', `update countries set name = 'x' where id = 1`],
    ],
  ),
  database(
    'a key of one of two parents',
    `create table bonds (book_id int not null unique references books (id), author_id int not null references authors (id),
       unique (author_id, book_id))`,
    { books, authors: owner('tenant_id'), bonds: ownedThrough(['book_id', 'author_id']) },
    [
      ['one of them', 'bonds tenant_write', linked('on conflict (book_id) do nothing'), 'acme'],
      ['both', '', linked('on conflict (book_id, author_id) do nothing'), 'acme'],
      ['any', 'bonds tenant_write', linked('on conflict do nothing'), 'acme'],
    ],
  ),
  database(
    'a key that is computed',
    `create table gauges (id int, tenant_id text, code int generated always as (id * 10) stored unique, half int generated always as (id / 2) virtual);
     create table dials (code int not null references gauges (code))`,
    { gauges: owner('tenant_id'), dials: ownedThrough('code') },
    [
      [
        'given back after a change',
        'gauges',
        'update gauges set id = 3 where tenant_id = $1 returning (select count(*) from gauges g where g.code = gauges.code)',
        'acme',
      ],
      [
        'given back to its children after a change',
        'dials',
        'update gauges set id = 3 where tenant_id = $1 returning (select count(*) from dials d where d.code = gauges.code)',
        'acme',
      ],
      [
        'given back to its children as it was',
        '',
        'delete from gauges where tenant_id = $1 returning (select count(*) from dials d where d.code = gauges.code)',
        'acme',
      ],
      [
        'read',
        '',
        'select 1 from gauges a join gauges b on b.code = a.code where a.tenant_id = $1',
        'acme',
      ],
    ],
  ),
  database(
    'indexes that are no keys of the owner alone',
    `create table keyed (id int, tenant_id text, name text, day date);
     create unique index on keyed (lower(name)); create unique index on keyed (name) where day is null;
     create unique index on keyed (day) include (tenant_id)`,
    { keyed: owner('tenant_id') },
    [
      [
        'any',
        'keyed tenant_write',
        `insert into keyed (id, tenant_id) values (1, $1) on conflict do nothing`,
        'acme',
      ],
      [
        'the owner, included',
        'keyed tenant_write',
        `insert into keyed (id, tenant_id) values (1, $1) on conflict (day) do nothing`,
        'acme',
      ],
      [
        'in part',
        'keyed tenant_write',
        `insert into keyed (id, tenant_id) values (1, $1) on conflict (name) where day is null do nothing`,
        'acme',
      ],
    ],
  ),
  database(
    'keys with the owner, in their ways',
    `create extension if not exists btree_gist;
     create table keyed (id int, tenant_id text, name text, day date, unique (tenant_id, name),
       exclude using gist (tenant_id with =, day with =));
     create unique index on keyed (tenant_id, lower(name)); create unique index on keyed (tenant_id, id) where day is null`,
    { keyed: owner('tenant_id') },
    [
      [
        'any',
        '',
        `insert into keyed (id, tenant_id) values (1, $1) on conflict do nothing`,
        'acme',
      ],
      [
        'in part',
        '',
        `insert into keyed (id, tenant_id) values (1, $1) on conflict (tenant_id, id) where day is null do nothing`,
        'acme',
      ],
    ],
  ),
  database(
    'an exclusion that compares owners otherwise',
    `create extension if not exists btree_gist;
     create table keyed (id int, tenant_id text, exclude using gist (tenant_id with <>, id with =))`,
    { keyed: owner('tenant_id') },
    [
      [
        'any',
        'keyed tenant_write',
        `insert into keyed (id, tenant_id) values (1, $1) on conflict do nothing`,
        'acme',
      ],
    ],
  ),
  database(
    'functions and aggregates of its own, and extensions',
    `create function plain_one(x int) returns int immutable language sql as 'select x';
     create aggregate sum_up(int) (sfunc = int4pl, stype = int, initcond = '0');
     create extension pg_trgm; create extension citext`,
    {
      books,
      authors: owner('tenant_id', { model: 'Author' }),
      currencies: global(),
      countries: global(),
    },
    [
      ['a function', '', beside('plain_one(a.id)'), 'acme'],
      ['an aggregate', 'Book', beside('sum_up(a.id)'), 'acme'],
      ['an aggregate of a group', 'Book', beside('sum_up(a.id) + max(a.id)'), 'acme'],
      [
        'a built-in aggregate whose name an extension has, too',
        '',
        rolledUp('max(b.title'),
        'acme',
      ],
      ['what may be an aggregate', 'Book', beside('other.thing(a.id)'), 'acme'],
      ['a function that nobody declared', '(unknown) unsupported', 'select nobody(1)'],
      [
        'what an extension brings',
        '',
        `select similarity(title, 'x'), 'x'::citext from books where tenant_id = $1 and title % 'one'`,
        'acme',
      ],
      [
        'a function of another schema',
        '(unknown) unsupported',
        `select other.similarity('a', 'b')`,
      ],
      [
        'a function of a schema under the name of one',
        '(unknown) unsupported',
        `select similarity.other('a')`,
      ],
      [
        'a function of a database',
        '(unknown) unsupported',
        `select postgres.public.similarity('a', 'b')`,
      ],
      [
        'an operator that an extension brings',
        '',
        `select id from books where tenant_id = $1 and 'one' <% title`,
        'acme',
      ],
      ['a type of another schema', '(unknown) unsupported', `select 'x'::other.citext`],
      ['a setting of an extension', '(unknown) unsupported', 'select set_limit(0.1)'],
    ],
    { functions: ['plain_one', 'sum_up', 'other.thing'] },
  ),
  database(
    'a function of its own under the name of an aggregate',
    `create function max(varchar) returns varchar immutable language sql as $$select 'globex'::varchar$$;
     create table o_named (tenant_id varchar)`,
    { books, o_named: owner('tenant_id', { type: 'varchar' }) },
    [
      [
        'another tenant than the greatest',
        'Book',
        'select b.id from (select max(tenant_id) as m from o_named where tenant_id = $1) x join books b on b.tenant_id = x.m',
        'acme',
      ],
    ],
    { functions: ['max'] },
  ),
  database(
    'a function of its own beside aggregates',
    `create schema app;
     create function app.second(int, text) returns text immutable language sql as 'select $2';
     create function min(int, text) returns text immutable language sql as 'select $2';
     create function either(int, text) returns text immutable language sql as 'select $2';
     create aggregate either(int) (sfunc = int4pl, stype = int, initcond = '0')`,
    { books, authors: owner('tenant_id', { model: 'Author' }), countries: global() },
    [
      ['an aggregate, of rows that passed WHERE', '', rolledUp('string_agg(b.title'), 'acme'],
      ['one that is plain, under an aggregate’s name', 'Author', rolledUp('min(b.id'), 'acme'],
      ['one outside of the search path', 'Author', rolledUp('app.second(b.id'), 'acme'],
      ['one that is either', 'Author', rolledUp('either(b.id'), 'acme'],
    ],
    { functions: ['app.second', 'min', 'either'] },
  ),
  database(
    'an aggregate of its own under the name of a plain function',
    `create aggregate lower(int) (sfunc = int4pl, stype = int, initcond = '0');
     create schema app; create aggregate app.upper(int) (sfunc = int4pl, stype = int, initcond = '0')`,
    { books, authors: owner('tenant_id', { model: 'Author' }), countries: global() },
    [
      ['a row although WHERE finds none', 'Author', grouped('lower(b.id)'), 'acme'],
      ['the plain function', '', grouped('upper(b.title)'), 'acme'],
      ['one that nobody declared', '', grouped('initcap(b.title)'), 'acme'],
    ],
    { functions: ['lower', 'app.upper', 'upper'] },
  ),
  database(
    'functions of its own under the name of unnest',
    `create schema other;
     create function other.unnest(text[]) returns setof record immutable language sql as $$select 'globex'::text$$;
     create function other.unnest(int[]) returns setof text immutable language sql as $$select 'globex'::text$$`,
    { books },
    [
      [
        'other elements than those of the list, in columns that are listed',
        'Book',
        'select b.id from books b join other.unnest($1::text[]) as u (t text) on u.t = b.tenant_id',
        ['acme'],
      ],
      [
        'other elements, in a column of its own name',
        'Book',
        'select b.id from books b join other.unnest($1::int[]) as u (t) on u.t = b.tenant_id',
        [1],
      ],
    ],
    { functions: ['other.unnest'] },
  ),
  database(
    'keys of one size, one of them without the owner',
    `create extension if not exists btree_gist;
     create table keyed (id int, tenant_id text, name text, unique (tenant_id, name), unique (id, name),
       unique (tenant_id, id), exclude using gist (tenant_id with <>, id with =))`,
    { keyed: owner('tenant_id') },
    [
      ['the one with', '', upsert('tenant_id, name'), 'acme'],
      ['the one with, in another order', '', upsert('name, tenant_id'), 'acme'],
      ['the one without', 'keyed tenant_write', upsert('id, name'), 'acme'],
      ['beside an exclusion of the same columns', '', upsert('tenant_id, id'), 'acme'],
      ['a part of one', 'keyed tenant_write', upsert('tenant_id'), 'acme'],
    ],
  ),
  database(
    'columns that are keys of rows in part',
    `create extension if not exists btree_gist;
     create table duo (id int, other int, tenant_id text, unique (id, other));
     create unique index on duo (other) where id is null;
     create table lone (id int, tenant_id text, exclude using gist (id with =));
     create table hashed (id int primary key, tenant_id text) partition by hash (id);
     create table hashed_0 partition of hashed for values with (modulus 1, remainder 0)`,
    { duo: owner('tenant_id'), lone: owner('tenant_id'), hashed: owner('tenant_id') },
    [
      ['one column of two', 'duo', same('duo'), 'acme'],
      ['in part', 'duo', same('duo').replaceAll(/\bid\b/g, 'other'), 'acme'],
      ['an exclusion', 'lone', same('lone'), 'acme'],
      ['a partitioned table', '', same('hashed'), 'acme'],
    ],
  ),
  database(
    'a table under the name of one of the catalogue',
    'create table public.pg_stats (id int, tenant_id text)',
    { pg_stats: owner('tenant_id') },
    [
      [
        'by its name',
        '(unknown) unknown_relation',
        'select id from pg_stats where tenant_id = $1',
        'acme',
      ],
      ['by its whole name', '', 'select id from public.pg_stats where tenant_id = $1', 'acme'],
    ],
  ),
  database(
    'owners of two types',
    'create table texted (id int, tenant_id text); create table numbered (id int, tenant_id int)',
    {
      texted: owner('tenant_id', { tenantKey: () => '2' }),
      numbered: owner('tenant_id', { type: 'int4', tenantKey: () => 2 }),
    },
    [
      [
        'one that is set to the other',
        'texted tenant_write',
        `update texted set tenant_id = n.tenant_id from numbered n where texted.tenant_id = '2' and n.tenant_id = 2`,
      ],
    ],
  ),
  database(
    'a key that the database counts',
    `create table counted (id int generated always as identity primary key, tenant_id text not null, note text);
     create table parts (counted_id int not null references counted (id))`,
    { counted: owner('tenant_id'), parts: ownedThrough('counted_id') },
    [
      [
        'given back by an UPDATE',
        '',
        `update counted set note = 'x' where tenant_id = $1 returning (select count(*) from parts p where p.counted_id = counted.id)`,
        'acme',
      ],
    ],
  ),
  database(
    'a column whose collation calls different bytes equal',
    `create collation folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
     create table folded (tenant_id text, name text collate folding)`,
    { folded: owner('tenant_id'), takers: owner('tenant_id') },
    [
      [
        'an owner that equals the tenant by that collation alone',
        'takers tenant_write',
        'insert into takers (id, tenant_id) select 91, name from folded where tenant_id = $1 and name = $2',
        'acme',
        'acme',
      ],
    ],
  ),
  database(
    'built-in names that extensions bring',
    `create extension tablefunc; create extension pg_trgm;
     create function upper(x text) returns bigint language sql as 'select count(*) from books';
     alter extension tablefunc add function public.upper(text);
     create function lower(x text) returns bigint return 1;
     alter extension pg_trgm add function public.lower(text)`,
    { books },
    [
      ['one that is trusted', '', 'select lower(title) from books where tenant_id = $1', 'acme'],
      [
        'one that is not',
        '(unknown) unsupported',
        'select upper(title) from books where tenant_id = $1',
        'acme',
      ],
    ],
  ),
  database(
    'an extension that is declared, and one that is not there',
    `create extension tablefunc;
     create function upper(x text) returns bigint return 1;
     alter extension tablefunc add function public.upper(text)`,
    { books },
    [
      ['one that is declared', '', 'select upper(title) from books where tenant_id = $1', 'acme'],
      ['one that is not there', '', `select similarity('a', 'b')`],
    ],
    { extensions: ['tablefunc', 'pg_trgm'] },
  ),
  database(
    'partitions of rows that are everybody’s',
    'create table wide (id int) partition by list (id); create table wide_1 partition of wide for values in (1)',
    { wide: global() },
    [['read', '', 'select id from wide']],
  ),
  database(
    'a partition that is declared, too',
    `create table shards (id int, book_id int not null references books (id)) partition by list (id);
     create table shard_1 partition of shards for values in (1)`,
    { books, shards: ownedThrough('book_id'), shard_1: ownedThrough('book_id') },
    [
      [
        'read',
        '',
        'select s.id from shard_1 s join books b on b.id = s.book_id where b.tenant_id = $1',
        'acme',
      ],
    ],
  ),
  database(
    'a partition with partitions that is declared, too',
    `create table shards (id int, book_id int not null references books (id)) partition by list (id);
     create table shard_1 partition of shards for values in (1) partition by list (id);
     create table shard_11 partition of shard_1 for values in (1)`,
    { books, shards: ownedThrough('book_id'), shard_1: ownedThrough('book_id') },
    'book_id or public.books has children that the key does not bind',
  ),
  database(
    'a child of own rows that nobody declared',
    'create table more_takers () inherits (takers)',
    { takers: owner('tenant_id') },
    [['read', '', 'select id from takers where tenant_id = $1', 'acme']],
  ),
  database(
    'a child of this session alone',
    'create temp table more_takers () inherits (takers)',
    { takers: owner('tenant_id') },
    [['read', '', 'select id from takers where tenant_id = $1', 'acme']],
  ),
  database(
    'a child that is declared, of a table that is not',
    `create table tops (id int, tenant_id text not null, unique (tenant_id, id));
     create table bases (tenant_id text, top_id int);
     create table kids (foreign key (tenant_id, top_id) references tops (tenant_id, id) on delete cascade) inherits (bases)`,
    { tops: owner('tenant_id'), kids: owner('tenant_id') },
    [['a removal', '', 'delete from tops where tenant_id = $1', 'acme']],
  ),
  ...[
    { bases: owner('tenant_id'), kids: owner('tenant_id', { tenantKey: () => 'x' }) },
    { bases: owner('tenant_id'), kids: owner('other_id') },
    { bases: owner('tenant_id'), kids: global() },
    { books, bases: global(), kids: ownedThrough('book_id') },
  ].map((declared, i) =>
    database(
      `a child that is declared otherwise, ${i + 1}`,
      `create table bases (tenant_id text, other_id text, book_id int not null references books (id));
       create table kids (foreign key (book_id) references books (id)) inherits (bases)`,
      declared,
      'bases has the child public.kids, which is declared otherwise',
    ),
  ),
  database(
    'everything that is wrong with a table',
    nothing,
    { countries: owner('tenant_id', { columns: ['tenant_id', 'isbn'] }) },
    'countries has no column isbn',
  ),
  {
    ...database(
      'keys that compare owners with something else, or with nothing',
      `create table tops (id int, tenant_id text not null, label text, unique (label, id));
       create table unders (tenant_id text, top_id int,
         constraint labelled foreign key (tenant_id, top_id) references tops (label, id) on delete cascade);
       create table mids (id int primary key, book_id int not null references books (id));
       create table refs (tenant_id text, mid_id int constraint nobody references mids (id) on delete cascade)`,
      {
        books,
        tops: owner('tenant_id'),
        unders: owner('tenant_id'),
        mids: ownedThrough('book_id'),
        refs: owner('tenant_id'),
      },
      [],
    ),
    explained: [
      [
        'delete from tops where tenant_id = $1',
        `tops is open: public.unders refers to public.tops by labelled, which does not compare their owners: other tenants' rows may change`,
      ],
      [
        'delete from mids using books b where b.id = mids.book_id and b.tenant_id = $1',
        `mids is open: public.refs refers to public.mids by nobody, which does not compare their owners: other tenants' rows may change`,
        'Book b is confined when $1 is the tenant: b.tenant_id = $1',
      ],
    ],
  },
  ...brokenKeys(),
  ...effects(),
  ...reachedTables,
  ...dottedNames,
  ...hiddenNames,
  ...textSettings,
  ...parentPolicies,
  ...storedCodeDatabases,
  ...hiddenCodeDatabases,
  ...namedCodeDatabases,
]
