import { once } from 'node:events'
import { createServer } from 'node:net'
import { Readable } from 'node:stream'
import { type PostgresDatabase, startPostgres } from '@partywall/testing'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { useDatabase } from '../src/database.ts'
import { withoutSecrets } from '../src/without-secrets.ts'
import { bundlePrograms } from './fixtures/bundle.ts'
import { type CallOptions, type SqlWorld, secret, startSqlWorld } from './fixtures/sql-world.ts'
import type { Ended } from './fixtures/world.ts'

let world: SqlWorld
beforeAll(async () => {
  world = await startSqlWorld()
}, 60_000)
afterAll(() => world.stop())

const told: string[] = []
afterEach(() => {
  // Whatever was asked for, and whatever came of it.
  for (const text of told) expect(text).not.toContain(secret)
  told.length = 0
})

async function cli(argv: readonly string[], options?: CallOptions): Promise<Ended> {
  const ended = await world.cli(argv, options)
  told.push(ended.stdout, ended.stderr)
  return ended
}

const offline = ['--schema', 'tenant-schema.mjs'] as const
const database = (): CallOptions => ({ environment: { DATABASE_URL: world.url } })

function flat(text: string): string {
  return text.replace(/\s+/g, ' ')
}

async function refusal(argv: readonly string[], options?: CallOptions): Promise<string> {
  const { code, stdout, stderr } = await cli(argv, options)
  expect(code, stderr).toBe(2)
  expect(stdout).toBe('')
  return flat(stderr)
}

async function result(
  argv: readonly string[],
  options?: CallOptions,
): Promise<{ code: number; result: Record<string, unknown> }> {
  const { code, stdout } = await cli([...argv, '--json'], options)
  return { code, result: (JSON.parse(stdout) as { result: Record<string, unknown> }).result }
}

const confined = 'select email from users where tenant_id = $1'
const open = 'select email from users'

describe('bad input', () => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['sql', 'prove'], /there is no SQL: give a text, or --file, or pipe it/],
    [['sql', 'prove', open, '--file', 'a.sql', ...offline], /give a text or --file, not both/],
    [['sql', 'prove', ' -- nothing', ...offline], /there is no statement in the SQL/],
    [['sql', 'prove', 'select', '1', ...offline], /too many arguments/],
    [
      ['sql', 'prove', open],
      /--schema, PARTYWALL_SCHEMA, or "schema" in the file of --config; or --owner-column/,
    ],
    [['sql', 'prove', open, '--schema', ''], /--schema is an empty string; expected a path/],
    [['sql', 'prove', open, '--schema', 'absent.mjs'], /tenant schema cannot be read \(ENOENT\)/],
    [['sql', 'prove', open, '--file', 'absent.sql', ...offline], /give a text or --file/],
    [['sql', 'prove', '--file', 'absent.sql', ...offline], /absent.sql is unreadable \(ENOENT\)/],
    [['sql', 'prove', open, ...offline, '--owner-column', 'x'], /cannot be used with/],
    [
      ['sql', 'prove', open, '--owner-column', 'x'],
      /the database is not given: use DATABASE_URL, or --database-url/,
    ],
    [['sql', 'prove', open, ...offline, '--live'], /the database is not given/],
    [['sql', 'prove', open, ...offline, '--timeout', '0'], /expected a whole number, 1 to 600/],
    [
      ['sql', 'prove', open, ...offline, '--database-url', 'mysql://x'],
      /--database-url is a string of 9 characters; expected postgresql:\/\//,
    ],
    [['sql', 'prove', open, `--databse-url=postgres://me:${secret}@h/db`], /unknown option/],
    [['sql', 'audit', `postgres://me:${secret}@h/db`, ...offline], /too many arguments/],
    [['sql', `postgres://me:${secret}@h/db`], /unknown command/],
    [['sql', 'check', ...offline], /missing required argument 'files'/],
    [['sql', 'check', 'a.sql', ...offline, '--sarif', '--json'], /cannot be used with/],
    [
      ['sql', 'audit', ...offline, '--fail-on', 'high'],
      /Allowed choices are CRITICAL, HIGH, MEDIUM, LOW/,
    ],
    [['sql', 'audit', ...offline, '--sarif', '--sql'], /cannot be used with/],
    [['sql', 'audit', ...offline], /the database is not given/],
    [['sql', 'audit'], /the module of the tenant schema is not given/],
    [['sql', 'schema'], /required option '--owner-column <name>'/],
    [['sql', 'schema', '--owner-column', 'tenant_id'], /the database is not given/],
  ]
  for (const [argv, expected] of wrong) {
    it(`ends with 2 and says why: ${argv.join(' ').replaceAll(secret, '…')}`, async () => {
      const said = argv.includes('--json') ? (await cli(argv)).stdout : await refusal(argv)
      expect(flat(said)).toMatch(expected)
    })
  }

  it('reads no SQL from a terminal, where nobody would know that it waits', async () => {
    const stdin = Object.assign(Readable.from([open]), { isTTY: true })
    expect(await refusal(['sql', 'prove', ...offline], { stdin })).toContain('there is no SQL')
  })

  it('tells of every file that it cannot read, at once', async () => {
    world.write('latin.sql', Buffer.from([0x73, 0xe9]))
    world.write('long.sql', `select '${'x'.repeat(1_000_000)}'`)
    world.write('good.sql', confined)
    const files = ['absent.sql', 'latin.sql', '.', 'long.sql', 'good.sql']
    const said = await refusal(['sql', 'check', ...files, ...offline])
    expect(said).toContain('absent.sql is unreadable (ENOENT); expected a file of SQL in UTF-8')
    expect(said).toContain('latin.sql is not in UTF-8;')
    expect(said).toContain('. is a folder;')
    expect(said).toContain('long.sql is longer;')
    expect(said).not.toContain('good.sql')
    const input = { stdin: Readable.from(['x'.repeat(600_000), 'x'.repeat(600_000)]) }
    expect(await refusal(['sql', 'prove', ...offline], input)).toContain('the input is longer;')
  })

  it.each([
    [
      'nothing of the kind',
      'export const tables = {}',
      /exports none: export what defineTenantSchema/,
    ],
    ['something of another shape', 'export default { relations: {} }', /exports none/],
    ['a mistake', 'export const schema = (', /cannot be loaded/],
    [
      'an error with a URL in it',
      `throw new Error('postgres://me:${secret}@h/db is gone')`,
      /postgres:\/\/h\/db is gone/,
    ],
    ['something that is no error', 'throw 7', /throws something that is no error/],
    [
      'declarations that contradict each other',
      `import { defineTenantSchema, owner } from '@partywall/sql'
       export default defineTenantSchema({ a: owner('t'), 'public.a': owner('t') })`,
      /the table public.a is declared twice/,
    ],
  ])('says what is wrong with a module that holds %s', async (what, text, expected) => {
    const name = `${what.replaceAll(' ', '-')}.mjs`
    world.write(name, text)
    expect(await refusal(['sql', 'prove', open, '--schema', name])).toMatch(expected)
  })

  it('says that declarations and database do not fit each other', async () => {
    world.write(
      'other.mjs',
      `import { defineTenantSchema, owner } from '@partywall/sql'
      export default defineTenantSchema({ users: owner('org_id'), gone: owner('tenant_id') })`,
    )
    const said = await refusal(
      ['sql', 'prove', open, '--schema', 'other.mjs', '--live'],
      database(),
    )
    expect(said).toContain('users has no owner column org_id')
    expect(said).toContain('public.gone does not exist')
    expect(await refusal(['sql', 'schema', '--owner-column', 'org_id'], database())).toContain(
      'no table of the database has the owner column',
    )
  })
})

it('takes users and passwords out of URLs, and leaves the rest as it was', () => {
  for (const [text, shown] of [
    [`postgres://me:${secret}@h/db`, 'postgres://h/db'],
    [
      `two: redis://:${secret}@h, "amqp://u:${secret}/x@y@h/v" end`,
      'two: redis://h, "amqp://h/v" end',
    ],
    [
      'see https://example.com/a or mail me@example.com',
      'see https://example.com/a or mail me@example.com',
    ],
    ['file:///a/node_modules/@partywall/sql', 'file:///a/node_modules/@partywall/sql'],
  ] as const) {
    expect(withoutSecrets(text)).toBe(shown)
  }
})

describe('a database that cannot be used', () => {
  const asked = ['sql', 'schema', '--owner-column', 'tenant_id'] as const
  const at = (url: string): CallOptions => ({ environment: { DATABASE_URL: url } })

  it('is told to be away', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    server.close()
    await once(server, 'close')
    const said = await refusal(asked, at(`postgres://me:${secret}@127.0.0.1:${port}/db`))
    expect(said).toContain('the database cannot be reached (ECONNREFUSED): see whether it runs')
  })

  it('is told not to let us in', async () => {
    const url = new URL(world.url)
    url.pathname = '/nobody_made_this'
    expect(await refusal(asked, at(url.href))).toContain('does not let us in (3D000)')
  })

  it('is waited for as long as was said, where it takes a connection and says nothing', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    try {
      const argv = [...asked, '--timeout', '1']
      const said = await refusal(argv, at(`postgres://me:${secret}@127.0.0.1:${port}/db`))
      expect(said).toContain('did not answer within 1 s: see whether it is busy')
    } finally {
      server.close()
    }
  })

  it('lets nobody write, whatever a command would do', async () => {
    const surroundings = {
      options: { timeout: 10 },
      environment: { DATABASE_URL: world.url },
    }
    for (const text of ['create table written (id int)', 'delete from users']) {
      await expect(useDatabase(surroundings, (db) => db.query(text))).rejects.toMatchObject({
        code: 'cli.configuration',
        message: 'the database cannot be read (25006)',
      })
    }
  })

  it('is waited for as long as was said, where it is busy', async () => {
    await world.admin.query('begin; lock table pg_catalog.pg_attribute in access exclusive mode')
    try {
      for (const argv of [asked, ['sql', 'audit', ...offline]]) {
        const said = await refusal([...argv, '--timeout', '1'], database())
        expect(said).toMatch(/did not answer within 1 s/)
      }
    } finally {
      await world.admin.query('rollback')
    }
  })
})

describe('sql prove', () => {
  it('says what confines each relation, and ends with 0 when nothing is open', async () => {
    const join =
      'select 1 from users u join orders o on o.tenant_id = u.tenant_id where u.tenant_id = $1'
    const { code, stdout } = await cli(['sql', 'prove', join, ...offline])
    expect(code).toBe(0)
    expect(stdout).toContain('User u is confined when $1 is the tenant: u.tenant_id = $1')
    expect(flat(stdout)).toContain(
      'Order o is confined when $1 is the tenant: o.tenant_id = u.tenant_id = $1',
    )
    expect(stdout).toContain('1 statement, none of them open')
  })

  it('says what would close an open one, and ends with 1', async () => {
    const { code, stdout } = await cli(['sql', 'prove', open, ...offline])
    expect(code).toBe(1)
    expect(flat(stdout)).toContain(
      'User is open: compare its owner column itself with the tenant in WHERE',
    )
    expect(stdout).toContain('1 statement, 1 of them open')
  })

  it('gives the same as JSON, with what stood in the way of a proof', async () => {
    const text = `${confined};\nselect * from nowhere; select 1;\n select pg_sleep(1)`
    const { code, result: found } = await result(['sql', 'prove', text, ...offline])
    expect(code).toBe(1)
    expect(found).toMatchObject({
      statements: 4,
      open: 2,
      proofs: [
        {
          line: 1,
          column: 1,
          open: false,
          relations: [{ model: 'User', tenantIs: ['$1'], open: false }],
        },
        {
          line: 2,
          open: true,
          relations: [
            { model: '(unknown)', detail: 'unknown_relation', obstacle: 'nowhere', open: true },
          ],
        },
        { line: 2, column: 24, open: false, relations: [] },
        { line: 3, column: 2, open: true, relations: [{ detail: 'unsupported' }] },
      ],
    })
    const { stdout } = await cli(['sql', 'prove', text, ...offline])
    expect(flat(stdout)).toContain('the schema does not declare: nowhere')
    expect(flat(stdout)).toContain('it names no table of a tenant')
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  })

  it('reads a file, or what is piped in', async () => {
    world.write('open.sql', `\ufeff${open}\n`)
    expect((await cli(['sql', 'prove', '-f', 'open.sql', ...offline])).code).toBe(1)
    expect((await cli(['sql', 'prove', ...offline], { stdin: open })).code).toBe(1)
    expect((await cli(['sql', 'prove', ...offline], { stdin: confined })).code).toBe(0)
  })

  it('finds the schema in the environment and in the configuration, too', async () => {
    const schema = { environment: { PARTYWALL_SCHEMA: 'tenant-schema.mjs' } }
    expect((await cli(['sql', 'prove', confined], schema)).code).toBe(0)
    world.write('partywall.json', JSON.stringify({ schema: 'tenant-schema.mjs' }))
    expect((await cli(['sql', 'prove', confined, '--config', 'partywall.json'])).code).toBe(0)
    const check = await cli(['config', 'check', '--config', 'partywall.json'])
    expect(check.stdout).toMatch(/^tenant schema +ok$/m)
    expect((await cli(['config', 'check', '--schema', 'absent.mjs'])).stdout).toContain('ENOENT')
  })

  it('asks the database where it is told to, and only there', async () => {
    const through =
      'select item from lines l join orders o on o.id = l.order_id where o.tenant_id = $1'
    const view = 'select email from emails where tenant_id = $1'
    for (const text of [through, view]) {
      const prove = ['sql', 'prove', text]
      const nowhere = { environment: { DATABASE_URL: 'postgres://127.0.0.1:1/gone' } }
      expect((await cli([...prove, ...offline], nowhere)).code).toBe(1)
      expect((await cli([...prove, ...offline, '--live'], database())).code).toBe(0)
      const given = ['--database-url', world.url]
      expect((await cli([...prove, ...offline, ...given])).code).toBe(0)
      expect((await cli([...prove, '--owner-column', 'tenant_id'], database())).code).toBe(0)
    }
    const unowned = ['sql', 'prove', 'select item from lines', '--owner-column', 'tenant_id']
    expect((await cli(unowned, database())).code).toBe(1)
  })
})

it('answers whatever text it is given', { timeout: 60_000 }, async () => {
  const words = [
    'select',
    '*',
    'from',
    'users',
    'where',
    'tenant_id',
    '=',
    '$1',
    ';',
    '(',
    ')',
    `'`,
  ]
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom(...words, '"', '$$', '\\d', '--', '/*', 'or'))
      .map((it) => it.join(' ')),
  )
  await fc.assert(
    fc.asyncProperty(text, async (sql) => {
      expect([0, 1, 2]).toContain((await cli(['sql', 'prove', ...offline, '--', sql])).code)
    }),
  )
})

describe('sql check', () => {
  it('names the place of each open statement, and ends with 1', async () => {
    world.write(
      'a b.sql',
      `-- first\n${confined};\n\n  ${open};\nselect from where;\ndelete from users;\n`,
    )
    world.write('good.sql', `${confined};\nselect name from countries;`)
    const { code, stdout } = await cli([
      'sql',
      'check',
      'a b.sql',
      'good.sql',
      'good.sql',
      ...offline,
    ])
    expect(code).toBe(1)
    expect(stdout.split('\n').filter((line) => /^\S+ b.sql:/.test(line))).toEqual([
      'a b.sql:4:3',
      'a b.sql:5:1',
      'a b.sql:6:1',
    ])
    expect(stdout).toContain('PostgreSQL does not read this text: syntax error at or near "where"')
    expect(stdout).toContain('6 statements in 2 files, 3 of them open')
    expect(stdout).not.toContain('good.sql')
    expect(await cli(['sql', 'check', 'good.sql', ...offline])).toMatchObject({
      code: 0,
      stdout: '2 statements in 1 file, none of them open\n',
    })
  })

  it('gives every statement as JSON', async () => {
    world.write('two.sql', `${confined};\n${open}`)
    const { code, result: found } = await result(['sql', 'check', 'two.sql', ...offline])
    expect(code).toBe(1)
    expect(found).toMatchObject({
      files: 1,
      statements: 2,
      open: 1,
      proofs: [
        { file: 'two.sql', line: 1, open: false },
        { file: 'two.sql', line: 2, open: true, relations: [{ model: 'User' }] },
      ],
    })
  })

  it('gives open statements as SARIF beside their files, alike when lines move', async () => {
    const sarif = async (): Promise<SarifRun> => {
      const { code, stdout } = await cli(['sql', 'check', 'ä b.sql', '--sarif', ...offline])
      expect(code).toBe(1)
      const log = JSON.parse(stdout) as { version: string; runs: readonly [SarifRun] }
      expect(log.version).toBe('2.1.0')
      return log.runs[0]
    }
    world.write('ä b.sql', `${confined};\n${open};\n${open};\nselec`)
    const before = await sarif()
    expect(before.results).toMatchObject([
      {
        ruleId: 'open',
        level: 'error',
        message: { text: expect.stringContaining('User is open') },
      },
      { ruleId: 'open' },
      { ruleId: 'unparsable' },
    ])
    world.write('writes.sql', 'insert into users (name) values ($1)')
    const { stdout } = await cli(['sql', 'check', 'writes.sql', '--sarif', ...offline])
    expect(JSON.parse(stdout)).toMatchObject({ runs: [{ results: [{ ruleId: 'tenant_write' }] }] })
    const [first] = before.results
    expect(first?.locations).toEqual([
      {
        physicalLocation: {
          artifactLocation: { uri: '%C3%A4%20b.sql' },
          region: { startLine: 2, startColumn: 1 },
        },
      },
    ])
    for (const { ruleId, ruleIndex } of before.results) {
      expect(before.tool.driver.rules[ruleIndex]?.id).toBe(ruleId)
    }
    world.write('ä b.sql', `\n\n${open};\n\n  ${open};\nselec`)
    const after = await sarif()
    const prints = (run: SarifRun): readonly unknown[] =>
      run.results.map((it) => it.partialFingerprints)
    expect(prints(after)).toEqual(prints(before))
    expect(new Set(prints(after).map((each) => JSON.stringify(each))).size).toBe(3)
  })

  interface SarifRun {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
    readonly results: readonly {
      readonly ruleId: string
      readonly ruleIndex: number
      readonly locations: unknown
      readonly partialFingerprints: unknown
    }[]
  }
})

describe('sql schema', () => {
  it('prints a module that the other commands take', async () => {
    const { code, stdout } = await cli(['sql', 'schema', '--owner-column', 'tenant_id'], database())
    expect(code).toBe(0)
    expect(stdout).toContain(`users: owner('tenant_id'),`)
    expect(stdout).toContain(`lines: ownedThrough('order_id'),`)
    world.write('generated.ts', stdout)
    const prove = ['sql', 'prove', open, '--schema', 'generated.ts']
    expect((await cli(prove)).stdout).toContain('users is open')
    const { result: found } = await result(
      ['sql', 'schema', '--owner-column', 'tenant_id'],
      database(),
    )
    expect(found).toEqual({
      source: stdout,
      owned: ['public.orders', 'public.users'],
      through: ['public.lines'],
      global: ['public.countries'],
    })
  })
})

describe('sql audit', () => {
  const audit = (): readonly string[] => ['sql', 'audit', ...offline, '--role', world.role]

  it('shows each finding with the SQL that mends it, and ends with 1', async () => {
    const { code, stdout } = await cli(audit(), database())
    expect(code).toBe(1)
    expect(stdout).toMatch(/^HIGH {6}public.users {2}row-security-disabled$/m)
    expect(stdout).toMatch(
      /^ +→ ALTER TABLE "public"."users" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;$/m,
    )
    expect(stdout).toMatch(/^\d+ HIGH, \d+ MEDIUM/m)
  })

  it('ends with 1 from the chosen severity on', async () => {
    const codes: number[] = []
    for (const severity of ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL']) {
      codes.push((await cli([...audit(), '--fail-on', severity], database())).code)
    }
    expect(codes).toEqual([1, 1, 1, 0])
  })

  it('gives JSON, and SARIF beside the module of the schema', async () => {
    const { code, result: found } = await result(audit(), database())
    expect(code).toBe(1)
    expect(found).toMatchObject({ format: 'partywall.sql.audit/1', failOn: 'HIGH' })
    const sarif = await cli([...audit(), '--sarif'], database())
    expect(sarif.code).toBe(1)
    const { runs } = JSON.parse(sarif.stdout) as {
      runs: readonly { results: readonly unknown[] }[]
    }
    expect(runs[0]?.results).toHaveLength((found['findings'] as readonly unknown[]).length)
    expect(JSON.stringify(runs[0]?.results[0])).toContain('"uri":"tenant-schema.mjs"')
    world.write('tenant schema.mjs', "export { schema } from './tenant-schema.mjs'")
    const odd = ['sql', 'audit', '--schema', 'tenant schema.mjs', '--role', world.role, '--sarif']
    expect((await cli(odd, database())).stdout).toContain('"uri": "tenant%20schema.mjs"')
    const derived = await cli(
      ['sql', 'audit', '--owner-column', 'tenant_id', '--role', world.role, '--sarif'],
      database(),
    )
    expect(derived.stdout).not.toContain('artifactLocation')
  })

  it('refuses a role that is not there, and says so', async () => {
    const argv = ['sql', 'audit', ...offline, '--role', 'nobody_made_this']
    expect(await refusal(argv, database())).toMatch(/role/)
  })

  it('changes nothing, and prints SQL after which it finds nothing as bad', async () => {
    const server = await startPostgres()
    let other: PostgresDatabase | undefined
    try {
      other = await server.createDatabase()
      const client = new pg.Client({ connectionString: other.url })
      await client.connect()
      try {
        await client.query('create table users (id int, tenant_id text not null)')
        const role = `mended_${other.connection.database.slice(-8)}`
        await client.query(`create role ${role} login; grant select on users to ${role}`)
        try {
          const argv = ['sql', 'audit', '--owner-column', 'tenant_id', '--role', role]
          const there = { environment: { DATABASE_URL: other.url } }
          const before = await cli([...argv, '--sql'], there)
          expect(before.code).toBe(1)
          expect((await cli([...argv, '--sql'], there)).stdout).toBe(before.stdout)
          await client.query(before.stdout)
          expect(await cli(argv, there)).toMatchObject({ code: 0, stdout: 'nothing found\n' })
        } finally {
          await client.query(`drop owned by ${role}; drop role ${role}`)
        }
      } finally {
        await client.end()
      }
    } finally {
      await other?.drop()
      await server.stop()
    }
  })
})

it('has help with examples on every sql command, within 100 columns', async () => {
  for (const name of ['prove', 'check', 'audit', 'schema']) {
    const { code, stdout } = await cli(['sql', name, '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain(`  $ partywall sql ${name}`)
    expect(stdout).toContain('--json')
    expect(stdout).toContain('--config <file>')
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100)
    for (const [, example = ''] of stdout.matchAll(/^ {2}\$ partywall (.*)$/gm)) {
      // A shell would make nothing of $1 in double quotes.
      expect(example).not.toMatch(/"[^"]*\$\d/)
      const words = [...example.replace(/ [<>] .*$/, '').matchAll(/['"]([^'"]*)['"]|(\S+)/g)].map(
        ([, quoted, plain]) => quoted ?? plain ?? '',
      )
      expect((await cli([...words, '--config', 'absent'])).stderr, example).not.toContain('--help')
    }
  }
  expect((await cli(['sql'])).code).toBe(2)
})

it('runs as a program that reads what is piped into it', { timeout: 60_000 }, async () => {
  const programs = await bundlePrograms()
  try {
    const { spawn } = await import('node:child_process')
    const { text } = await import('node:stream/consumers')
    const run = async (argv: readonly string[], input: string): Promise<Ended> => {
      const child = spawn(process.execPath, [programs.partywall, ...argv], {
        cwd: world.folder,
        env: { PATH: process.env['PATH'], DATABASE_URL: world.url },
      })
      const closed = once(child, 'close')
      child.stdin.end(input)
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
      const [code] = (await closed) as [number | null]
      told.push(stdout, stderr)
      return { code: code ?? -1, stdout, stderr }
    }
    const prove = ['sql', 'prove', '--owner-column', 'tenant_id']
    expect(await run(prove, confined)).toMatchObject({ code: 0, stderr: '' })
    expect(await run(prove, open)).toMatchObject({ code: 1, stderr: '' })
    expect(await run(['sql', 'audit', '--owner-column', 'tenant_id'], '')).toMatchObject({
      code: 1,
      stderr: '',
    })
  } finally {
    programs.remove()
  }
})
