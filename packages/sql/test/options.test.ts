import {
  createGuard,
  defineTenantSchema,
  deriveTenantSchema,
  explainProof,
  type Guard,
  generateTenantSchema,
  global,
  liveSchema,
  loadCatalogue,
  ownedThrough,
  owner,
  splitStatements,
  watchCatalogue,
} from '@partywall/sql'
import { auditDatabase, auditTenantSchema } from '@partywall/sql/audit'
import { guardDialect, guardPostgresDialect } from '@partywall/sql/kysely'
import { scopePlugin } from '@partywall/sql/kysely-scope'
import { guardClient, guardDriver, guardPool } from '@partywall/sql/pg'
import { guardPostgres } from '@partywall/sql/postgres'
import {
  loadSecurityCatalogue,
  rowSecurityStatements,
  verifyRowSecurity,
  withTenantTransaction,
} from '@partywall/sql/row-security'
import { PostgresDialect } from 'kysely'
import pg from 'pg'
import postgres from 'postgres'
import { beforeAll, describe, expect, it } from 'vitest'

const schema = defineTenantSchema({ users: owner('tenant_id') })
const catalogue = {
  serverVersion: 170_002,
  searchPath: ['public'],
  tables: [],
  routines: [],
  enums: [],
  domains: [],
  casts: [],
  extensions: [],
  nullEquals: [],
}
/** What must be in no message. */
const secret = 'hunter2'

// Nothing connects before somebody asks for a connection.
const pool = (): pg.Pool => new pg.Pool()
const sql = (): postgres.Sql => postgres('postgres://127.0.0.1:1/none')
const dialect = (): PostgresDialect => new PostgresDialect({ pool: pool() })

let guard: Guard
beforeAll(async () => {
  guard = await createGuard(schema)
})

/** By the code of the error: what it must say, and a call as JavaScript may make it. */
type Cases = Readonly<Record<string, readonly (readonly [says: string, make: () => unknown])[]>>

const given = (value: unknown): never => value as never

const declarations: Cases = {
  'sql.schema': [
    ['column is undefined; expected a name', () => owner(given(undefined))],
    ['column is an empty string; expected a name', () => owner('')],
    ['column is an object; expected a name', () => owner(given({}))],
    [
      'options of owner() has no field "typ"; it may have model, severity, columns, type, tenantKey, shared, keyOracle',
      () => owner('x', given({ typ: secret })),
    ],
    ['options of owner() is null; expected an', () => owner('x', given(null))],
    ["shared is a boolean; expected 'null'", () => owner('x', given({ shared: true }))],
    ['tenantKey is a number; expected a function', () => owner('x', given({ tenantKey: 5 }))],
    [
      'columns is a string of 7 characters; expected a list of names',
      () => owner('x', given({ columns: secret })),
    ],
    [
      'columns is a list of 2; expected a list of names',
      () => owner('x', given({ columns: ['x', 5] })),
    ],
    [
      "severity is a string of 7 characters; expected 'CRITICAL'",
      () => owner('x', given({ severity: secret })),
    ],
    [
      "type is a string of 7 characters; expected 'uuid'",
      () => owner('x', given({ type: secret })),
    ],
    ['model is an empty string; expected a name', () => owner('x', { model: '' })],
    [
      'keyOracle is a string of 7 characters; expected true or false',
      () => owner('x', given({ keyOracle: secret })),
    ],
    [
      'options of global() has no field "writeable"; it may have columns, writable',
      () => global(given({ writeable: true })),
    ],
    [
      'writable is a string of 7 characters; expected true or false',
      () => global(given({ writable: secret })),
    ],
    ['options of global() is null; expected an object', () => global(given(null))],
    ['through is an empty string; expected a name, or a list of names', () => ownedThrough('')],
    ['through is a list of 0; expected a name, or', () => ownedThrough([])],
    ['through is undefined; expected a name, or', () => ownedThrough(given(undefined))],
    ['through is a list of 2; expected a name, or', () => ownedThrough(['a', ''])],
    [
      'options of ownedThrough() has no field "type"; it may have model, severity, columns',
      () => ownedThrough('a', given({ type: 'text' })),
    ],
    [
      'severity is a string of 7 characters; expected',
      () => ownedThrough('a', given({ severity: secret })),
    ],
    [
      'tables is null; expected an object with a declaration for each table',
      () => defineTenantSchema(given(null)),
    ],
    [
      'tables is an object; expected an object with a declaration',
      () => defineTenantSchema(given(new Map([['a', global()]]))),
    ],
    ['tables is a list of 1; expected an object', () => defineTenantSchema(given([global()]))],
    [
      'the table a is undefined; expected what owner(), ownedThrough() or global() gives',
      () => defineTenantSchema(given({ a: undefined })),
    ],
    [
      'the table a is a string of 7 characters; expected what owner()',
      () => defineTenantSchema(given({ a: secret })),
    ],
    [
      'the table a is an object; expected what owner()',
      () => defineTenantSchema(given({ a: { kind: 'owner' } })),
    ],
    [
      'the table a is an object; expected what owner()',
      () => defineTenantSchema(given({ a: { kind: 'through' } })),
    ],
    [
      'functions is a string of 7 characters; expected a list of names',
      () => defineTenantSchema({}, given({ functions: secret })),
    ],
    [
      'types is an object; expected a list of names',
      () => defineTenantSchema({}, given({ types: new Set([secret]) })),
    ],
    [
      'extensions is a list of 1; expected a list of names',
      () => defineTenantSchema({}, given({ extensions: [5] })),
    ],
    [
      'tenantKey is a string of 7 characters; expected a function',
      () => defineTenantSchema({}, given({ tenantKey: secret })),
    ],
    [
      'defaultSchema is an empty string; expected a name',
      () => defineTenantSchema({}, { defaultSchema: '' }),
    ],
    [
      'options of defineTenantSchema() has no field "schema"; it may have tenantKey, defaultSchema, types, functions, extensions',
      () => defineTenantSchema({}, given({ schema: secret })),
    ],
    [
      'options of defineTenantSchema() is null; expected an object with tenantKey,',
      () => defineTenantSchema({}, given(null)),
    ],
  ],
}

const guards: Cases = {
  'sql.schema': [
    [
      'schema is undefined; expected what defineTenantSchema() gives',
      () => createGuard(given(undefined)),
    ],
    [
      'schema is an object; expected what defineTenantSchema() gives',
      () => createGuard(given({ users: owner('x') })),
    ],
    ['schema is an object; expected what defineTenantSchema() gives', () => guard.adopt(given({}))],
    ['schema is null; expected what', () => guard.adopt(given(null))],
    [
      'schema is undefined; expected what',
      () => explainProof(`select '${secret}'`, given(undefined)),
    ],
  ],
  'sql.options': [
    [
      'options has no field "cachedText"; it may have enforcement, maxTextLength, cachedTexts',
      () => createGuard(schema, given({ cachedText: 5 })),
    ],
    [
      'options is null; expected an object with enforcement,',
      () => createGuard(schema, given(null)),
    ],
    [
      'options is a list of 0; expected an object with enforcement,',
      () => createGuard(schema, given([])),
    ],
    [
      'enforcement is a promise; await it first: expected an Enforcement',
      () => createGuard(schema, given({ enforcement: Promise.resolve() })),
    ],
    ['text is undefined; expected a statement', () => explainProof(given(undefined), schema)],
    [
      'text is an object; expected a statement',
      () => explainProof(given({ text: secret }), schema),
    ],
  ],
}

const databases: Cases = {
  'sql.catalogue': [
    [
      'catalogue is undefined; expected what loadCatalogue() gives',
      () => liveSchema(schema, given(undefined)),
    ],
    [
      'catalogue is an object; expected what loadCatalogue() gives',
      () => liveSchema(schema, given({})),
    ],
    [
      'catalogue is an object; expected',
      () => liveSchema(schema, given({ ...catalogue, casts: undefined })),
    ],
    ...[
      { domains: [{ name: 'public.day' }] },
      { extensions: [null] },
      { extensions: undefined },
    ].map(
      (kept) =>
        [
          'catalogue is an object; expected what loadCatalogue() gives',
          () => liveSchema(schema, given({ ...catalogue, ...kept })),
        ] as const,
    ),
    [
      'catalogue is a promise; await it first: expected what loadCatalogue() gives',
      () => liveSchema(schema, given(Promise.resolve(catalogue))),
    ],
    ['catalogue is an object; expected', () => generateTenantSchema(given({}), given({}))],
    ['catalogue is null; expected', () => deriveTenantSchema(given(null), { ownerColumn: 'x' })],
  ],
  'sql.schema': [
    [
      'declared is an object; expected what defineTenantSchema() gives',
      () => liveSchema(given({}), catalogue),
    ],
  ],
  'sql.options': [
    ['ownerColumn is undefined; expected a name', () => generateTenantSchema(catalogue, given({}))],
    [
      'options is undefined; expected an object with ownerColumn',
      () => deriveTenantSchema(catalogue, given(undefined)),
    ],
    [
      'ownerColumn is an empty string; expected a name',
      () => deriveTenantSchema(catalogue, { ownerColumn: '' }),
    ],
    [
      'options has no field "owner"; it may have ownerColumn',
      () => deriveTenantSchema(catalogue, given({ ownerColumn: 'x', owner: secret })),
    ],
  ],
}

const reader = { query: async () => ({ rows: [] }) }
const inspections: Cases = {
  'sql.client': [
    [
      'reader is undefined; expected a pool or client of pg that is not guarded',
      () => loadCatalogue(given(undefined)),
    ],
    [
      'reader is a string of 7 characters; expected a pool or client',
      () => loadSecurityCatalogue(given(secret)),
    ],
    ['reader is an object; expected a pool or', () => verifyRowSecurity(given({}), schema)],
    ['reader is null; expected a pool or', () => auditTenantSchema(given(null), schema)],
  ],
  'sql.schema': [
    ['schema is an object; expected what', () => verifyRowSecurity(reader, given({}))],
    ['schema is undefined; expected what', () => auditTenantSchema(reader, given(undefined))],
    ['schema is null; expected what', () => rowSecurityStatements(given(null))],
  ],
  'sql.options': [
    [
      'roles is a string of 7 characters; expected a list of names',
      () => verifyRowSecurity(reader, schema, given({ roles: secret })),
    ],
    [
      'options has no field "role"; it may have roles, setting',
      () => auditTenantSchema(reader, schema, given({ role: secret })),
    ],
    [
      'options is null; expected an object with roles, setting',
      () => auditTenantSchema(reader, schema, given(null)),
    ],
    [
      'options has no field "polic"; it may have catalogue, setting, policy',
      () => rowSecurityStatements(schema, given({ polic: secret })),
    ],
    [
      'catalogue is an object; expected what loadSecurityCatalogue() gives',
      () => rowSecurityStatements(schema, given({ catalogue })),
    ],
    [
      'policy is a string of 8 characters; expected a short plain name',
      () => rowSecurityStatements(schema, { policy: `${secret}"` }),
    ],
    ['text is an object; expected SQL as a string', () => splitStatements(given({ secret }))],
    ['text is undefined; expected SQL as a string', () => splitStatements(given(undefined))],
    [
      'connectionString is undefined; expected a name',
      () => auditDatabase(given(undefined), schema),
    ],
  ],
}

const watched = () => ({ guard, declared: schema, load: async () => catalogue })
const watches: Cases = {
  'sql.options': [
    [
      'options is undefined; expected an object with guard, declared, load, everyMs, onLook',
      () => watchCatalogue(given(undefined)),
    ],
    [
      'guard is undefined; expected the guard that createGuard() resolves to',
      () => watchCatalogue(given({ ...watched(), guard: undefined })),
    ],
    [
      'declared is an object; expected what defineTenantSchema() gives',
      () => watchCatalogue(given({ ...watched(), declared: {} })),
    ],
    [
      'load is an object; expected a function',
      () => watchCatalogue(given({ ...watched(), load: catalogue })),
    ],
    [
      'everyMs is a number; expected milliseconds from 0 to 2^31 - 1',
      () => watchCatalogue({ ...watched(), everyMs: -1 }),
    ],
    [
      'everyMs is a string of 7 characters; expected milliseconds',
      () => watchCatalogue(given({ ...watched(), everyMs: secret })),
    ],
    [
      'onLook is a string of 7 characters; expected a function',
      () => watchCatalogue(given({ ...watched(), onLook: secret })),
    ],
    [
      'options has no field "everyMS"; it may have guard,',
      () => watchCatalogue(given({ ...watched(), everyMS: 5 })),
    ],
  ],
  'sql.catalogue': [
    [
      'catalogue is a string of 7 characters; expected',
      () => watchCatalogue(given({ ...watched(), load: async () => secret })),
    ],
  ],
}

const poolWords = 'expected a pool of pg that is not guarded yet'
const dialectWords = 'expected a dialect of Kysely that is not guarded yet'
const clientWords = 'expected a client of pg that is not guarded yet'
const guardWords = 'expected the guard that createGuard() resolves to'
const pgDoors: Cases = {
  'sql.client': [
    [`pool is null; ${poolWords}`, () => guardPool(given(null), guard)],
    [`pool is an object; ${poolWords}`, () => guardPool(given({}), guard)],
    [`pool is a string of 7 characters; ${poolWords}`, () => guardPool(given(secret), guard)],
    [
      `pool is an object; ${poolWords}`,
      () => guardPool(given({ connectionString: secret }), guard),
    ],
    [`pool is an object; ${poolWords}`, () => guardPool(given(new pg.Client()), guard)],
    [`pool is an object; ${poolWords}`, () => guardPool(guardPool(pool(), guard), guard)],
    [`client is undefined; ${clientWords}`, () => guardClient(given(undefined), guard)],
    [`client is an object; ${clientWords}`, () => guardClient(given({}), guard)],
    [`client is an object; ${clientWords}`, () => guardClient(given(pool()), guard)],
    [
      `client is an object; ${clientWords}`,
      () => guardClient(guardClient(new pg.Client(), guard), guard),
    ],
    [
      'driver is null; expected the module pg, not guarded yet',
      () => guardDriver(given(null), guard),
    ],
    [
      'driver is an object; expected the module pg, not guarded yet',
      () => guardDriver(given({}), guard),
    ],
    [
      'driver is an object; expected the module pg, not guarded yet',
      () => guardDriver(given(guardDriver(pg, guard)), guard),
    ],
  ],
  'sql.options': [
    [`guard is null; ${guardWords}`, () => guardPool(pool(), given(null))],
    [`guard is undefined; ${guardWords}`, () => guardPool(pool(), given(undefined))],
    [`guard is an object; ${guardWords}`, () => guardPool(pool(), given(schema))],
    [
      `guard is a promise; await it first: ${guardWords}`,
      () => guardPool(pool(), given(createGuard(schema))),
    ],
    [`guard is an object; ${guardWords}`, () => guardClient(new pg.Client(), given({}))],
    [`guard is undefined; ${guardWords}`, () => guardDriver(pg, given(undefined))],
  ],
}

const otherDoors: Cases = {
  'sql.client': [
    [`dialect is undefined; ${dialectWords}`, () => guardDialect(given(undefined), guard)],
    [`dialect is an object; ${dialectWords}`, () => guardDialect(given({}), guard)],
    [
      `dialect is an object; ${dialectWords}`,
      () => guardDialect(guardDialect(new PostgresDialect({ pool: pool() }), guard), guard),
    ],
    [
      `dialect is an object; ${dialectWords}`,
      () => guardDialect(guardPostgresDialect({ pool: pool() }, guard), guard),
    ],
    [`dialect is a function; ${dialectWords}`, () => guardDialect(given(PostgresDialect), guard)],
    [`pool is undefined; ${poolWords}`, () => guardPostgresDialect(given({}), guard)],
    [
      `pool is an object; ${poolWords}`,
      () => guardPostgresDialect({ pool: guardPool(pool(), guard) }, guard),
    ],
    [
      'sql is null; expected what postgres() of postgres.js gives, not guarded yet',
      () => guardPostgres(given(null), guard),
    ],
    ['sql is an object; expected what postgres() of', () => guardPostgres(given({}), guard)],
    [
      'sql is a function; expected what postgres() of',
      () =>
        guardPostgres(
          given(() => secret),
          guard,
        ),
    ],
    [
      'sql is a function; expected what postgres() of',
      () => guardPostgres(guardPostgres(sql(), guard), guard),
    ],
  ],
  'sql.options': [
    [`guard is an object; ${guardWords}`, () => guardDialect(dialect(), given({}))],
    [
      'config is null; expected what PostgresDialect takes',
      () => guardPostgresDialect(given(null), guard),
    ],
    [`guard is null; ${guardWords}`, () => guardPostgresDialect({ pool: pool() }, given(null))],
    [`guard is undefined; ${guardWords}`, () => guardPostgres(sql(), given(undefined))],
  ],
  'sql.schema': [
    [
      'schema is undefined; expected what defineTenantSchema() gives',
      () => scopePlugin(given(undefined)),
    ],
    ['schema is an object; expected what', () => scopePlugin(given({ users: owner('x') }))],
  ],
}

const work = async (): Promise<string> => secret
const doorWords = 'expected an instance of Kysely, a pool of pg, or a client of postgres.js'
const transactions: Cases = {
  'sql.client': [
    [`door is null; ${doorWords}`, () => withTenantTransaction(given(null), work)],
    [
      `door is a string of 7 characters; ${doorWords}`,
      () => withTenantTransaction(given(secret), work),
    ],
    [`door is an object; ${doorWords}`, () => withTenantTransaction(given({}), work)],
    [`door is an object; ${doorWords}`, () => withTenantTransaction(given(new pg.Client()), work)],
  ],
  'sql.options': [
    [
      'work is undefined; expected a function',
      () => withTenantTransaction(pool(), given(undefined)),
    ],
    [
      'options is null; expected an object with setting, tenantKey',
      () => withTenantTransaction(pool(), work, given(null)),
    ],
    [
      'options has no field "settings"; it may have setting, tenantKey',
      () => withTenantTransaction(pool(), work, given({ settings: secret })),
    ],
    [
      'tenantKey is a string of 7 characters; expected a function',
      () => withTenantTransaction(pool(), work, given({ tenantKey: secret })),
    ],
    [
      'setting is a string of 7 characters; expected a name with a dot, as partywall.tenant',
      () => withTenantTransaction(pool(), work, { setting: secret }),
    ],
    [
      'setting is null; expected a name with a dot',
      () => withTenantTransaction(pool(), work, given({ setting: null })),
    ],
    [
      'setting is a number; expected a name with a dot',
      () => rowSecurityStatements(schema, given({ setting: 5 })),
    ],
  ],
}

const everything = {
  declarations,
  guards,
  databases,
  inspections,
  watches,
  pgDoors,
  otherDoors,
  transactions,
}

describe.each(Object.entries<Cases>(everything))('of %s', (_, cases) => {
  const all = Object.entries(cases).flatMap(([code, some]) =>
    some.map(([says, make]) => [code, says, make] as const),
  )
  it.each(all)('refuses with %s: %s', async (code, says, make) => {
    // Some throw, and some reject.
    const made = (async () => make())()
    await expect(made).rejects.toMatchObject({
      name: 'SqlGuardError',
      code,
      message: expect.stringContaining(says),
    })
    await expect(made).rejects.not.toThrow(secret)
  })
})
