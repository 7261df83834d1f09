import { createTenantContext, runWithTenant } from '@partywall/context'
import {
  type CatalogueLook,
  createGuard,
  defineTenantSchema,
  liveSchema,
  loadCatalogue,
  owner,
  watchCatalogue,
} from '@partywall/sql'
import { guardPool } from '@partywall/sql/pg'
import { guardPostgres } from '@partywall/sql/postgres'
import { verifyRowSecurity } from '@partywall/sql/row-security'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import pg from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { postgresOptions } from './postgres-shop.ts'

const acme = createTenantContext({ tenantId: 'acme', env: 'prod' })
const declared = defineTenantSchema({ notes: owner('tenant_id') })

let server: PostgresServer
let admin: pg.Client
let role: string
let database: string
beforeAll(async () => {
  server = await startPostgres()
  admin = new pg.Client({ connectionString: server.url })
  await admin.connect()
  database = server.connection.database
  role = `asks_${database.slice(-8)}`
  await admin.query(`create table notes (id int, tenant_id text, title text);
    insert into notes values (1, 'acme', null), (2, 'globex', null);
    create role ${role} login password 'open'; create role ${role}_group nologin;
    grant select on notes to ${role}`)
})
afterAll(async () => {
  await admin.query(`drop owned by ${role}; drop role ${role}, ${role}_group`)
  await admin.end()
  await server.stop()
})

/** What a database is refused with, if it is. */
async function refusal(client: pg.Client): Promise<string> {
  const catalogue = await loadCatalogue(client)
  try {
    liveSchema(declared, catalogue)
    return ''
  } catch (error) {
    return String(error)
  }
}

/** A session of the role that serves tenants. */
async function session(options?: string): Promise<pg.Client> {
  const url = new URL(server.url)
  url.username = role
  url.password = 'open'
  const client = new pg.Client({ connectionString: url.href, options })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** By a query that should find nothing, in sessions that begin now. */
async function isOn(): Promise<boolean> {
  const { rowCount } = await (await session()).query('select id from notes where title = null')
  return rowCount === 2
}

const places: readonly (readonly [place: string, whom: () => string, mend: () => string])[] = [
  ['a role', () => `role ${role}`, () => `ROLE "${role}"`],
  [
    'a role in this database',
    () => `role ${role} in database ${database}`,
    () => `ROLE "${role}" IN DATABASE "${database}"`,
  ],
  ['this database', () => `database ${database}`, () => `DATABASE "${database}"`],
  [
    'every role in this database',
    () => `role all in database ${database}`,
    () => `DATABASE "${database}"`,
  ],
]

// mutation src/schema/live-schema.ts: refuseTextSettings(catalogue) => void catalogue
it.each(places)('refuses a database where NULL equals NULL for %s', async (_, whom, mend) => {
  expect(await refusal(admin)).toBe('')
  await admin.query(`alter ${whom()} set transform_null_equals = 'yes'`)
  expect(await isOn()).toBe(true)
  const message = await refusal(admin)
  const mending = `ALTER ${mend()} RESET transform_null_equals`
  expect(message).toContain('transform_null_equals is on')
  expect(message).toContain(mending)
  const findings = await verifyRowSecurity(admin, declared, { roles: [role] })
  expect(findings).toContainEqual(expect.objectContaining({ rule: 'null-equals', mend: [mending] }))
  await admin.query(mending)
  expect(await isOn()).toBe(false)
  expect(await refusal(admin)).toBe('')
})

it('does not mind what is turned off, or what begins no session', async () => {
  onTestFinished(async () => {
    await admin.query(`alter role ${role} reset all; alter role ${role}_group reset all`)
  })
  await admin.query(`alter role ${role} set transform_null_equals = off;
    alter role ${role}_group set transform_null_equals = on`)
  expect(await isOn()).toBe(false)
  expect(await refusal(admin)).toBe('')
})

it('refuses it in the session that looks, by whatever it was turned on', async () => {
  const told = await session('-c transform_null_equals=on')
  expect(await refusal(told)).toContain('the options of the connection: leave it out')
  const later = await session()
  await later.query('set transform_null_equals = on')
  expect(await refusal(later)).toContain('RESET transform_null_equals')
})

/** As the role that serves tenants is answered, by sessions that begin now. */
async function isSplit(): Promise<boolean> {
  const { rows } = await (await session()).query(String.raw`select '\' as a, ' as b --'`)
  return rows[0]?.b !== undefined
}

const others: readonly (readonly [setting: string, values: readonly string[], says: string])[] = [
  [
    'standard_conforming_strings',
    ['off', '0', 'No'],
    'standard_conforming_strings is off, and strings end elsewhere than they seem to',
  ],
  [
    'client_encoding',
    ['SJIS', 'latin1', "'sql_ascii'"],
    'client_encoding is not UTF8, and a part of a character can be a quote',
  ],
]

describe.each(others)('%s', (setting, values, says) => {
  // mutation src/schema/live-schema.ts: refuseTextSettings(catalogue) => void catalogue
  it.each(places)('is looked for in the sessions of %s', async (_, whom, mend) => {
    for (const value of values) {
      await admin.query(`alter ${whom()} set ${setting} = ${value}`)
      const message = await refusal(admin)
      const mending = `ALTER ${mend()} RESET ${setting}`
      expect(message).toContain(says)
      expect(message).toContain(mending)
      await admin.query(mending)
      expect(await refusal(admin)).toBe('')
    }
  })

  it('is not minded where it is usual, or begins no session', async () => {
    onTestFinished(async () => {
      await admin.query(`alter role ${role} reset all; alter role ${role}_group reset all`)
    })
    await admin.query(`alter role ${role}_group set ${setting} = ${values[0]}`)
    for (const value of setting === 'client_encoding'
      ? ['UTF8', "'utf-8'", 'unicode']
      : ['on', '1']) {
      await admin.query(`alter role ${role} set ${setting} = ${value}`)
      expect(await refusal(admin)).toBe('')
    }
  })
})

describe('backslashes that escape', () => {
  const other = '-c standard_conforming_strings=off'

  it('are refused with all that mends them, beside what else is wrong', async () => {
    onTestFinished(async () => {
      await admin.query(`alter database ${database} reset all; alter role ${role} reset all`)
    })
    await admin.query(`alter database ${database} set standard_conforming_strings = off;
      alter role ${role} set transform_null_equals = on`)
    expect(await isSplit()).toBe(true)
    expect((await refusal(admin)).split('\n')).toEqual([
      expect.stringContaining('transform_null_equals is on'),
      `sessions of ${role} in every database: ALTER ROLE "${role}" RESET transform_null_equals`,
      expect.stringContaining('standard_conforming_strings is off'),
      `sessions of every role in ${database}: ALTER DATABASE "${database}" RESET standard_conforming_strings`,
    ])
  })

  it('are refused in the session that looks, by whatever they were turned on', async () => {
    const told = await session(other)
    expect(await refusal(told)).toContain('the options of the connection: leave it out')
    const later = await session()
    await later.query('set standard_conforming_strings = off')
    expect(await refusal(later)).toContain('RESET standard_conforming_strings')
  })

  // mutation src/schema/text-settings.ts: usual: 'on' => usual: 'off'
  it.each([
    ['server', 'ALTER SYSTEM SET standard_conforming_strings = on; SELECT pg_reload_conf()'],
    ['start', 'the command line of the server: leave it out'],
  ] as const)('are refused by the server itself: %s', async (by, says) => {
    const found = {
      setting: 'standard_conforming_strings',
      by,
      role: null,
      database: null,
    } as const
    const catalogue = { ...(await loadCatalogue(admin)), textSettings: [found] }
    expect(() => liveSchema(declared, catalogue)).toThrow(says)
  })

  it('are not asked for in catalogues that were kept from before', async () => {
    const { textSettings, ...kept } = await loadCatalogue(admin)
    expect(textSettings).toEqual([])
    expect(() => liveSchema(declared, kept)).not.toThrow()
  })
})

it('refuses every statement on a table while it is on, and none after', async () => {
  const guard = await createGuard(declared)
  const looks: CatalogueLook[] = []
  const watch = await watchCatalogue({
    guard,
    declared,
    load: () => loadCatalogue(admin),
    everyMs: 0,
    onLook: (look) => looks.push(look),
  })
  onTestFinished(() => watch.close())
  const check = (): unknown =>
    runWithTenant(acme, () =>
      guard.session().check({
        text: 'select id from notes where tenant_id = $1 and title = null',
        values: ['acme'],
      }),
    )
  check()
  await admin.query(`alter database ${database} set transform_null_equals = on`)
  expect(await watch.look()).toMatchObject({ kind: 'contradiction', error: { code: 'sql.schema' } })
  expect(check).toThrow('TENANT_CONTEXT_REQUIRED')
  await expect(
    watchCatalogue({ guard, declared, load: () => loadCatalogue(admin) }),
  ).rejects.toThrow('ALTER DATABASE')
  await admin.query(`alter database ${database} reset transform_null_equals`)
  expect(await watch.look()).toEqual({ kind: 'changed' })
  check()
  expect(looks.map(({ kind }) => kind)).toEqual(['contradiction', 'changed'])
})

it.each([
  '-c transform_null_equals=on',
  '-c transform-null-equals=on',
  '--Transform-Null-Equals=on',
  '-c transform\\_null\\_equals=on',
])('is refused in the options of a connection, however they spell it: %s', async (options) => {
  const { rowCount } = await (await session(options)).query(
    'select id from notes where title = null',
  )
  expect(rowCount).toBe(2)
  const guard = await createGuard(declared)
  const pool = guardPool(new pg.Pool({ connectionString: server.url, options }), guard)
  onTestFinished(() => pool.end())
  const own = 'select id from notes where tenant_id = $1 and title = null'
  await expect(runWithTenant(acme, () => pool.query(own, ['acme']))).rejects.toMatchObject({
    message: 'TENANT_CONTEXT_REQUIRED: (unknown)',
  })
  const raw = postgres({ ...postgresOptions(server.url), connection: { options } })
  expect(() => guardPostgres(raw, guard)).toThrow('transform_null_equals')
})
