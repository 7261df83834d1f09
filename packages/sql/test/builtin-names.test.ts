import { defineTenantSchema, loadCatalogue, owner } from '@partywall/sql'
import { loadSecurityCatalogue, verifyRowSecurity } from '@partywall/sql/row-security'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadParser, parse } from '../src/parse/parse.ts'

let server: PostgresServer
let client: pg.Client
beforeAll(async () => {
  await loadParser()
  server = await startPostgres()
  client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(`create table parents (id int primary key, tenant_id text, unique (tenant_id, id));
    create table children (id int, tenant_id text, parent_id int, foreign key (tenant_id, parent_id)
      references parents (tenant_id, id) on delete set null (parent_id));
    create domain positive as int check (value > 0);
    create view both_of as select c.id from children c join parents p using (tenant_id);
    alter table parents enable row level security;
    create policy own on parents using (tenant_id = 'acme')`)
})
afterAll(async () => {
  await client.end()
  await server.stop()
})

type Node = Readonly<Record<string, unknown>>

/** Every node of a tree, with the name of its kind. */
function* nodesOf(tree: unknown): Generator<readonly [kind: string, node: Node]> {
  for (const [kind, value] of Object.entries(Object(tree))) {
    if (typeof value !== 'object' || value === null) continue
    if (!Array.isArray(value)) yield [kind, value as Node]
    yield* nodesOf(value)
  }
}

/** Names of somebody else's code that could be meant, in one query. */
function openNames(text: string): readonly string[] {
  const nodes = parse(text, 1_000_000).statements.flatMap((each) => [...nodesOf(each)])
  const kinds = (wanted: string): readonly Node[] =>
    nodes.filter(([kind]) => kind === wanted).map(([, node]) => node)
  const withs = new Set(kinds('CommonTableExpr').map(({ ctename }) => ctename))
  const isBuiltin = (names: unknown): boolean =>
    JSON.stringify(names).startsWith('[{"String":{"sval":"pg_catalog"}},')
  // Names of kinds are in capitals, those of fields are not.
  const areTexts = (value: unknown): boolean =>
    [...nodesOf(value)].every(([kind, node]) =>
      kind === 'A_Const' ? 'sval' in node : !/^[A-Z]/.test(kind) || kind === 'List',
    )
  const isOpenComparison = ({ kind, name, rexpr }: Node): boolean =>
    kind === 'AEXPR_IN' ? !areTexts(rexpr) : !isBuiltin(name)
  const open: readonly (readonly [kind: string, isOpen: (node: Node) => boolean])[] = [
    ['FuncCall', ({ funcname }) => !isBuiltin(funcname)],
    ['TypeCast', ({ typeName }) => !isBuiltin(Object(typeName).names)],
    ['A_Expr', isOpenComparison],
    ['CaseExpr', ({ arg, args }) => arg !== undefined && !whens(args).every(areTexts)],
    [
      'SubLink',
      ({ subLinkType }) => subLinkType === 'ANY_SUBLINK' || subLinkType === 'ALL_SUBLINK',
    ],
    ['JoinExpr', ({ usingClause, isNatural }) => usingClause !== undefined || isNatural === true],
    ['CollateClause', ({ collname }) => !isBuiltin(collname)],
    ['RangeVar', ({ schemaname, relname }) => schemaname !== 'pg_catalog' && !withs.has(relname)],
    ['SortBy', ({ useOp }) => useOp !== undefined],
  ]
  return open.flatMap(([kind, isOpen]) =>
    kinds(kind)
      .filter(isOpen)
      .map((node) => `${kind} ${JSON.stringify(node).slice(0, 300)}`),
  )
}

function whens(args: unknown): readonly unknown[] {
  return (args as readonly { CaseWhen: { expr: unknown } }[]).map(({ CaseWhen }) => CaseWhen.expr)
}

const schema = defineTenantSchema({ parents: owner('tenant_id'), children: owner('tenant_id') })

// mutation src/schema/builtin-names.ts: `pg_catalog.${name}` => name
// mutation src/schema/builtin-names.ts: `::pg_catalog.${type}` => `::${type}`
// mutation src/schema/builtin-names.ts: `operator(pg_catalog.${operator})` => operator
it('asks for the catalogue by functions, types and operators of PostgreSQL’s own alone', async () => {
  const texts: string[] = []
  const reader = {
    query: (text: string) => {
      texts.push(text)
      return client.query(text)
    },
  }
  await verifyRowSecurity(reader, schema)
  expect(texts.length).toBeGreaterThan(2)
  expect(texts.flatMap(openNames)).toEqual([])
})

it('knows open names when it sees them', () => {
  for (const text of [
    'select json_agg(1)',
    `select '1'::int2`,
    'select 1 = 2',
    'select 1 in (1, 2)',
    'select case 1 when 2 then 3 end',
    'select 1 in (select 2)',
    'select 1 = any (select 2)',
    'select from pg_catalog.pg_class a join pg_catalog.pg_class b using (oid)',
    'select from pg_class',
    'select nullif(1, 2)',
    'select 1 between 2 and 3',
    'select 1 is distinct from 2',
    `select 'a' like 'b'`,
    `select 'a' collate folding`,
  ]) {
    expect(openNames(text), text).not.toEqual([])
  }
})

/** What reading the catalogue gives after a change, which is taken back. */
async function readAfter(change: string): Promise<unknown> {
  await client.query(`begin; ${change}`)
  try {
    return await loadSecurityCatalogue(client).catch((error: unknown) => error)
  } finally {
    await client.query('rollback')
  }
}

const equality = (path: string, type: string): string => `create type kind as enum ('a');
  create function alike(${type}, ${type}) returns boolean immutable language sql as 'select true';
  create operator = (leftarg = ${type}, rightarg = ${type}, function = alike);
  set local search_path = ${path}`

// mutation src/schema/load-catalogue.ts: if (equalities.length > 0) => if (equalities.length < 0)
it('refuses equalities that are found before PostgreSQL’s own', async () => {
  const refusal = await readAfter(equality('public, pg_catalog', 'text'))
  expect(refusal).toMatchObject({ code: 'sql.catalogue' })
  expect(String(refusal)).toContain('finds public.= before those of PostgreSQL: leave pg_catalog')
  for (const [path, type] of [
    ['public', 'text'],
    ['pg_catalog, public', 'text'],
    ['public, pg_catalog', 'kind'],
  ] as const) {
    const read = await readAfter(equality(path, type))
    expect(read, path).toHaveProperty('tables')
  }
})

// mutation src/schema/catalogue-reader.ts: if (typeof cause !== 'object' || cause === null || !('severity' in cause)) throw cause => throw cause
it('says that the server gave an error, and keeps it', async () => {
  await client.query('begin')
  await client.query('select 1/0').catch(() => undefined)
  const refusal = await loadCatalogue(client).catch((error: unknown) => error)
  await client.query('rollback')
  expect(refusal).toMatchObject({ code: 'sql.catalogue', cause: { code: '25P02' } })
  const lost = new Error('gone')
  await expect(loadCatalogue({ query: () => Promise.reject(lost) })).rejects.toBe(lost)
})
