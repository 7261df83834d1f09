import { defineTenantSchema, global, owner } from '@partywall/sql'
import type { OtherDatabase } from './databases.ts'

const books = owner('tenant_id', { model: 'Book' })
const authors = owner('tenant_id', { model: 'Author' })
const countries = global()
const hidden = '(unknown) unknown_relation'

/** Databases in which code or relations stand where those that the catalogue tells of are expected. */
export const hiddenNames: readonly OtherDatabase[] = [
  {
    why: 'a rule by the name of those that make views',
    change: `create table jots (id int, tenant_id text not null);
      create rule r as on delete to jots do also delete from authors;
      alter rule r on jots rename to "_RETURN"`,
    declared: defineTenantSchema({ books, authors, jots: owner('tenant_id', { model: 'Jot' }) }),
    reports: [
      ['a removal', '(unknown) unsupported', 'delete from jots where tenant_id = $1', 'acme'],
      ['a view', '', 'select title from own_titles'],
    ],
  },
  {
    why: 'functions and aggregates of somebody’s own that take what the catalogue gives',
    change: `create table deals (id int primary key, tenant_id text not null);
      create function unnest(int2[]) returns setof int2 immutable language sql as 'select 2::int2';
      create function unnest(text[]) returns setof int immutable language sql as 'select 2';
      create function note(text, name) returns text immutable language sql as 'select null::text';
      create aggregate json_agg(name) (sfunc = note, stype = text)`,
    declared: defineTenantSchema({ books, deals: owner('tenant_id', { model: 'Deal' }) }),
    reports: [
      [
        'keys of others',
        'Deal tenant_write',
        'insert into deals (id, tenant_id) values (1, $1) on conflict do nothing',
        'acme',
      ],
    ],
  },
  {
    why: 'operators of somebody’s own that take what the catalogue compares',
    change: `create function other(oid, int) returns boolean immutable language sql as 'select false';
      create operator <> (leftarg = oid, rightarg = int, function = other);
      create type dot as enum ('.');
      create function other(name, dot) returns text immutable language sql as $$select 'x'$$;
      create operator || (leftarg = name, rightarg = dot, function = other);
      create function seen(text) returns boolean language sql as
        $$with gone as (delete from authors returning 1) select count(*) > 0 from gone$$;
      create domain evil as text check (seen(value));
      create table tags (id int, tenant_id text, names evil[])`,
    declared: defineTenantSchema({ books, tags: owner('tenant_id', { model: 'Tag' }) }),
    reports: [
      [
        'a check',
        '(unknown) unsupported',
        `select id from tags where tenant_id = $1 and names = '{x}'`,
        'acme',
      ],
    ],
  },
  {
    why: 'a sequence by the name of a table, found before it',
    change: `create schema app; create sequence app.countries; create sequence app.books;
      create table app.jots (id int); create index takers on app.jots (id);
      set local search_path = app, public`,
    declared: defineTenantSchema({ countries, books, authors, takers: owner('tenant_id') }),
    reports: [
      ['the table', hidden, 'select * from countries'],
      ['a write', hidden, `update books set title = 'x' where tenant_id = $1`, 'acme'],
      [
        'a table by the name of an index',
        hidden,
        'select * from takers where tenant_id = $1',
        'acme',
      ],
      ['the table with its schema', '', 'select * from public.countries'],
      ['another table', '', 'select * from authors where tenant_id = $1', 'acme'],
    ],
  },
  {
    why: 'a view of the information schema by the name of a table, found before it',
    change: `create table public.tables (id int); create view public.columns as select 1 as id;
      set local search_path = information_schema, public`,
    declared: defineTenantSchema({ tables: global(), countries }),
    reports: [
      ['the table', hidden, 'select * from tables'],
      ['the view', hidden, 'select * from columns'],
      ['the table with its schema', '', 'select * from public.tables'],
      ['another table', '', 'select * from countries'],
    ],
  },
  {
    why: 'a sequence that is found after the table of its name',
    change: `create schema app; create sequence app.countries; set local search_path = public, app`,
    declared: defineTenantSchema({ countries }),
    reports: [['the table', '', 'select * from countries']],
  },
]
