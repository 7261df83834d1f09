import { owner } from '@partywall/sql'
import type { NamedCodeCase } from './named-code.ts'

const wiping = `create function wiping() returns boolean language plpgsql as $$ begin
  delete from public.takers where tenant_id <> 'acme'; return true; end $$;`
const value = (text: string): string => `select ${text} from books where tenant_id = $1`

const replaced: readonly NamedCodeCase[] = [
  {
    why: 'a function of an extension with another body',
    change: `${wiping} create extension unaccent; create extension pg_trgm;
      create or replace function unaccent(text) returns text language sql as 'select public.wiping()::text';
      create or replace function similarity_op(text, text) returns boolean
        language plpgsql as 'begin return public.wiping(); end'`,
    harmful: [value('unaccent(title)'), value(`title % 'x'`)],
    harmless: [value(`similarity(title, 'x')`), value(`title <-> 'x'`)],
  },
  {
    why: 'the same with a body that is parsed',
    change: `${wiping} create extension unaccent; create extension citext;
      create or replace function unaccent(text) returns text
        begin atomic select (select public.wiping())::text; end;
      create or replace function strpos(citext, citext) returns int
        begin atomic with gone as (delete from public.takers where tenant_id <> 'acme' returning 1) select count(*)::int from gone; end`,
    harmful: [value('unaccent(title)'), value(`strpos('a'::citext, 'b'::citext)`)],
    harmless: [value(`split_part('a'::citext, 'b'::citext, 1)`)],
  },
  {
    why: 'what stands behind operators and aggregates of an extension',
    change: `${wiping} create extension citext;
      create or replace function citext_eq(citext, citext) returns boolean language sql as 'select public.wiping()';
      create or replace function citext_smaller(citext, citext) returns citext
        language sql as 'select public.wiping()::text::public.citext'`,
    harmful: [
      value(`'a'::citext = 'b'::citext`),
      `select min(x::citext) from unnest(array['a', 'b']) as x`,
    ],
    harmless: [
      `select 'a'::citext < 'b'::citext`,
      `select max(x::citext) from unnest(array['a', 'b']) as x`,
    ],
  },
  {
    why: 'a cast of an extension by a function with another body',
    change: `${wiping} create extension hstore;
      create or replace function hstore_to_json(hstore) returns json
        language sql as 'select to_json(public.wiping())'`,
    contradicts:
      'the cast from hstore to json runs public.hstore_to_json: declare it in `functions`',
    harmful: [value(`'a=>1'::hstore::json`)],
  },
  {
    why: 'a function of somebody’s own that was given to an extension',
    change: `${wiping} create extension citext;
      create function length(citext) returns int language sql as 'select public.wiping()::int';
      alter extension citext add function length(citext)`,
    harmful: [value(`length('a'::citext)`)],
    harmless: [value(`strpos('a'::citext, 'b'::citext)`)],
  },
]

const texts: readonly NamedCodeCase[] = [
  {
    why: 'a body that is a text without schemas',
    change: `${wiping} create schema app; create extension cube;
      create extension earthdistance version '1.1';
      create function app.sec_to_gc(float8) returns float8 language sql as 'select public.wiping()::int::float8';
      set local search_path = app, public`,
    harmful: [value('earth_distance(ll_to_earth(1, 2), ll_to_earth(3, 4))')],
    harmless: [value('cube_distance(cube(1), cube(2))')],
  },
  {
    why: 'the bodies that citext had before they were parsed',
    change: `create extension citext version '1.6'`,
    harmful: [],
    harmless: [
      `replace('a'::citext, 'a'::citext, 'x'::citext)`,
      `split_part('a'::citext, 'a'::citext, 1)`,
      `strpos('a'::citext, 'a'::citext)`,
      `translate('a'::citext, 'a'::citext, 'x')`,
      ...['match', 'matches', 'split_to_array', 'split_to_table'].map(
        (name) =>
          `regexp_${name}('a'::citext, 'a'::citext), regexp_${name}('a'::citext, 'a'::citext, 'i')`,
      ),
      `regexp_replace('a'::citext, 'a'::citext, 'x'), regexp_replace('a'::citext, 'a'::citext, 'x', 'g')`,
    ].map(value),
  },
  {
    why: 'extensions as they are',
    change: `create extension citext; create extension cube; create extension earthdistance;
      create extension hstore; create extension pg_trgm; create extension unaccent;
      create extension "uuid-ossp"; create extension ltree; create extension intarray`,
    harmful: [],
    harmless: [
      value('earth_distance(ll_to_earth(1, 2), ll_to_earth(3, 4))'),
      value(`replace(title, 'a', 'b'), split_part(title, 'a', 1), strpos(title, 'a')`),
      value(`min(title::citext), max(title::citext)`),
      value(`'a=>1'::hstore -> 'a', 'a=>1'::hstore::json`),
      value(`'a.b'::ltree <@ 'a'::ltree, array[1, 2] @> array[1], unaccent(title), title % 'x'`),
    ],
  },
]

const outside = `create schema app; create schema ext; create extension citext schema ext;
  create extension hstore schema ext; create extension ltree schema ext; set local search_path = app, public, ext;
  create domain mail as citext check (value ~ '@');
  create table public.users (id int, tenant_id text not null, mail mail, login citext check (login <> ''),
    tags hstore, way ltree, first text generated always as (tags -> 'first') stored,
    short text generated always as (replace(login, 'a', 'b')) stored);
  insert into public.users values (1, 'acme', 'a@b', 'a', 'first=>1', 'a.b');
  create view public.named as select id, tenant_id from public.users where login = 'a' and way <@ 'a';
  set local search_path = app, public;`
const ofUsers = (what: string): string => `${what} where tenant_id = $1`
const usersOf = { users: owner('tenant_id', { model: 'User' }) }

/** What PostgreSQL prints with the schema of an extension that the path lacks. */
const printed: readonly NamedCodeCase[] = [
  {
    why: 'stored code by overloads of built-in names in a schema outside of the path',
    change: outside,
    tables: usersOf,
    harmful: [],
    harmless: [
      ofUsers('select * from users'),
      ofUsers('select id from named'),
      ofUsers(`update users set login = 'b'`),
      ofUsers(`select tags operator(ext.->) 'first' from users`),
    ],
    refused: [ofUsers(`select ext.min(login) from users`)],
    // Only the built-in equality says whose rows they are.
    open: [
      'select id from users where tenant_id::ext.citext operator(ext.=) $1::ext.citext',
      'select id from users where login operator(ext.=) $1::text::ext.citext',
      'select id from users where login operator(ext.=) any (select u.login from users u where u.tenant_id = $1)',
    ].map((text) => [text, 'User', text, 'acme'] as const),
  },
]

const unread: readonly NamedCodeCase[] = [
  {
    why: 'built-in names that triggers and procedures have, too',
    change: `${wiping} create function log() returns trigger language plpgsql as 'begin return new; end';
      create function lower() returns event_trigger language plpgsql as 'begin end';
      create procedure replace(int) language sql as 'select 1';
      create function upper(varchar) returns text language sql as 'select public.wiping()::text'`,
    harmful: [value(`upper('a'::varchar)`)],
    harmless: [value('log(id + 10)'), value('lower(title)'), value(`replace(title, 'a', 'b')`)],
  },
]

/** Databases whose extensions have other bodies than they brought. */
export const extensionBodies: readonly NamedCodeCase[] = [
  ...replaced,
  ...texts,
  ...printed,
  ...unread,
]
