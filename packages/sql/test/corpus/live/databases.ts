import {
  defineTenantSchema,
  global,
  ownedThrough,
  owner,
  type TenantSchema,
  type TenantSchemaOptions,
} from '@partywall/sql'
import type { Refused } from '../case.ts'

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
const books = owner('tenant_id', { model: 'Book' })
const same = (table: string): string =>
  `select * from ${table} where id in (select id from ${table} where tenant_id = $1)`

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
    'seen is a view; only tables can be declared',
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
    'key refers to rows of several tables: nobody can say which of them owns it',
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
]
