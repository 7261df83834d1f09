import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import { build } from 'esbuild'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startEmbeddedPostgres } from '../src/embedded-postgres.ts'
import { closedPort, portOf, silentServer } from './faulty-ports.ts'

const own = { env: {} } as const
let postgres: PostgresServer
beforeAll(async () => {
  postgres = await startPostgres(own)
})
afterAll(() => postgres.stop())

async function rows(url: string, text: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

const databasesOf = (url: string): Promise<readonly unknown[]> =>
  rows(url, "select datname from pg_database where datname like 'partywall\\_%' order by 1")

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error('it did not happen within 10 s')
    await pause(20)
  }
}

describe('with DATABASE_URL', () => {
  const advice =
    'start it or correct the URL, or unset DATABASE_URL to use the PostgreSQL that npm carries'

  it('refuses a server that does not answer, in one sentence without the URL', async () => {
    const env = { DATABASE_URL: `postgres://eve:secret@127.0.0.1:${await closedPort()}/x` }
    await expect(startPostgres({ env })).rejects.toMatchObject({
      code: 'testing.database_unreachable',
      message: `the PostgreSQL server that DATABASE_URL names does not let us in (ECONNREFUSED): ${advice}`,
    })
  })

  it('refuses a server that accepts and stays silent', { timeout: 15_000 }, async () => {
    const silent = await silentServer()
    const env = { DATABASE_URL: `postgres://eve:secret@127.0.0.1:${silent.port}/x` }
    await expect(startPostgres({ env })).rejects.toMatchObject({
      code: 'testing.database_unreachable',
      message: `the PostgreSQL server that DATABASE_URL names does not let us in (no answer within 4 s): ${advice}`,
    })
    expect(silent.heard()).toBeGreaterThan(0)
  })

  it('refuses what is no URL', async () => {
    for (const DATABASE_URL of ['nonsense', 'mysql://localhost/x', 'postgres://[']) {
      await expect(startPostgres({ env: { DATABASE_URL } })).rejects.toMatchObject({
        code: 'testing.database_unreachable',
      })
    }
  })

  it('refuses a user who may not create a database', async () => {
    await rows(postgres.url, 'create role meek login')
    const url = new URL(postgres.url)
    url.username = 'meek'
    await expect(startPostgres({ env: { DATABASE_URL: url.href } })).rejects.toMatchObject({
      code: 'testing.database_forbidden',
      message: expect.stringContaining('grant it CREATEDB'),
    })
  })

  it('uses databases of its own there and drops them', async () => {
    const before = await databasesOf(postgres.url)
    const one = await startPostgres({ env: { DATABASE_URL: postgres.url } })
    const two = await startPostgres({ env: { DATABASE_URL: postgres.url } })
    const third = await two.createDatabase()
    expect(new Set([one.url, two.url, third.url, postgres.url]).size).toBe(4)
    await rows(one.url, 'create table kept_apart ()')
    expect(await rows(two.url, "select to_regclass('kept_apart') as found")).toEqual([
      { found: null },
    ])
    await one.stop()
    await two.stop()
    expect(await databasesOf(postgres.url)).toEqual(before)
  })

  it('waits for sessions that are on their way out, and ends those that stay', async () => {
    const server = await startPostgres({ env: { DATABASE_URL: postgres.url } })
    const leaving = new pg.Pool({ connectionString: server.url })
    const failures: Error[] = []
    leaving.on('connect', (client) => client.on('error', (error) => failures.push(error)))
    await Promise.all(Array.from({ length: 8 }, () => leaving.query('select pg_sleep(0.05)')))
    await leaving.end()
    const { url } = await server.createDatabase()
    const staying = new pg.Client({ connectionString: url })
    const ended = new Promise((resolve) => staying.on('error', resolve))
    await staying.connect()
    await server.stop()
    expect(failures).toEqual([])
    expect(await ended).toMatchObject({ code: '57P01' })
  })

  it('drops them also when the process that made them is killed', async () => {
    const before = await databasesOf(postgres.url)
    const owner = await startOwner({ DATABASE_URL: postgres.url })
    expect(await databasesOf(postgres.url)).toHaveLength(before.length + 1)
    owner.kill('SIGKILL')
    await until(async () => (await databasesOf(postgres.url)).length === before.length)
  })
})

describe('without DATABASE_URL', () => {
  it('gives a real PostgreSQL with a database of its own', async () => {
    expect(await rows(postgres.url, 'select current_database() as name')).toEqual([
      { name: postgres.connection.database },
    ])
    const [{ version }] = (await rows(postgres.url, 'select version()')) as [{ version: string }]
    expect(version).toMatch(/^PostgreSQL \d+/)
  })

  it('answers to its URL and to its connection options alike', async () => {
    const client = new pg.Client({ ...postgres.connection })
    await client.connect()
    const { rows: found } = await client.query('select current_database() as name')
    await client.end()
    expect(found).toEqual([{ name: postgres.connection.database }])
  })

  it('listens on loopback with a password where a socket will not do', async () => {
    const server = await startPostgres({ ...own, listen: 'loopback' })
    expect(server.connection).toMatchObject({
      host: '127.0.0.1',
      password: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
    expect(await rows(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
    const url = new URL(server.url)
    url.password = 'guessed'
    await expect(rows(url.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })
    await server.stop()
  })

  it('leaves no file behind when it is stopped', async () => {
    const server = await startPostgres(own)
    const folder = server.connection.host
    expect(existsSync(folder)).toBe(true)
    await server.stop()
    expect(existsSync(folder)).toBe(false)
  })

  it('goes down and comes back at the same place, with what was committed', async () => {
    for (const listen of ['socket', 'loopback'] as const) {
      const server = await startPostgres({ ...own, listen })
      await rows(server.url, 'create table kept as select 7 as seven')
      await server.takeDown()
      await expect(rows(server.url, 'select 1')).rejects.toMatchObject({
        code: expect.stringMatching(/^E(?:NOENT|CONNREFUSED)$/),
      })
      await server.bringBack()
      expect(await rows(server.url, 'select * from kept')).toEqual([{ seven: 7 }])
      await server.stop()
    }
  })

  it('says which port is taken when it comes back, keeps the data, and can try again', async () => {
    const server = await startPostgres({ ...own, listen: 'loopback' })
    const { port } = server.connection
    await rows(server.url, 'create table kept as select 7 as seven')
    await server.takeDown()
    const other = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1')
    await once(other, 'listening')
    await expect(server.bringBack()).rejects.toMatchObject({
      code: 'testing.port_taken',
      message: `port ${port} of 127.0.0.1 is taken by another program: end that program, then start PostgreSQL again`,
    })
    other.close()
    await server.bringBack()
    expect(await rows(server.url, 'select * from kept')).toEqual([{ seven: 7 }])
    await server.stop()
  })

  it('takes another port when somebody was faster, and says so when all are taken', async () => {
    const other = createServer((socket) => socket.destroy())
    const taken = await portOf(other)
    // A folder of its own: other tests have servers of theirs.
    const room = mkdtempSync(join(tmpdir(), 'ports-'))
    vi.stubEnv('TMPDIR', room)
    await expect(startEmbeddedPostgres('loopback', async () => taken)).rejects.toMatchObject({
      code: 'testing.port_taken',
    })
    expect(readdirSync(room)).toEqual([])
    const free = createServer()
    const ports = [taken, await portOf(free)]
    free.close()
    const server = await startEmbeddedPostgres('loopback', async () => ports.shift() ?? 0)
    expect(server.connection.port).not.toBe(taken)
    await server.stop()
    other.close()
    vi.unstubAllEnvs()
    rmSync(room, { recursive: true })
  })

  it('leaves nothing when it is stopped while it is down', async () => {
    const server = await startPostgres(own)
    await server.takeDown()
    await server.stop()
    expect(existsSync(server.connection.host)).toBe(false)
  })

  it('takes down no server that DATABASE_URL names', async () => {
    const server = await startPostgres({ env: { DATABASE_URL: postgres.url } })
    await expect(server.takeDown()).rejects.toMatchObject({ code: 'testing.options' })
    await expect(server.bringBack()).rejects.toMatchObject({ code: 'testing.options' })
    await server.stop()
  })

  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT'] as const) {
    it(`leaves no process and no file behind when its owner gets ${signal}`, async () => {
      const TMPDIR = mkdtempSync(join(tmpdir(), 'partywall-owner-'))
      const owner = await startOwner({ TMPDIR })
      const [folder = ''] = readdirSync(TMPDIR)
      expect(folder).toMatch(/^partywall-pg-/)
      owner.kill(signal)
      // The folder goes last, after the server.
      await until(() => readdirSync(TMPDIR).length === 0)
      rmSync(TMPDIR, { recursive: true })
    })
  }

  it.runIf(process.getuid?.() === 0)(
    'works as root where user namespaces are not allowed',
    { timeout: 30_000 },
    async () => {
      const room = mkdtempSync(join(tmpdir(), 'partywall-owner-'))
      for (const tool of ['sh', 'setpriv', 'test', 'rm', 'true']) {
        symlinkSync(execFileSync('which', [tool], { encoding: 'utf8' }).trim(), join(room, tool))
      }
      const owner = await startOwner({ PATH: room })
      const { uid } = statSync(new URL(owner.url).searchParams.get('host') ?? '')
      expect(uid).toBeGreaterThan(0)
      expect(await rows(owner.url, 'select 1 as one')).toEqual([{ one: 1 }])
      owner.kill('SIGKILL')
      await until(() => !existsSync(new URL(owner.url).searchParams.get('host') ?? ''))
      rmSync(room, { recursive: true })
    },
  )

  for (const name of ['x'.repeat(100), "it's, a $(folder)"]) {
    it(`works below a folder that is no good for a socket: ${name.slice(0, 20)}`, async () => {
      const room = mkdtempSync(join(tmpdir(), 'partywall-owner-'))
      const TMPDIR = mkdtempSync(join(room, name))
      const owner = await startOwner({ TMPDIR })
      expect(await rows(owner.url, 'select 1 as one')).toEqual([{ one: 1 }])
      owner.kill('SIGTERM')
      await until(() => readdirSync(TMPDIR).length === 0)
      rmSync(room, { recursive: true })
    })
  }
})

/** Starts a server and waits to be ended. */
const program = `
import { startPostgres } from '@partywall/testing'
const { url } = await startPostgres()
process.stdout.write(url)
setInterval(() => {}, 1_000)
`

/** The program as a process of its own; plain Node cannot read sources. */
async function startOwner(env: NodeJS.ProcessEnv): Promise<{
  readonly url: string
  kill(signal: NodeJS.Signals): void
}> {
  const home = dirname(dirname(fileURLToPath(import.meta.url)))
  const outfile = join(home, 'node_modules', '.cache', 'owner', `${process.pid}.js`)
  await build({
    stdin: { contents: program, resolveDir: home },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@partywall/source'],
    external: ['pg'],
    logLevel: 'error',
  })
  const { PATH } = process.env
  const owner = spawn(process.execPath, [outfile], {
    env: { PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = await once(owner.stdout, 'data')
  rmSync(outfile)
  return { url: String(url), kill: (signal) => void owner.kill(signal) }
}
