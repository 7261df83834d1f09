import {
  type Catalogue,
  explainProof,
  liveSchema,
  loadCatalogue,
  type TenantSchema,
} from '@partywall/sql'
import { givenIn, kindsIn, reportedIn, transactionOf } from '../judge.ts'
import { declared as liveDeclared } from '../live-world.ts'
import { schema } from '../world.ts'
import type { Topic } from './case.ts'
import { declaredTopics, liveTopics, together } from './corpus.ts'
import { declarations, lookedUp, lookups, models, nullEquals } from './declarations.ts'
import { explained, liveExplained } from './explained.ts'
import { kinds } from './kinds.ts'
import { oracles } from './live/conflicts.ts'
import { databases } from './live/databases.ts'
import { byKeys, gives } from './live/given-keys.ts'
import { newer, notes } from './newer.ts'
import { texts } from './texts.ts'
import { transactions } from './writes.ts'

/** What was read of real servers. */
export interface Catalogues {
  readonly declaredWorld: Catalogue
  readonly liveWorld: Catalogue
  /** After the change of each of the other databases. */
  readonly others: readonly Catalogue[]
}

type Judged = readonly [what: string, found: unknown, expected: unknown]

/** What is judged otherwise than the corpus says, one after another. */
export async function* misjudged(catalogues: Catalogues): AsyncGenerator<string> {
  for (const judge of [live, declared, explanations, keys, other, read, texts, schemas, versions]) {
    for await (const [what, found, expected] of judge(catalogues)) {
      const [is, should] = [JSON.stringify(found), JSON.stringify(expected)]
      if (is !== should) yield `${what}\n  found: ${is}\n  expected: ${should}`
    }
  }
}

function* topic(tables: TenantSchema, topics: readonly Topic[]): Generator<Judged> {
  const { accepted, leaking, damaging, refused, safeButRefused } = together(topics)
  for (const [, text, ...values] of accepted) yield [text, reportedIn(tables, text, values), '']
  for (const [, expected, text, ...values] of [...leaking, ...refused]) {
    yield [text, reportedIn(tables, text, values), expected]
  }
  for (const [, expected, , text, ...values] of damaging) {
    yield [text, reportedIn(tables, text, values), expected]
  }
  for (const [, , expected, text, ...values] of safeButRefused) {
    yield [text, reportedIn(tables, text, values), expected]
  }
}

function* declared({ declaredWorld }: Catalogues): Generator<Judged> {
  yield* topic(schema, declaredTopics)
  const onServer = liveSchema(schema, declaredWorld)
  for (const [, text, ...values] of together(declaredTopics).accepted) {
    yield [text, reportedIn(onServer, text, values), '']
  }
}

function* live({ liveWorld }: Catalogues): Generator<Judged> {
  const tables = liveSchema(liveDeclared, liveWorld)
  yield* topic(tables, liveTopics)
  for (const [, text, ...values] of oracles) yield [text, reportedIn(tables, text, values), '']
}

async function* explanations({ liveWorld }: Catalogues): AsyncGenerator<Judged> {
  for (const [, expected, text] of kinds) yield [text, kindsIn(schema, text), expected]
  for (const [text, expected] of transactions) yield [text, transactionOf(text), expected]
  for (const [text, ...lines] of explained) yield [text, await told(text, schema), lines]
  const tables = liveSchema(liveDeclared, liveWorld)
  for (const [text, ...lines] of liveExplained) yield [text, await told(text, tables), lines]
}

async function told(text: string, tables: TenantSchema): Promise<readonly string[]> {
  const lines = await explainProof(text, tables)
  return lines.map(({ says, obstacle }) => (obstacle === undefined ? says : `${says}: ${obstacle}`))
}

async function* other({ others }: Catalogues): AsyncGenerator<Judged> {
  for (const [i, database] of databases.entries()) {
    const { why, declared: tables, contradicts, reports = [], explained: telling = [] } = database
    const catalogue = others[i]
    if (catalogue === undefined) throw new Error('a catalogue is missing')
    if (contradicts !== undefined) {
      const contradiction = contradictionOf(() => liveSchema(tables, catalogue))
      yield [why, contradiction.includes(contradicts) || contradiction, true]
      continue
    }
    const known = liveSchema(tables, catalogue)
    for (const [, expected, text, ...values] of reports) {
      yield [`${why}: ${text}`, reportedIn(known, text, values), expected]
    }
    for (const [text, ...lines] of telling) yield [text, await told(text, known), lines]
  }
}

function contradictionOf(make: () => unknown): string {
  try {
    make()
    return ''
  } catch (error) {
    return String(error)
  }
}

/** Declarations before anybody looks at a database. */
function* schemas({ liveWorld }: Catalogues): Generator<Judged> {
  for (const [says, found] of nullEquals) {
    const catalogue = { ...liveWorld, nullEquals: [found] }
    const contradiction = contradictionOf(() => liveSchema(liveDeclared, catalogue))
    yield [says, contradiction.split('\n').at(-1), says]
  }
  for (const [says, make] of declarations) {
    const contradiction = contradictionOf(make)
    yield [says, contradiction.includes(says) && (says !== '' || contradiction === ''), true]
  }
  for (const [expected, name, schema] of lookups) {
    yield [`${schema}.${name}`, lookedUp.relation(name, schema)?.model, expected]
  }
  yield ['models', lookedUp.models, models]
  // Without a catalogue nobody knows what else is in a schema.
  for (const home of [undefined, 'ext']) {
    const isInstalled = lookedUp.installs('function', 'unaccent', home)
    yield [`unaccent of ${home}`, isInstalled, home === undefined]
  }
}

/** What servers before a version do not read as the parser does. */
function* versions(): Generator<Judged> {
  for (const [since, text] of newer) {
    for (const version of [14, 15, 16, 17, 18]) {
      const found = reportedIn({ ...notes, serverVersion: version * 10_000 + 4 }, text, [])
      yield [`${version}: ${text}`, found, version >= since ? '' : '(unknown) unsupported']
    }
  }
}

/** Rows by keys that statements have given. */
function* keys({ liveWorld }: Catalogues): Generator<Judged> {
  const tables = liveSchema(liveDeclared, liveWorld)
  for (const [, expected, text] of gives) yield [text, givenIn(tables, text), expected]
  for (const [, expected, known, text, ...values] of byKeys) {
    const own = new Set(known.split(' '))
    const ownKeys = { has: (_: unknown, key: string, value: string) => own.has(`${key}=${value}`) }
    const found = reportedIn(tables, text, values, { ...ownKeys, take: () => undefined })
    yield [`${known}: ${text}`, found, expected]
  }
}

/** What a reader gives instead of the rows of a server. */
async function* read({ liveWorld }: Catalogues): AsyncGenerator<Judged> {
  const { searchPath, tables, routines } = liveWorld
  const row = {
    server_version: '140000',
    server_encoding: 'UTF8',
    search_path: searchPath,
    tables,
    routines,
    text_settings: [],
    enums: [],
    domains: [],
    casts: [],
    extensions: [],
  }
  const answers: readonly (readonly [rows: Record<string, unknown>[], expected: string])[] = [
    [[row], ''],
    [[], 'the server gave no catalogue'],
    [[{ ...row, server_version: '139999' }], 'the server is older than PostgreSQL 14'],
    [[{ ...row, server_version: undefined }], 'the server is older than PostgreSQL 14'],
    [
      [{ ...row, server_encoding: 'LATIN1' }],
      'the encoding of the database is LATIN1: only in UTF8 are names what they seem to be',
    ],
    [[{ ...row, tables: null }], 'a part is missing'],
  ]
  for (const [rows, expected] of answers) {
    const found = await loadCatalogue({ query: async () => ({ rows }) }).then(
      (catalogue) => (JSON.stringify(catalogue.tables) === JSON.stringify(tables) ? '' : 'other'),
      (error: Error) => error.message,
    )
    yield [`a catalogue: ${expected}`, found, expected]
  }
  for (const position of [undefined, null, 1, 2]) {
    const rows = [{ ...row, catalogue_position: position }]
    const { hidesBuiltins } = await loadCatalogue({ query: async () => ({ rows }) })
    yield [`pg_catalog in place ${position}`, hidesBuiltins, position === 2 ? true : undefined]
  }
  // A session may find other tables than the one that read the catalogue, and so may another role.
  const usual = '"$user", public'
  for (const [reader, text, user, path, expected] of [
    ['app', usual, 'app', usual, true],
    ['app', usual, undefined, undefined, true],
    ['app', usual, 'other', undefined, false],
    ['other', usual, 'app', usual, false],
    ['other', usual, 'third', usual, true],
    ['app', 'public', 'other', undefined, true],
    ['app', 'public', 'app', usual, false],
    ['app', 'public', 'other', usual, true],
    ['app', usual, 'other', 'APP,public', true],
    ['app', usual, 'app', 'public, app', false],
    ['app', usual, 'app', '"APP", public', false],
    ['app', usual, 'app', 'pg_catalog, "app", public, "nobody""s"', true],
    ['app', usual, 'app', 'app, public, pg_catalog', false],
    ['app', 'app, public', 'other', undefined, true],
    ['app', 'app, public', 'shut', undefined, false],
    ['shut', 'app, public', 'app', 'public', true],
    ['app', 'public', 'shut', 'app, public', true],
    ['app', 'public', 'app', 'É, public', false],
    ['app', 'public', 'app', 'É\u00a0, public', true],
    ['app', 'public, app', 'app', 'public\v\f\n\r\tapp', true],
    ['app', 'public', 'app', `public, ${'Q'.repeat(64)}`, false],
    ['app', `${'q'.repeat(64)}, public`, 'app', undefined, false],
    ['app', `${'q'.repeat(63)}, public`, 'app', undefined, true],
    ['app', 'public, "a "" b"', 'app', '"public" , "a "" b" , pg_temp', true],
  ] as const) {
    const schemas = ['APP', 'a " b', 'app', 'public', 'É', 'q'.repeat(63)]
    const closed = [
      ['app', 'shut'],
      ['shut', 'shut'],
    ]
    const path_source = { text, user: reader, schemas, closed }
    const rows = [{ ...row, path_source }]
    const catalogue = await loadCatalogue({ query: async () => ({ rows }) })
    const { findsFor } = liveSchema(liveDeclared, catalogue)
    // What is asked of one session says nothing of the next.
    findsFor?.({ user: reader, path: text })
    const found = findsFor?.({ user, path })
    yield [`${user} by ${path}, after ${reader} by ${text}`, found, expected]
  }
  for (const path_source of [null, undefined]) {
    const catalogue = await loadCatalogue({
      query: async () => ({ rows: [{ ...row, path_source }] }),
    })
    const { findsFor } = liveSchema(liveDeclared, catalogue)
    yield ['a catalogue that does not say it', typeof findsFor, 'undefined']
  }
  const refusal = await loadCatalogue({
    query: async () => ({ rows: [{ ...row, equalities: ['public.='] }] }),
  }).catch((error: Error) => error.message)
  yield ['equalities', String(refusal).startsWith('the search path finds public.= before'), true]
  const causes = [new Error('gone'), Object.assign(new Error('no'), { severity: 'ERROR' }), null, 7]
  for (const cause of causes) {
    const query = (): Promise<never> => Promise.reject(cause)
    const found: unknown = await loadCatalogue({ query }).catch((error: unknown) => error)
    yield ['an error of the server', found === cause, cause !== causes[1]]
  }
}
