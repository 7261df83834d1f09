import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { launcherTree } from './launcher-tree.ts'

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** What somebody gets who connects and says something: a code, bytes, or nothing for a while. */
function answerAt(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    const done = (answer: string): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('error', (error) => done('code' in error ? String(error.code) : error.name))
    socket.once('data', (bytes) => done(bytes.toString('latin1')))
    void pause(500).then(() => done('silence'))
  })
}

/** A port where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer()
  const port = await portOf(server)
  server.close()
  await once(server, 'close')
  expect(await answerAt(port)).toBe('ECONNREFUSED')
  return port
}

/** A server that accepts whoever comes and never says a word. */
async function silentPort(): Promise<number> {
  const server = createServer((socket) => socket.resume().on('error', () => undefined))
  onTestFinished(() => void server.close())
  const port = await portOf(server)
  expect(await answerAt(port)).toBe('silence')
  return port
}

const advice = {
  DATABASE_URL:
    'Please start that PostgreSQL server or correct the URL; without DATABASE_URL we start our own.',
  REDIS_URL:
    'Please start that Redis server or correct the URL; without REDIS_URL we start our own.',
} as const
const urls = {
  DATABASE_URL: (port: number) => `postgres://eve:secret@127.0.0.1:${port}/0`,
  REDIS_URL: (port: number) => `redis://eve:secret@127.0.0.1:${port}/0`,
} as const
const cases = [
  [['DATABASE_URL'], 'where nobody listens', closedPort, 'no answer (ECONNREFUSED)'],
  [['REDIS_URL'], 'where nobody listens', closedPort, 'no answer (ECONNREFUSED)'],
  [
    ['DATABASE_URL', 'REDIS_URL'],
    'that accepts and stays silent',
    silentPort,
    'no answer within 3 s',
  ],
] as const
const scripts = [
  ['npm run demo', ['launch.mjs', 'demo'], ''],
  // Whoever counts gets a count.
  ['npm test', ['launch.mjs', 'check'], '0 passed, 1 failed\n'],
  ['pnpm check', ['check.mjs'], '0 passed, 1 failed\n'],
] as const

for (const [command, script, count] of scripts) {
  for (const [names, which, faultyPort, reason] of cases) {
    it(`refuses a ${names.join(' and a ')} ${which}, in one sentence each, before it installs anything: ${command}`, {
      timeout: 20_000,
    }, async () => {
      const tree = launcherTree()
      const port = await faultyPort()
      const env = Object.fromEntries(names.map((name) => [name, urls[name](port)]))
      expect(await tree.launch(script, env)).toEqual({
        code: 2,
        stdout: count,
        stderr: names.map((name) => `${name}: ${reason}. ${advice[name]}\n`).join(''),
      })
      expect(tree.asked()).toEqual([])
      expect(tree.left()).toEqual([])
    })
  }
}

it('refuses what is no URL of such a server, without repeating it, and says so of each', async () => {
  const tree = launcherTree()
  const env = { DATABASE_URL: 'nonsense', REDIS_URL: 'mysql://eve:secret@127.0.0.1/0' }
  const { code, stderr } = await tree.launch(['launch.mjs', 'demo'], env)
  expect(code).toBe(2)
  expect(stderr.split('\n')).toEqual([
    `DATABASE_URL: this is no URL of such a server. ${advice.DATABASE_URL}`,
    `REDIS_URL: this is no URL of such a server. ${advice.REDIS_URL}`,
    '',
  ])
})

it('refuses a server that speaks another protocol', async () => {
  const tree = launcherTree()
  const server = createServer((socket) =>
    socket.on('error', () => undefined).end('HTTP/1.1 400\r\n'),
  )
  onTestFinished(() => void server.close())
  const port = await portOf(server)
  expect(await answerAt(port)).toContain('HTTP')
  expect(
    await tree.launch(['launch.mjs', 'demo'], { DATABASE_URL: urls.DATABASE_URL(port) }),
  ).toMatchObject({
    code: 2,
    stderr: `DATABASE_URL: something else answers there. ${advice.DATABASE_URL}\n`,
  })
})

it('asks nobody where no server is named, and goes on', async () => {
  const tree = launcherTree()
  const { code, stdout } = await tree.launch(['launch.mjs', 'check'], { DATABASE_URL: '' })
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('checking') })
  expect(tree.asked()).toEqual([
    'install --frozen-lockfile --prefer-offline --config.confirm-modules-purge=false',
    '--silent run check',
  ])
})

for (const [command, script, count] of scripts) {
  it(`refuses a TMPDIR that is not there, or no folder, in one sentence: ${command}`, async () => {
    const tree = launcherTree()
    const file = join(tree.root, 'package.json')
    for (const [TMPDIR, code] of [
      [join(tree.root, 'nowhere'), 'ENOENT'],
      [file, 'ENOTDIR'],
    ] as const) {
      expect(await tree.launch(script, { TMPDIR })).toEqual({
        code: 2,
        stdout: count,
        stderr: `TMPDIR: no folder can be made in ${TMPDIR} (${code}). Please make that folder writable, or let TMPDIR name another one.\n`,
      })
    }
    expect(tree.asked()).toEqual([])
  })
}

it('fetches pnpm through npm, whichever package manager runs the script', async () => {
  for (const [manager, expected] of [
    ['pnpm.cjs', 'npm of the PATH'],
    ['npm-cli.js', 'npm-cli.js'],
  ] as const) {
    const tree = launcherTree()
    const installed = join(dirname(tree.pnpmPath), '..', 'pnpm', 'package.json')
    writeFileSync(installed, '{ "version": "0.0.0" }')
    const bin = join(tree.root, 'bin')
    const told = join(tree.root, 'told')
    mkdirSync(bin)
    const say = `"$*" >> "${told}"`
    writeFileSync(join(bin, 'npm'), `#!/bin/sh\necho "npm of the PATH" ${say}\n`, { mode: 0o755 })
    writeFileSync(
      join(bin, manager),
      `import('node:fs').then((fs) => fs.writeFileSync(${JSON.stringify(told)}, '${manager} ' + process.argv.slice(2).join(' ')))`,
    )
    const env = { PATH: `${bin}:${process.env['PATH']}`, npm_execpath: join(bin, manager) }
    expect(await tree.launch(['launch.mjs', 'check'], env)).toMatchObject({ code: 0 })
    expect(readFileSync(told, 'utf8')).toMatch(
      new RegExp(`^${expected} install .*pnpm@0\\.0\\.1\\s*$`),
    )
  }
})

it('refuses a command that does not exist', async () => {
  expect(await launcherTree().launch(['launch.mjs', 'nothing'])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'usage: node scripts/launch.mjs demo|check\n',
  })
})
