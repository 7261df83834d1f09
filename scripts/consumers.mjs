// Tries the packages as users get them: packs each, installs the tarballs in empty projects outside
// of this tree, with the lowest and the newest of every peer, then type-checks and runs programs as
// ES modules and as CommonJS. The programs are the first examples of the READMEs and one that loads
// every entry point.
//
//   pnpm build && node scripts/consumers.mjs [--only context,sql] [--counts FILE] [--keep]
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { prismaSchema, programsFor, toolsFor, writeProject } from './consumer-project.mjs'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
const { values: options } = parseArgs({
  options: { counts: { type: 'string' }, keep: { type: 'boolean' }, only: { type: 'string' } },
})
const room = mkdtempSync(join(tmpdir(), 'partywall-consumers-'))
const counts = { passed: 0, failed: 0, skipped: 0 }
const installTimeoutMs = 180_000
const programTimeoutMs = 60_000

/** The compilers and the peers of one kind of user. */
const combinations = [
  {
    name: 'lowest',
    typescript: '5.9',
    version: lowest,
    types: { express: '4', pg: '8', node: '20' },
  },
  {
    name: 'newest',
    typescript: '7',
    version: newest,
    types: { express: '5', pg: '8', node: '20' },
  },
]

const packages = readdirSync(join(root, 'packages'))
  .filter((folder) => options.only === undefined || options.only.split(',').includes(folder))
  .map((folder) => {
    const home = join(root, 'packages', folder)
    return { folder, home, manifest: JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) }
  })
const programs = programsFor(packages)

/** The least version that `^4.18.0 || ^5.0.0` allows. */
function lowest(range) {
  return range
    .split('||')[0]
    .trim()
    .replace(/^[\^~>=]+/, '')
}

/** Its last alternative; npm takes the newest. */
function newest(range) {
  return range.split('||').at(-1).trim()
}

function peersOf(version) {
  const peers = packages.flatMap(({ manifest }) => Object.entries(manifest.peerDependencies ?? {}))
  return Object.fromEntries(peers.map(([name, range]) => [name, version(range)]))
}

/** npm and pnpm pass settings to their children that are not meant for a user's project. */
function userEnvironment() {
  const kept = Object.entries(process.env).filter(([name]) => {
    return !/^npm_(?!config_(?:cache|registry|userconfig))/i.test(name) && name !== 'NODE_OPTIONS'
  })
  return { ...Object.fromEntries(kept), NO_COLOR: '1', ...prismaEnvironment }
}

/** Engines that Prisma would download, and that nothing here runs. */
const prismaEnvironment = {
  PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
  PRISMA_QUERY_ENGINE_LIBRARY: '/bin/true',
  PRISMA_SKIP_POSTINSTALL_GENERATE: '1',
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
  CHECKPOINT_DISABLE: '1',
}

/** One thing that must work; says so and counts. */
async function step(name, work) {
  const start = Date.now()
  try {
    await work()
    counts.passed += 1
    process.stdout.write(`✓ ${name} (${Date.now() - start} ms)\n`)
    return true
  } catch (error) {
    counts.failed += 1
    const output = [error.stdout, error.stderr].filter(Boolean).join('\n').trim()
    const ending = error.killed ? 'it took too long and was ended\n' : ''
    process.stdout.write(`✗ ${name}\n${ending}${output || error.message}\n`)
    return false
  }
}

const command = (file, args, cwd, timeout = programTimeoutMs) =>
  run(file, args, { cwd, env: userEnvironment(), timeout, maxBuffer: 1e8 })

async function pack() {
  const tarballs = {}
  for (const { home, manifest } of packages) {
    if (!existsSync(join(home, 'dist')))
      throw new Error(`${manifest.name} is not built: run pnpm build`)
  }
  const queue = [...packages]
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { stdout } = await command(
        'pnpm',
        ['pack', '--json', '--pack-destination', room],
        next.home,
      )
      tarballs[next.manifest.name] = `file:${JSON.parse(stdout).filename}`
    }
  }
  await Promise.all([work(), work()])
  return tarballs
}

/** Starts a server for the examples that ask for one, with the package that was installed. */
const withPostgres = `
import { spawnSync } from 'node:child_process'
import { startPostgres } from '@partywall/testing'
const postgres = await startPostgres()
const env = { ...process.env, DATABASE_URL: postgres.url }
const options = { env, stdio: 'inherit', timeout: 45_000 }
const { status } = spawnSync(process.execPath, process.argv.slice(2), options)
await postgres.stop()
process.exitCode = status ?? 1
`

/** The compiler, the peers and the declarations that some of them need. */
function toolsOf({ typescript, version, types }) {
  const peers = peersOf(version)
  const declarations = Object.entries(types).map(([name, range]) => [`@types/${name}`, range])
  return { ...peers, ...toolsFor(peers), typescript, ...Object.fromEntries(declarations) }
}

/** The client that the README of `prisma` describes, generated beside its example. */
async function generateClient({ name, version }, home) {
  const schema = prismaSchema(packages, peersOf(version))
  if (schema === undefined) return
  const folder = join(home, 'esm')
  writeFileSync(join(folder, 'schema.prisma'), schema)
  const cli = join(home, 'node_modules', 'prisma', 'build', 'index.js')
  await step(`${name}: Prisma generates the client of its example`, () =>
    command(process.execPath, [cli, 'generate', '--schema', 'schema.prisma'], folder),
  )
}

/** What is installed reads a schema of the project, and tells by its exit code what it found. */
async function proveByCommand(home) {
  const file = join(home, 'esm', 'tenant-schema.js')
  const code = `import { defineTenantSchema, owner } from '@partywall/sql'
export default defineTenantSchema({ orders: owner('tenant_id') })\n`
  writeFileSync(file, code)
  const prove = (text) =>
    command('npx', ['--no-install', 'partywall', 'sql', 'prove', '--schema', file, text], home)
  await prove('select id from orders where tenant_id = $1')
  const open = await prove('select id from orders').catch((error) => error)
  if (open.code !== 1) throw new Error(`an open statement ended with ${open.code ?? 0}, not 1`)
}

async function tryCombination(combination, tarballs) {
  const { name } = combination
  const home = join(room, name)
  writeProject(home, { ...tarballs, ...toolsOf(combination) }, programs)
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
  const installed = await step(`${name}: npm installs the tarballs`, () =>
    command('npm', install, home, installTimeoutMs),
  )
  if (!installed) return
  await generateClient(combination, home)
  const tsc = join(home, 'node_modules', 'typescript', 'bin', 'tsc')
  for (const [kind, config] of [
    ['esm', 'tsconfig.json'],
    ['esm', 'tsconfig.bundler.json'],
    ['cjs', 'tsconfig.json'],
  ]) {
    await step(`${name}: TypeScript ${combination.typescript} checks ${kind}/${config}`, () =>
      command(process.execPath, [tsc, '-p', config], join(home, kind)),
    )
  }
  await step(`${name}: npx runs the installed partywall`, async () => {
    const { stdout } = await command('npx', ['--no-install', 'partywall', '--version'], home)
    const { version } = packages.find(({ manifest }) => manifest.name === '@partywall/cli').manifest
    if (stdout !== `${version}\n`) throw new Error(`it printed ${stdout}, not ${version}`)
  })
  await step(`${name}: npx proves a statement`, () => proveByCommand(home))
  writeFileSync(join(home, 'with-postgres.mjs'), withPostgres)
  for (const [kind, files] of Object.entries(programs)) {
    for (const program of Object.keys(files)) {
      const compiled = join(kind, 'out', program.replace(/ts$/, 'js'))
      await step(`${name}: node runs ${kind}/${program}`, () =>
        files[program].includes('DATABASE_URL')
          ? command(process.execPath, ['with-postgres.mjs', compiled], home)
          : command(process.execPath, [compiled], home),
      )
    }
  }
}

function cleanUp() {
  if (!options.keep) rmSync(room, { recursive: true, force: true })
}
for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.on(name, () => {
    cleanUp()
    process.exit(code)
  })
}

try {
  const start = Date.now()
  let tarballs = {}
  const packed = await step('pnpm packs every package', async () => {
    tarballs = await pack()
  })
  if (packed) {
    await Promise.all(combinations.map((each) => tryCombination(each, tarballs)))
  }
  const seconds = ((Date.now() - start) / 1_000).toFixed(0)
  process.stdout.write(
    `consumers: ${counts.passed} passed, ${counts.failed} failed in ${seconds} s\n`,
  )
} finally {
  cleanUp()
  if (options.keep) process.stdout.write(`kept: ${room}\n`)
}
if (options.counts !== undefined) writeFileSync(options.counts, JSON.stringify(counts))
process.exitCode = counts.failed > 0 ? 1 : 0
