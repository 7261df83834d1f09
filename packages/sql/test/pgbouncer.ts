import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { findBinary } from '../../../scripts/binaries.mjs'

export interface PgBouncerOptions {
  /** A PostgreSQL and its database, by a user that may see everything. */
  readonly server: string
  /** Who may come, beside the user of `server`, with the password that the server wants. */
  readonly users?: Readonly<Record<string, string>>
  /** What differs from the settings that `docs/scaling.md` recommends. */
  readonly settings?: Readonly<Record<string, string | number>> | undefined
}

/** A real PgBouncer in transaction mode, with two connections to the server for each user. */
export interface PgBouncer {
  /** The same database through PgBouncer. */
  urlFor(user?: string): string
  /** How many connections it has to the server, and how many clients have one to it. */
  connections(): Promise<{ readonly toServer: number; readonly ofClients: number }>
  stop(): Promise<void>
}

const port = 6432
/** The owner of the fixture's folder where root may not make user namespaces. */
const nobody = 65_534
const namespace = ['unshare', '--user', '--map-user=1000', '--map-group=1000']

/** Ends the command when its input closes, however the owner of it ended. */
const leash = '"$@" </dev/null & bouncer=$!; read -r _; kill "$bouncer"; wait "$bouncer"'

export async function startPgBouncer({
  server,
  users = {},
  settings = {},
}: PgBouncerOptions): Promise<PgBouncer> {
  const binary = findBinary('pgbouncer')
  if (binary === undefined) {
    throw new Error(
      'there is no PgBouncer 1.21 or newer: run "node scripts/binaries.mjs pgbouncer"',
    )
  }
  const { host, port: serverPort, database, user = '', password } = new pg.Client(server)
  const folder = mkdtempSync(join(tmpdir(), 'partywall-pgbouncer-'))
  const prefix = unprivileged(folder)
  const text = [
    '[databases]',
    `${database} = host=${host} port=${serverPort}`,
    '[pgbouncer]',
    ...Object.entries({
      listen_addr: '',
      listen_port: port,
      unix_socket_dir: folder,
      auth_type: 'trust',
      auth_file: join(folder, 'users'),
      admin_users: user,
      ...recommended(),
      default_pool_size: 2,
      ...(prefix === undefined ? { user: 'nobody' } : {}),
      ...settings,
    }).map(([name, value]) => `${name} = ${value}`),
  ]
  const known = { [user]: password ?? '', ...users }
  const lines = Object.entries(known).map(([name, secret]) => `"${name}" "${secret}"`)
  writeFileSync(join(folder, 'users'), lines.join('\n'))
  writeFileSync(join(folder, 'pgbouncer.ini'), text.join('\n'))

  const command = [...(prefix ?? []), binary, join(folder, 'pgbouncer.ini')]
  const child = spawn('/bin/sh', ['-c', leash, 'leash', ...command], {
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const stop = async (): Promise<void> => {
    child.stdin.destroy()
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  await isUp(child).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  const urlFor = (name = user, to = database): string => {
    const url = new URL(`postgresql://localhost:${port}/${to}`)
    url.username = name
    url.searchParams.set('host', folder)
    return url.href
  }
  return {
    urlFor: (name) => urlFor(name),
    connections: () => count(urlFor(user, 'pgbouncer'), database),
    stop,
  }
}

/** What the page tells people to configure. */
function recommended(): Readonly<Record<string, string>> {
  const page = readFileSync(new URL('../../../docs/scaling.md', import.meta.url), 'utf8')
  const [, block = ''] = /```ini\n(.*?)```/s.exec(page) ?? []
  return Object.fromEntries(
    block
      .trim()
      .split('\n')
      .map((line) => line.split(' = ')),
  )
}

/** PgBouncer refuses root, as PostgreSQL does. Gives what to put before the command, if that is enough. */
function unprivileged(folder: string): readonly string[] | undefined {
  if (process.getuid?.() !== 0) return []
  try {
    const [file = '', ...args] = [...namespace, 'true']
    execFileSync(file, args, { stdio: 'ignore', timeout: 10_000 })
    return namespace
  } catch {
    chownSync(folder, nobody, nobody)
    return undefined
  }
}

function isUp({ stderr }: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = ''
    stderr?.on('data', (chunk: Buffer) => {
      log = `${log}${chunk.toString('utf8')}`.slice(-4_000)
      if (log.includes('process up')) resolve()
    })
    stderr?.once('end', () => reject(new Error(`PgBouncer did not come up: ${log}`)))
  })
}

/** Asks PgBouncer's own console, which understands nothing but its words. */
async function count(
  url: string,
  database: string | undefined,
): Promise<Awaited<ReturnType<PgBouncer['connections']>>> {
  const client = new pg.Client(url)
  await client.connect()
  const rowsOf = async (what: string): Promise<number> => {
    const { rows } = await client.query<{ database: string }>(`SHOW ${what}`)
    return rows.filter((row) => row.database === database).length
  }
  try {
    return { toServer: await rowsOf('SERVERS'), ofClients: await rowsOf('CLIENTS') }
  } finally {
    await client.end()
  }
}
