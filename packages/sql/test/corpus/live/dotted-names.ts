import { defineTenantSchema, owner } from '@partywall/sql'
import type { OtherDatabase } from './databases.ts'

const books = { books: owner('tenant_id', { model: 'Book' }) }
const unknown = '(unknown) unsupported'

/** Names with a dot in them, which look like a name with its schema. */
export const dottedNames: readonly OtherDatabase[] = [
  {
    why: 'code whose name looks like that of a declared function or type',
    change: `create schema app;
      create function app.safe(int) returns int language sql immutable as 'select $1';
      create function public."app.safe"(int) returns bigint language sql as 'select count(*) from books';
      create type app.mood as enum ('a', 'b');
      create function erased(text) returns boolean language sql volatile as 'delete from books; select true';
      create domain public."app.mood" as text check (erased(value));
      create type public."app.tone" as enum ('a');
      create domain app.tone as text check (erased(value));
      create domain app.size as text check (erased(value));
      create domain public."app.size" as text check (value <> '')`,
    declared: defineTenantSchema(books, { functions: ['app.safe'] }),
    reports: [
      ['the function', '', 'select app.safe(1)'],
      ['the other function', unknown, 'select "app.safe"(1)'],
      ['the other function with its schema', unknown, 'select public."app.safe"(1)'],
      ['the other function in FROM', unknown, 'select * from "app.safe"(1)'],
      ['the type', '', `select 'a'::app.mood`],
      ['the other type', unknown, `select 'a'::"app.mood"`],
      ['the other type with its schema', unknown, `select 'a'::public."app.mood"`],
      ['a domain, beside an enum whose name looks like it', unknown, `select 'a'::app.tone`],
      ['a domain, beside a harmless one of that kind', unknown, `select 'a'::app.size`],
    ],
  },
  {
    why: 'a cast by a function whose name looks like that of a declared one',
    change: `create type tone as enum ('a'); create schema app;
      create function app.safe(int) returns int language sql immutable as 'select $1';
      create function public."app.safe"(tone) returns int language sql as 'select count(*)::int from books';
      create cast (tone as int) with function public."app.safe"(tone)`,
    declared: defineTenantSchema(books, { functions: ['app.safe'] }),
    contradicts: 'the cast from tone to integer runs public.app.safe',
  },
  {
    why: 'a table whose name looks like that of a view',
    change: `create schema "public.x"; create view "public.x"."z" as select 1 as id;
      create table public."x.y" (id int, secret text)`,
    declared: defineTenantSchema(books),
    reports: [
      ['the table', '(unknown) unknown_relation', 'select id, secret from "x.y"'],
      ['the table with its schema', '(unknown) unknown_relation', 'select id from public."x.y"'],
      ['the view', '(unknown) unknown_relation', 'select id from "public.x".z'],
      [
        'no view, though it sounds like it',
        '(unknown) unknown_relation',
        'select id from public."x.z"',
      ],
    ],
  },
  {
    why: 'two tables of one name',
    change: `create schema "public.x"; create table "public.x"."y" (id int);
      create table public."x.y" (id int, secret text)`,
    declared: defineTenantSchema(books),
    contradicts: 'public.x.y is two tables: rename those with a dot in their names',
  },
]
