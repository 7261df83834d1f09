import { defineTenantSchema, owner, type TenantSchemaOptions } from '@partywall/sql'
import type { OtherDatabase } from './databases.ts'
import { extensionBodies } from './extension-bodies.ts'

/** A database in which a name means other code than it seems to. */
export interface NamedCodeCase {
  readonly why: string
  readonly change: string
  readonly options?: TenantSchemaOptions
  /** What it has beside books. */
  readonly tables?: Parameters<typeof defineTenantSchema>[0]
  /** What is said when it is read, where it is refused as a whole. */
  readonly contradicts?: string
  /** Statements that would change another tenant's rows: refused. */
  readonly harmful: readonly string[]
  /** Statements that change nothing: accepted. */
  readonly harmless?: readonly string[]
  /** Statements that change nothing, and are refused all the same. */
  readonly refused?: readonly string[]
  /** What is reported of others, as the corpus says it. */
  readonly open?: OtherDatabase['reports']
}

const wiping = `create or replace function wiping() returns boolean language plpgsql as $$ begin
    delete from public.takers where tenant_id <> 'acme'; return true; end $$;`
const code = `create schema app; create schema ext; ${wiping}
  create function seen(text) returns boolean language sql as 'select public.wiping()';`
const harmful = (domain: string): string => `create domain ${domain} as text check (seen(value));`
const value = (text: string): string => `select ${text} from books where tenant_id = $1`

const types: readonly NamedCodeCase[] = [
  {
    why: 'a domain under the name of the type of an extension that comes later in the path',
    change: `${code} create extension citext schema ext; create extension hstore schema ext;
      ${harmful('public.citext')} ${harmful('public.hstore')} set local search_path = public, ext`,
    harmful: [
      value(`'a'::citext`),
      value('cast(title as citext)'),
      value(`'{a}'::citext[]`),
      value(`json_value('"a"', '$' returning citext)`),
      value(`'a=>1'::hstore`),
    ],
    harmless: [value(`'a'::ext.citext`), value(`'a=>1'::ext.hstore -> 'a'`)],
  },
  {
    why: 'a row of a domain under that name',
    change: `${code} create extension citext schema ext; ${harmful('evil')}
      create type public.citext as (a evil); set local search_path = public, ext`,
    harmful: [value(`'(x)'::citext`)],
    harmless: [value(`'x'::ext.citext`)],
  },
  {
    why: 'the types of extensions that come first in the path',
    change: `${code} create extension citext schema ext; create extension cube schema ext;
      create extension earthdistance schema ext; create extension seg schema ext;
      ${harmful('public.citext')}
      set local search_path = ext, public`,
    harmful: [value(`'a'::public.citext`)],
    harmless: [
      value(`'a'::citext`),
      value(`'a'::ext.citext`),
      value(`'(0,0,6378168)'::earth`),
      value('earth_distance(ll_to_earth(46, 7), ll_to_earth(47, 8))'),
      value('latitude(ext.ll_to_earth(46, 7))'),
    ],
    refused: [value(`'a'::app.citext`), value(`'1 .. 2'::seg`)],
  },
  {
    why: 'the types of an extension outside of the path',
    change: `${code} create extension citext schema ext`,
    harmful: [],
    harmless: [value(`'a'::ext.citext`)],
  },
  {
    why: 'a domain under the name of a type of an extension that is declared, and not there',
    change: `${code} ${harmful('citext')}`,
    options: { extensions: ['citext'] },
    harmful: [value(`'a'::citext`)],
  },
  {
    why: 'a domain before the enum that was declared',
    change: `${code} create type public.mood as enum ('a'); ${harmful('app.mood')}
      set local search_path = app, public`,
    options: { types: ['mood'] },
    harmful: [value(`'a'::mood`), value(`'{a}'::mood[]`)],
    harmless: [value(`'a'::public.mood`)],
  },
  {
    why: 'a row of a domain before the row that was declared',
    change: `${code} create type public.spotted as (a text); ${harmful('evil')}
      create type app.spotted as (a evil); set local search_path = app, public`,
    options: { types: ['spotted', 'public.spotted'] },
    harmful: [value(`'(a)'::spotted`)],
    harmless: [value(`'(a)'::public.spotted`)],
  },
]

const labels = `${code} create type blot as enum ('a', 'b');
  create table blots (id int, tenant_id text, s blot default 'a'); insert into blots values (1, 'acme');
  create function to_label(int) returns text immutable language sql as $$ select 'x' $$;
  create function app.to_label(blot) returns text language sql as $$ select public.wiping()::text $$;
  create cast (blot as text) with function app.to_label(blot);`
const labelled = [
  'select s::text from blots where tenant_id = $1',
  `select s || '' from blots where tenant_id = $1`,
]

const casts: readonly NamedCodeCase[] = [
  {
    why: 'a cast by a function that is called like a declared one, in another schema',
    change: labels,
    options: { functions: ['to_label'] },
    contradicts: 'the cast from blot to text runs app.to_label: declare it in `functions`',
    harmful: labelled,
  },
  {
    why: 'a cast by a function that is hidden by the declared one',
    change: `${labels} create function to_label(blot) returns text immutable language sql as $$ select 'x' $$;
      set local search_path = public, app`,
    options: { functions: ['to_label'] },
    contradicts: 'the cast from blot to text runs app.to_label: declare it in `functions`',
    harmful: labelled,
  },
  {
    why: 'casts by functions that the declared name means',
    change: `${code} create type tone as enum ('a'); create type hue as enum ('a');
      create function in_path(tone) returns int immutable language sql as 'select 1';
      create function app.outside(hue) returns int immutable language sql as 'select 1';
      create cast (tone as int) with function in_path(tone);
      create cast (hue as int) with function app.outside(hue);
      create cast (text as int) with function pg_catalog.length(text)`,
    options: { functions: ['in_path', 'app.outside'] },
    harmful: [],
    harmless: [value(`'a'::tone::int + 'a'::hue::int`), value('title::int')],
  },
  ...[
    ['name', 'int8', 'pg_database_size'],
    ['oid', 'bytea', 'lo_get'],
  ].map(([from, to, name]) => ({
    why: `a cast by ${name}, which no declaration makes harmless`,
    change: `create cast (${from} as ${to}) with function pg_catalog.${name}(${from})`,
    contradicts: `runs pg_catalog.${name}: drop it`,
    harmful: [],
  })),
]

/** Whoever makes an aggregate makes its first state, too. */
const dormant = `create or replace function wiping() returns boolean language plpgsql as
  'begin return true; end';`

const passed: readonly NamedCodeCase[] = [
  {
    why: 'domains that declared functions take or give',
    change: `${code} ${harmful('evil')} create type comp as (a evil);
      create domain fine as text check (value <> '');
      create function gives(text) returns evil immutable language sql as 'select $1';
      create function takes(comp) returns int immutable language sql as 'select 1';
      create function arr(evil[]) returns int immutable language sql as 'select 1';
      create function gives_rows(int) returns table (n int, a evil) immutable language sql as $$ select 1, 'x' $$;
      create function takes_many(variadic evil[]) returns int immutable language plpgsql as 'begin return 1; end';
      create function presets(int, evil default 'x') returns int immutable language plpgsql as 'begin return 1; end';
      create function app.gives(text) returns evil immutable language sql as 'select $1';
      create function app.elsewhere(text) returns evil immutable language sql as 'select $1';
      create function elsewhere(text) returns text immutable language sql as 'select $1';
      create function of_fine(fine) returns fine immutable language sql as 'select $1'`,
    options: {
      functions: `gives takes arr gives_rows takes_many presets app.gives elsewhere of_fine`.split(
        ' ',
      ),
    },
    harmful: [
      value(`gives('x')`),
      value(`app.gives('x')`),
      value(`takes('(x)')`),
      value(`arr('{x}')`),
      'select r.a from books, gives_rows(1) as r (n, a) where tenant_id = $1',
      value(`takes_many('x')`),
      value('presets(1)'),
    ],
    harmless: [value(`of_fine(title)`), value(`elsewhere('x')`)],
  },
  {
    why: 'domains in the states of declared aggregates, and in what their functions take and give',
    change: `${code} ${harmful('evil')} ${dormant} create type comp as (a evil, n int);
      create domain fine as text check (value <> '');
      create function step(evil, text) returns evil immutable language sql as 'select $1';
      create function final(evil) returns text immutable language sql as 'select $1::text';
      create function step(comp, text) returns comp immutable language sql as 'select $1';
      create function final(comp) returns text immutable language sql as 'select ($1).n::text';
      create function add(text, text) returns text immutable language sql as 'select $1';
      create function domain_of(text) returns evil immutable language sql as 'select $1';
      create function step(fine, text) returns fine immutable language sql as 'select $1';
      create function final(fine) returns text immutable language sql as 'select $1::text';
      create aggregate by_domain(text) (sfunc = step, stype = evil, finalfunc = final, initcond = 'x');
      create aggregate by_row(text) (sfunc = step, stype = comp, finalfunc = final, initcond = '(x,1)');
      create aggregate by_result(text) (sfunc = add, stype = text, finalfunc = domain_of, initcond = 'x');
      create aggregate moving(text) (sfunc = add, stype = text, initcond = 'x',
        msfunc = step, minvfunc = step, mstype = evil, mfinalfunc = final, minitcond = 'x');
      create aggregate by_fine(text) (sfunc = step, stype = fine, finalfunc = final, initcond = 'x'); ${wiping}`,
    options: { functions: ['by_domain', 'by_row', 'by_result', 'moving', 'by_fine'] },
    harmful: [
      value('by_domain(title)'),
      value('by_row(title)'),
      value('by_result(title)'),
      value('moving(title) over (order by id rows between current row and 1 following)'),
    ],
    harmless: [value('by_fine(title)')],
  },
  {
    why: 'types that hold domains under the names of declared functions',
    change: `${code} ${harmful('evil')} create domain fine as text check (value <> '');
      create function _evil(int) returns int immutable language sql as 'select 1';
      create function _fine(int) returns int immutable language sql as 'select 1'`,
    options: { functions: ['_evil', 'public._evil', '_fine'] },
    harmful: [value(`_evil('{x}')`), value(`public._evil('{x}')`)],
    harmless: [value(`_fine('{x}')`), value('_fine(id)')],
  },
]

export const namedCode: readonly NamedCodeCase[] = [
  ...types,
  ...casts,
  ...passed,
  ...extensionBodies,
]

const books = { books: owner('tenant_id', { model: 'Book' }) }

/** The same as databases of the corpus. */
export const namedCodeDatabases: readonly OtherDatabase[] = namedCode.map(
  ({
    why,
    change,
    options,
    tables,
    contradicts,
    harmful: wrong,
    harmless = [],
    refused = [],
    open = [],
  }) => {
    const declared = defineTenantSchema({ ...books, ...tables }, options)
    if (contradicts !== undefined) return { why, change, declared, contradicts }
    const reported = (texts: readonly string[], expected: string) =>
      texts.map((text) => [text, expected, text, 'acme'] as const)
    return {
      why,
      change,
      declared,
      reports: [
        ...reported([...wrong, ...refused], '(unknown) unsupported'),
        ...reported(harmless, ''),
        ...open,
      ],
    }
  },
)
