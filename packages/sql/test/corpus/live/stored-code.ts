import { defineTenantSchema, owner, type TenantSchemaOptions } from '@partywall/sql'
import type { OtherDatabase } from './databases.ts'

/** What a database computes by itself, and what is said of statements where it does. */
export interface StoredCodeCase {
  readonly why: string
  readonly change: string
  readonly options?: TenantSchemaOptions
  /** Statements, each with what stands in its way; blank where it is accepted. */
  readonly statements: readonly (readonly [text: string, obstacle: string])[]
}

const code = `
create schema other;
create table jots (id int, tenant_id text not null, body text);
create function head_count() returns int language sql volatile as 'select count(*)::int from jots';
create function is_fine(anyelement) returns boolean language sql immutable as 'select true';
create function hidden(text) returns int language sql immutable as 'select count(*)::int from jots';
create function own_id() returns text language sql stable as $$ select current_setting('app.user', true) $$;
create sequence numbers;
create type temper as enum ('calm', 'loud');
create domain plain as text check (value <> '' and lower(value) = value);
create domain counted as int default head_count() check (is_fine(value));
create domain nested as counted check (value > 0);
create type pair as (one nested, two text);
create type other.regclass as (one nested);
create function other.nextval(text) returns int language sql volatile as 'select count(*)::int from jots';
create domain name as text check (is_fine(value));
create domain preset as int default head_count();
create domain mixed as int default 1 check (is_fine(value));
create domain fine as int check (is_fine(value));
create domain finer as fine;
create type pair_list as (all_of pair[], name text);
create type fine_range as range (subtype = fine);
create domain ranges as fine_range;
create table shelf (id int, good fine);
create type rates as range (subtype = float8);
create domain rate as float8 check (value >= 0);
create type rated as (rate rate, moods temper[]);
create type rate_range as range (subtype = rate);
create domain circle_of as int;
alter domain circle_of add check (value::circle_of > 0);`

const goods = (columns: string, rest = ''): string =>
  `${code}
   create table goods (id int primary key, tenant_id text not null, ${columns}, unique (tenant_id, id));
   create table pieces (id int, tenant_id text not null, good_id int); ${rest}`

export const storedCodeTables: Parameters<typeof defineTenantSchema>[0] = {
  jots: owner('tenant_id', { model: 'Jot' }),
  goods: owner('tenant_id', { model: 'Good' }),
  pieces: owner('tenant_id', { model: 'Piece' }),
}

const insert = `insert into goods (id, tenant_id) values (1, $1)`
const update = `update goods set id = 2 where tenant_id = $1`
const remove = `delete from goods where tenant_id = $1`
const read = `select id from goods where tenant_id = $1`
const all = [insert, update, remove, read]

/** The same obstacle for some of the four statements, and none for the others. */
function of(
  why: string,
  change: string,
  obstacle: string,
  refused: readonly string[] = all,
): StoredCodeCase {
  const statements = all.map((text) => [text, refused.includes(text) ? obstacle : ''] as const)
  return { why, change, statements }
}

const harmless = [
  ['numbers of a sequence', `n int default nextval('numbers')`],
  [
    'the time, an id, a constant',
    `at timestamptz default now(), u uuid default gen_random_uuid(), s text default 'x'`,
  ],
  [
    'arrays, enums and words',
    `a text[] default '{}', m temper default 'calm', n numeric(9, 2) default 0.5,
     v tsvector generated always as (to_tsvector('english', tenant_id)) stored`,
  ],
  [
    'who asks, and what the session says',
    `w text default current_user, t text default current_setting('app.tenant', true)`,
  ],
  [
    'checks of columns',
    `n int check (n > 0 and n between 1 and 9), s text check (s ~ '^[a-z]+$' and s in ('a', 'b'))`,
  ],
  ['domains whose checks only compare', `p plain default 'x'::plain, o plain[]`],
  ['a domain that asks for itself', 'n circle_of'],
  [
    'arrays, rows and ranges that hold no such domain, or one whose checks only compare',
    'a temper[], b rates, c rate_multirange, d rated[], e rates_multirange, f rate_range, g rate[]',
  ],
  [
    'names of what is in the catalogue',
    `t regtype default 'int', f regproc default 'now', p regprocedure default 'sin(float8)',
     s regnamespace default 'public', c regclass default 'numbers'`,
  ],
  [
    'identities and generated columns',
    `i int generated always as identity, g int generated always as (length(tenant_id)) stored,
     h text generated always as (upper(tenant_id)) virtual`,
  ],
].map(([why = '', columns = '']) => of(`stored code: ${why}`, goods(columns), ''))

const harmful = [
  of(
    'a default',
    goods('n int default head_count()'),
    'the default of public.goods.n: the function head_count is not known to be harmless',
    [insert],
  ),
  of(
    'a stored column',
    goods('n int generated always as (hidden(tenant_id)) stored'),
    'the generated column public.goods.n: the function hidden',
    [insert, update],
  ),
  of(
    'a check',
    goods('n int check (is_fine(n))'),
    'the check goods_n_check of public.goods: the function is_fine',
  ),
  of(
    'a check of the table',
    goods('n int, constraint ok check (hidden(tenant_id) > n)'),
    'the check ok of public.goods: the function hidden',
  ),
  of(
    'a default of the server’s own that looks at tables',
    goods(`n int default pg_relation_size('jots')`),
    'the default of public.goods.n: the function pg_relation_size',
    [insert],
  ),
  of(
    'a default of another schema',
    goods(`n int default other.nextval('numbers')`),
    'the default of public.goods.n: the function other.nextval',
    [insert],
  ),
  of(
    'a virtual column of a function that nobody knows',
    goods('n int generated always as (hashtext(tenant_id)) virtual'),
    'the generated column public.goods.n: the function hashtext',
  ),
  of(
    'a row of domains',
    goods(`n int check (('(' || n || ',x)')::pair is not null)`),
    'the check goods_n_check of public.goods: the type pair',
    [insert, update],
  ),
  of(
    'a row of domains of another schema',
    goods(`n int check (('(' || n || ')')::other.regclass is not null)`),
    'the check goods_n_check of public.goods: the type other.regclass',
    [insert, update],
  ),
  ...[
    ['a domain', 'counted default 1', 'counted: the function'],
    ['a domain of a domain', 'nested default 1', 'counted: the function'],
    ['a check of a domain that has a default', 'mixed', 'mixed: the function is_fine'],
    ['a check of the domain below', 'finer', 'fine: the function'],
    ['a domain in an array', 'nested[]', 'counted: the function'],
    ['a domain in arrays of arrays', 'fine[][]', 'fine: the function'],
    ['a domain in a row', 'pair', 'counted: the function'],
    ['a domain in rows of rows', 'pair_list[]', 'counted: the function'],
    ['a domain in a range', 'fine_range', 'fine: the function'],
    ['a domain in ranges', 'fine_multirange', 'fine: the function'],
    ['a domain in a domain of ranges', 'ranges', 'fine: the function'],
    ['a domain in rows of a table', 'shelf', 'fine: the function'],
  ].map(([why = '', type, domain]) => of(why, goods(`n ${type}`), `the domain public.${domain}`)),
  of('a default of a domain alone', goods('n preset'), 'the domain public.preset: the function', [
    insert,
    update,
  ]),
  of(
    'a cast of a default to a domain',
    goods('n text default (5::counted)::text'),
    'the default of public.goods.n: the domain public.counted',
    [insert],
  ),
  of(
    'a check of a partition',
    `${code} create table goods (id int, tenant_id text not null) partition by list (id);
     create table goods_1 partition of goods (check (hidden(tenant_id) > 0)) for values in (1);
     create table pieces (id int, tenant_id text)`,
    'the check goods_1_tenant_id_check of public.goods_1: the function hidden',
  ),
].map((each) => ({ ...each, why: `code of somebody’s own: ${each.why}` }))

const preset = 'the default of public.goods.n'
const defaults: StoredCodeCase = {
  why: 'a default of somebody’s own, asked for or not',
  change: goods('n int default head_count(), o int'),
  statements: [
    ['insert into goods (id, tenant_id, n) values (1, $1, 2)', ''],
    ['insert into goods (id, tenant_id, n) values (1, $1, default)', preset],
    ['insert into goods values (1, $1)', preset],
    [
      'insert into goods (id, tenant_id) select id, tenant_id from jots where tenant_id = $1',
      preset,
    ],
    ['update goods set n = default where tenant_id = $1', preset],
    ['update goods set (o, n) = (1, default) where tenant_id = $1', preset],
    [
      'insert into goods (id, tenant_id, n) values (1, $1, 2) on conflict (tenant_id, id) do update set n = default',
      preset,
    ],
    [
      'merge into goods t using (select 5 as id) s on t.id = s.id and t.tenant_id = $1 when not matched then insert (id, tenant_id) values (5, $1)',
      preset,
    ],
    [
      'merge into goods t using (select 5 as id) s on t.id = s.id and t.tenant_id = $1 when not matched then insert (id, tenant_id, n) values (5, $1, 1)',
      '',
    ],
    ['update goods set o = 1 where tenant_id = $1', ''],
    [read, ''],
  ],
}

const ownDomain = 'the domain public.fine: the function is_fine'
/** A constant is taken for a value of the type that it stands beside. */
const constants: StoredCodeCase = {
  why: 'constants beside columns that hold a domain of somebody’s own',
  change: goods('n int').replace(
    'create table pieces (id int, tenant_id text not null, good_id int)',
    'create table pieces (id int, tenant_id text not null, good_id int, f fine, a fine[], p pair, r fine_range)',
  ),
  statements: [
    ...[
      `a = '{7}'`,
      `array[f] = '{7}'`,
      `(array(select f from pieces where tenant_id = $1)) = '{7}'`,
      `r && '[7,7]'`,
      'coalesce(a, $2) is null',
      `array_append(a, '7') is null`,
    ].map((test) => [`select id from pieces where tenant_id = $1 and ${test}`, ownDomain] as const),
    [`select lag(a, 1, '{7}') over () from pieces where tenant_id = $1`, ownDomain],
    [`select lag(f, 1, '7') over () from pieces where tenant_id = $1`, ownDomain],
    [`select p from pieces where tenant_id = $1 union all select '(7,1)'`, ownDomain],
    [`select w from pieces w where tenant_id = $1 union all select '(1,acme,1,7,,,)'`, ownDomain],
    [`select g.id from goods g, pieces p where g.tenant_id = $1 and p.tenant_id = $1`, ownDomain],
    [read, ''],
    [insert, ''],
  ],
}

const declaredFine: Omit<StoredCodeCase, 'change'> = {
  why: 'constants beside columns that hold a domain whose function was declared',
  options: { functions: ['is_fine', 'head_count'] },
  statements: constants.statements.map(([text]) => [text, '']),
}

const declared: StoredCodeCase = {
  ...of(
    'functions that were declared',
    goods('n int default head_count(), o text default own_id()'),
    '',
  ),
  options: { functions: ['head_count', 'own_id'] },
}

const follows = (action: string): string =>
  goods(
    'n int',
    `alter table pieces alter good_id set default head_count(), add check (good_id > 0),
       add foreign key (tenant_id, good_id) references goods (tenant_id, id) ${action}`,
  )
const checked = (action: string): string =>
  `${follows(action)}; alter table pieces add check (hidden(tenant_id) > 0)`
const computed = (action: string): string =>
  `${follows(action)}; alter table pieces add is_odd boolean generated always as (is_fine(good_id)) stored`
const chain = (first: string, second: string): string =>
  goods(
    'n int',
    `alter table pieces add unique (tenant_id, good_id), add foreign key (tenant_id, good_id)
       references goods (tenant_id, id) ${first};
     create table ends (tenant_id text, piece_id int check (is_fine(piece_id)),
       foreign key (tenant_id, piece_id) references pieces (tenant_id, good_id) ${second})`,
  )
const piece = 'the check pieces_tenant_id_check of public.pieces'
const presetPiece = 'the default of public.pieces.good_id'
const following = [
  of('a key that does nothing', checked(''), piece, [update, remove, insert]),
  of('a key that removes', checked('on delete cascade'), piece, [update, remove, insert]),
  of('a key that follows', checked('on update cascade'), piece, [update, remove, insert]),
  of('a key that empties', checked('on delete set null (good_id)'), piece, [
    update,
    remove,
    insert,
  ]),
  of('a key that is set to a default', follows('on delete set default (good_id)'), presetPiece, [
    update,
    remove,
    insert,
  ]),
  of(
    'a key that is set to a default, beside another default',
    goods(
      'n int',
      `alter table pieces alter good_id set default 5, alter id set default head_count(),
         add foreign key (tenant_id, good_id) references goods (tenant_id, id) on delete set default (good_id)`,
    ),
    '',
    [],
  ),
  of(
    'a row of keys',
    chain('on delete cascade', 'on delete set null (piece_id)'),
    'the check ends_piece_id_check of public.ends',
    [update, remove, insert],
  ),
  of('a row of keys that ends', chain('', 'on delete set null (piece_id)'), '', []),
  of(
    'a row of keys that are changed',
    chain('on update cascade', 'on update cascade'),
    'the check ends_piece_id_check of public.ends',
    [update, remove, insert],
  ),
  of('a key that removes what is computed', computed('on delete cascade'), '', []),
  of(
    'a key that empties what is computed from',
    computed('on delete set null (good_id)'),
    'the generated column public.pieces.is_odd',
    [update, remove, insert],
  ),
  of('a key that empties a column of a default', follows('on delete set null (good_id)'), '', []),
].map((each) => ({ ...each, why: `code behind a key: ${each.why}` }))

const secured = (condition: string, rest = ''): string =>
  goods(
    'n int',
    `create table stray (id int); alter table goods enable row level security;
     create policy own on goods using (${condition}); ${rest}`,
  )
const policies = [
  of('the tenant of the session', secured(`tenant_id = current_setting('app.tenant', true)`), ''),
  of(
    'the same as a query',
    secured(`tenant_id = (select nullif(current_setting('app.tenant', true), ''))`),
    '',
  ),
  of(
    'roles of the session',
    secured(`pg_has_role(current_user, 'pg_monitor', 'member') or true`),
    '',
  ),
  of(
    'rows of the same tenant',
    secured('exists (select from jots where jots.tenant_id = goods.tenant_id)'),
    '',
  ),
  of(
    'numbers that others take, too',
    secured(`nextval('numbers') > 0`),
    'the policy own of public.goods: the function nextval',
  ),
  of('code', secured('is_fine(n)'), 'the policy own of public.goods: the function is_fine'),
  of('rows of others', secured('n in (select id from jots)'), 'Jot'),
  of(
    'a table that nobody declared',
    secured('n in (select id from stray)'),
    'the policy own of public.goods: stray',
  ),
  of(
    'a check with code',
    secured('true) with check (is_fine(n)'),
    'the policy own of public.goods: the function is_fine',
  ),
  of(
    'code, where row security is not enabled',
    secured('is_fine(n)', 'alter table goods disable row level security'),
    '',
  ),
].map((each) => ({ ...each, why: `policies by ${each.why}` }))

const casts: StoredCodeCase = {
  why: 'casts to domains',
  change: goods('n int'),
  statements: [
    [`${read} and 'x'::plain = $2`, ''],
    [`${read} and 'x'::public.plain = $2`, ''],
    [`${read} and 5::counted = $2`, 'the domain public.counted: the function'],
    [`select id from goods where tenant_id = $1::plain`, 'Good'],
    [`${read} and 'x'::name = $2`, ''],
    [`${read} and 'x'::public.name = $2`, 'the domain public.name: the function'],
    [`${read} and n = current_setting('a')::int`, 'the function current_setting'],
    [`${read} and 'goods'::regclass is not null`, 'the type regclass'],
  ],
}

const declaredTypes: StoredCodeCase = {
  why: 'casts to types that were declared',
  change: goods('n int'),
  options: { types: ['counted', 'pair'] },
  statements: [
    [`${read} and 'calm'::temper = $2`, ''],
    [`${read} and 5::counted = $2`, 'the domain public.counted: the function'],
    [`${read} and row(5, 'x')::pair is not null`, 'the domain public.counted: the function'],
    [`${read} and row(5, 'x')::public.pair is not null`, 'the type public.pair'],
    [`${read} and 5::nested = $2`, 'the domain public.'],
  ],
}

const declaredChecks: StoredCodeCase = {
  ...declaredTypes,
  why: 'casts to types that were declared with their functions',
  options: { types: ['counted', 'pair', 'public.pair'], functions: ['is_fine', 'head_count'] },
  statements: declaredTypes.statements.map(([text]) => [text, '']),
}

const roundAbout: StoredCodeCase = {
  why: 'casts to domains that ask for one another',
  change: `${goods('n int')}
    create domain first_of as int; create domain second_of as int check (value::first_of is not null);
    alter domain first_of add check (value::second_of is not null and set_config('a.b', 'c', true) > '')`,
  statements: [
    [`${read} and 5::first_of = $2`, 'the domain public.first_of: the function set_config'],
    [`${read} and 5::second_of = $2`, 'the domain public.second_of: the domain public.first_of'],
  ],
}

export const storedCode: readonly StoredCodeCase[] = [
  ...harmless,
  ...harmful,
  defaults,
  constants,
  { ...constants, ...declaredFine },
  declared,
  ...following,
  ...policies,
  casts,
  declaredTypes,
  declaredChecks,
  roundAbout,
]

/** The same as databases of the corpus. */
export const storedCodeDatabases: readonly OtherDatabase[] = storedCode.map(
  ({ why, change, options, statements }) => ({
    why,
    change,
    declared: defineTenantSchema(storedCodeTables, options),
    reports: statements.map(([text, obstacle], i) => {
      const reported = /^[A-Z]\w+$|^$/.test(obstacle) ? obstacle : '(unknown) unsupported'
      return [`${why} ${i}`, reported, text, 'acme'] as const
    }),
  }),
)
