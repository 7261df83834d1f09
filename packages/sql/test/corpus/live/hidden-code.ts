import { defineTenantSchema, owner, type TenantSchemaOptions } from '@partywall/sql'
import type { OtherDatabase } from './databases.ts'
import { foldedChecks } from './folded-checks.ts'

/** A view or stored code whose text does not show what it runs. */
export interface HiddenCodeCase {
  readonly why: string
  readonly change: string
  readonly options?: TenantSchemaOptions
  /** Run for `acme`. */
  readonly text: string
  /** What stands in its way; blank where it is accepted. */
  readonly obstacle: string
}

/** Two rows of jots are others': what counts them tells of others. */
const hiddenCodeTables = `
create schema app;
create type state as enum ('a', 'b');
create table jots (id int, tenant_id text not null, s state default 'b');
create table goods (id int, tenant_id text not null, s state default 'a');
insert into jots values (1, 'acme'), (2, 'globex'), (3, 'globex');
insert into goods values (1, 'acme'), (2, 'globex');
create function app.jots() returns int language plpgsql immutable as
  'begin return (select count(*) from public.jots); end';`

const own = `${hiddenCodeTables}
create function app.told(state, state) returns boolean immutable language sql as 'select app.jots() > 2';
create operator app.= (leftarg = state, rightarg = state, function = app.told);
set local search_path = public, app;`

const wiping = `${own}
create or replace function app.told(state, state) returns boolean volatile language sql as
  'with gone as (delete from public.jots returning 1) select count(*) < 0 from gone';`

const texts = `${hiddenCodeTables}
create function app.yes(text, text) returns boolean immutable language sql as 'select true';
create operator app.= (leftarg = text, rightarg = text, function = app.yes);
set local search_path = app, pg_catalog, public;`

const casts = `${hiddenCodeTables}
create function app.loud(state) returns int immutable language sql as 'select app.jots()';
create cast (state as int) with function app.loud(state) as implicit;`

/** Of PostgreSQL's own functions, what a body uses is not noted. */
const counted = `(select count(*)::int
  from pg_catalog.ts_stat($$select to_tsvector('simple', 'x' || id) from public.jots$$))`

const back = '; set local search_path = public;'
const read = 'select * from seen where tenant_id = $1'
const view = (query: string): string => `create view public.seen as ${query}`
const insert = 'insert into goods (id, tenant_id) values (9, $1) returning *'

const ofFunction = (what: string, name = 'app.loud'): string =>
  `${what}: it runs the function ${name}, which its text may not show; declare it in \`functions\` if it only computes`
const ofEquality = (what: string): string =>
  `${what}: it runs the operator app.=, which its text may not show; make it again where the search path finds the built-in one`
const inView = ofEquality('the view public.seen')
const ofTablefunc = (what: string): string =>
  `the view public.seen: it runs the ${what}, which its text may not show; declare tablefunc in \`extensions\` if that only computes`

const gone = `${view('select tenant_id, s::int as n from goods')}; drop cast (state as int)`

/** Queries in whose text PostgreSQL prints no operator. */
const unprinted: readonly (readonly [why: string, query: string])[] = [
  ['NULLIF', `select id, tenant_id, nullif(s, 'b') as x from goods`],
  ['IS DISTINCT FROM', `select id, tenant_id, s is distinct from 'b' as x from goods`],
  ['CASE', `select id, tenant_id, case s when 'b' then 1 else 2 end as x from goods`],
  ['IS NOT DISTINCT FROM', `select id, tenant_id from goods where s is not distinct from 'b'`],
  ['USING', 'select g.id, tenant_id, j.id as jot from goods g join jots j using (s, tenant_id)'],
  ['NATURAL JOIN', 'select * from (select tenant_id, s from goods) g natural join jots'],
]

const leaks: readonly HiddenCodeCase[] = [
  ...unprinted.map(([why, query]) => ({
    why: `a view with ${why} by an operator of somebody's own`,
    change: `${own} ${view(query)} ${back}`,
    text: read,
    obstacle: inView,
  })),
  {
    why: 'a view whose USING joins all tenants',
    change: `${texts} ${view('select tenant_id, j.id from public.goods join public.jots j using (tenant_id)')} ${back}`,
    text: read,
    obstacle: inView,
  },
  {
    why: 'a view over such a view',
    change: `${own} create view public.first as ${unprinted[0]?.[1]}; ${view('select * from public.first')} ${back}`,
    text: read,
    obstacle: inView.replace('seen', 'first'),
  },
  {
    why: 'a default by an operator that is not shown',
    change: `${own} alter table goods add d bool default ('a'::state is distinct from 'b') ${back}`,
    text: insert,
    obstacle: ofEquality('the default of public.goods.d'),
  },
  {
    why: 'a stored column by an operator that is not shown',
    change: `${own} alter table goods add d state generated always as (nullif(s, 'b')) stored ${back}`,
    text: insert,
    obstacle: ofEquality('the generated column public.goods.d'),
  },
  {
    why: 'a check by an operator that is not shown',
    change: `${wiping} alter table goods add constraint fine check (nullif(s, 'b') is null or id > 0) not valid ${back}`,
    text: insert,
    obstacle: ofEquality('the check fine of public.goods'),
  },
  {
    why: 'a check of the same text as one that is made of built-in operators alone',
    change: `${wiping} alter table goods add constraint second check (nullif(s, 'b') is null or id > 0) not valid ${back}
      alter table goods add constraint first check (nullif(s, 'b') is null or id > 0)`,
    text: insert,
    obstacle: ofEquality('the check second of public.goods'),
  },
  {
    why: 'a policy by an operator that is not shown',
    change: `${own} alter table goods enable row level security; create policy few on goods using (s is distinct from 'b') ${back}`,
    text: 'select * from goods where tenant_id = $1',
    obstacle: ofEquality('the policy few of public.goods'),
  },
  {
    why: 'the check of a domain by an operator that is not shown',
    change: `${wiping} create domain public.calm as state check (case value when 'b' then false else true end) ${back}`,
    text: `select 'a'::calm from goods where tenant_id = $1`,
    obstacle: ofEquality('the domain public.calm'),
  },
  {
    why: 'the default of a domain by an operator that is not shown',
    change: `${own} create domain public.fact as bool default ('a'::state is distinct from 'b');
      alter table goods add d public.fact ${back}`,
    text: insert,
    obstacle: ofEquality('the domain public.fact'),
  },
  ...[
    ['implicit', 'id + s'],
    ['explicit', 's::int'],
  ].map(([how, value]) => ({
    why: `a view whose ${how} cast is gone`,
    change: `${casts} ${view(`select tenant_id, ${value} as n from goods`)}; drop cast (state as int)`,
    text: read,
    obstacle: ofFunction('the view public.seen'),
  })),
  {
    why: 'a default whose cast is gone',
    change: `${casts} alter table goods add n int default 'a'::state; drop cast (state as int)`,
    text: insert,
    obstacle: ofFunction('the default of public.goods.n'),
  },
  {
    why: 'a view whose cast is gone, by a function that another of its name hides',
    change: `${casts} create function public.loud(state) returns int immutable language sql as 'select 1';
      ${gone}`,
    options: { functions: ['loud', 'public.loud'] },
    text: read,
    obstacle: ofFunction('the view public.seen'),
  },
  {
    why: 'a view whose cast is gone, by a function that the search path finds',
    change: `${casts} alter function app.loud set schema public; ${gone}`,
    text: read,
    obstacle: ofFunction('the view public.seen', 'public.loud'),
  },
  {
    why: 'a view whose cast is gone, by a function in a schema with a dot in its name',
    change: `${casts} create schema "app.x"; alter function app.loud set schema "app.x"; ${gone}`,
    options: { functions: ['app.x.loud'] },
    text: read,
    obstacle: ofFunction('the view public.seen', 'app.x.loud'),
  },
  {
    why: 'a view by an operator that is declared as if it were a function',
    change: `${own} ${view(unprinted[0]?.[1] ?? '')} ${back}`,
    options: { functions: ['=', 'app.='] },
    text: read,
    obstacle: inView,
  },
  {
    why: 'a view by an operator of an extension that nobody knows',
    change: `${own} create or replace function app.told(state, state) returns boolean immutable return ${counted} > 2;
      create extension tablefunc; alter extension tablefunc add operator app.= (state, state);
      alter extension tablefunc add function app.told; ${view(unprinted[0]?.[1] ?? '')} ${back}`,
    text: read,
    obstacle: ofTablefunc('operator app.='),
  },
  {
    why: 'a view whose cast is gone, by a function of an extension that nobody knows',
    change: `${casts} create or replace function app.loud(state) returns int immutable return ${counted};
      create extension tablefunc; alter extension tablefunc add function app.loud; ${gone}`,
    text: read,
    obstacle: ofTablefunc('function app.loud'),
  },
]

const harmless: readonly HiddenCodeCase[] = [
  ...unprinted.map(([why, query]) => ({
    why: `a view with ${why}`,
    change: `${hiddenCodeTables} ${view(query)}`,
    text: read,
    obstacle: '',
  })),
  ...['public', 'app'].map((schema) => ({
    why: `views over citext and hstore in the schema ${schema}`,
    change: `${hiddenCodeTables} create extension citext schema ${schema}; create extension hstore schema ${schema};
      alter table goods add mail ${schema}.citext, add h ${schema}.hstore default '';
      set local search_path = public, app;
      alter table goods add check (nullif(mail, 'x') is distinct from 'y');
      ${view(`select distinct tenant_id, nullif(mail, 'x') as m, case mail when 'x' then 1 end as c, h is distinct from '' as d,
        (select count(*) from goods o join jots using (tenant_id) where o.tenant_id = goods.tenant_id) from goods order by m`)} ${back}`,
    text: read,
    obstacle: '',
  })),
  ...['loud', 'app.loud'].map((name) => ({
    why: `a view whose cast is gone, by a function that is declared as ${name}`,
    change: `${casts} ${name === 'loud' ? 'alter function app.loud set schema public;' : ''}
      create or replace function ${name}(state) returns int immutable language sql as 'select 1';
      ${gone}`,
    options: { functions: [name] },
    text: read,
    obstacle: '',
  })),
  {
    why: 'a view by an operator of an extension that is declared',
    change: `${hiddenCodeTables} create function app.told(state, state) returns boolean immutable return $1::text <> $2::text;
      create operator app.= (leftarg = state, rightarg = state, function = app.told);
      create extension tablefunc; alter extension tablefunc add operator app.= (state, state);
      alter extension tablefunc add function app.told(state, state);
      set local search_path = public, app; ${view(unprinted[0]?.[1] ?? '')} ${back}`,
    options: { extensions: ['tablefunc'] },
    text: read,
    obstacle: '',
  },
]

export const hiddenCode: readonly HiddenCodeCase[] = [
  ...leaks,
  ...harmless,
  ...foldedChecks(hiddenCodeTables),
]

/** The same as databases of the corpus. */
export const hiddenCodeDatabases: readonly OtherDatabase[] = hiddenCode.map(
  ({ why, change, options, text, obstacle }) => ({
    why,
    change: `drop schema public cascade; create schema public; ${change}`,
    declared: defineTenantSchema({ jots: owner('tenant_id'), goods: owner('tenant_id') }, options),
    reports: [[why, obstacle === '' ? '' : '(unknown) unsupported', text, 'acme']],
    explained:
      obstacle === ''
        ? []
        : [[text, `it holds something that the proof does not model: ${obstacle}`]],
  }),
)
