import {
  type Catalogue,
  defineTenantSchema,
  global,
  ownedThrough,
  owner,
  type TenantSchema,
} from '@partywall/sql'

type Tables = Parameters<typeof defineTenantSchema>[0]

/** What is wrong with declarations, before anybody looks at a database. */
export const declarations: readonly (readonly [says: string, make: () => TenantSchema])[] = [
  ['the table users is declared twice', tables({ 'public.users': global(), users: global() })],
  ['expected table or schema.table', tables({ 'a.b.c': global() })],
  ['expected table or schema.table', tables({ '': global() })],
  ['a column of users is declared twice', tables({ users: global({ columns: ['id', 'id'] }) })],
  [
    'words is owned through no column',
    tables({ words: { ...ownedThrough('word_id'), through: [] } }),
  ],
  [
    'the owner column of users has an unusable type; make it one of uuid, int2, int4, int8, text, varchar',
    tables({ users: { ...owner('t'), type: 'citext' as never } }),
  ],
  [
    'the owner column of users is not among its columns',
    tables({ users: owner('t', { columns: ['id'] }) }),
  ],
  [
    'a model is blank or (unknown), or its severity is none',
    tables({ users: { ...owner('t'), model: '' } }),
  ],
  [
    'a model is blank or (unknown), or its severity is none',
    tables({ users: owner('t', { model: '(unknown)' }) }),
  ],
  [
    'a model is blank or (unknown), or its severity is none',
    tables({ users: { ...owner('t'), severity: 'LOW' as never } }),
  ],
  [
    'the model User is declared with two severities',
    tables({
      a: owner('t', { model: 'User' }),
      b: owner('t', { model: 'User', severity: 'CRITICAL' }),
    }),
  ],
  [
    '`functions` names query_to_xml, which reads or changes more',
    () => defineTenantSchema({}, { functions: ['mine', 'query_to_xml'] }),
  ],
  [
    '',
    tables({
      a: owner('t', { model: 'User' }),
      b: ownedThrough('a_id', { model: 'User' }),
      c: global({ columns: ['id', 'name'] }),
      'other.a': owner('t', { columns: ['id', 't'] }),
    }),
  ],
]

/** What a database is refused with in which NULL equals NULL. */
export const nullEquals: readonly (readonly [
  says: string,
  found: Catalogue['nullEquals'][number],
])[] = [
  [
    'sessions of every role in every database: ALTER ROLE ALL RESET transform_null_equals',
    { by: 'sessions', role: null, database: null },
  ],
  [
    'sessions of every role in shop: ALTER DATABASE "shop" RESET transform_null_equals',
    { by: 'sessions', role: null, database: 'shop' },
  ],
  [
    'sessions of a"b in every database: ALTER ROLE "a""b" RESET transform_null_equals',
    { by: 'sessions', role: 'a"b', database: null },
  ],
  [
    'sessions of app in shop: ALTER ROLE "app" IN DATABASE "shop" RESET transform_null_equals',
    { by: 'sessions', role: 'app', database: 'shop' },
  ],
  [
    'the configuration of the server: ALTER SYSTEM SET transform_null_equals = off; SELECT pg_reload_conf()',
    { by: 'server', role: null, database: null },
  ],
  ['the command line of the server: leave it out', { by: 'start', role: null, database: null }],
  ['the options of the connection: leave it out', { by: 'connection', role: null, database: null }],
  [
    'a statement of the session: RESET transform_null_equals',
    { by: 'statement', role: null, database: null },
  ],
]

function tables(declared: Tables): () => TenantSchema {
  return () => defineTenantSchema(declared)
}

/** What stands under a name: the model, what it is called, its severity. */
export const lookups: readonly (readonly [
  expected: string | undefined,
  name: string,
  schema?: string,
])[] = [
  ['User', 'users'],
  ['User', 'users', 'app'],
  [undefined, 'users', 'public'],
  [undefined, 'Users'],
  [undefined, 'entries'],
  ['audit.entries', 'entries', 'audit'],
  ['pages', 'pages'],
  ['countries', 'countries'],
  [undefined, 'constructor'],
]

export const lookedUp: TenantSchema = defineTenantSchema(
  {
    users: owner('tenant_id', { model: 'User', severity: 'CRITICAL' }),
    'audit.entries': owner('tenant_id'),
    pages: ownedThrough('folder_key'),
    countries: global(),
  },
  { defaultSchema: 'app', extensions: ['unaccent'] },
)

export const models = { User: 'CRITICAL', 'audit.entries': 'HIGH', pages: 'HIGH' } as const
