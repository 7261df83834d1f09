// `npm run demo` and `npm test`, on a machine with Node and npm alone. Fetches pnpm through npm,
// installs what the lockfile says, and owns every process and file that it causes: the end, a
// failure, Ctrl-C and SIGTERM to npm itself leave nothing behind.
import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { refusingDatabase, unansweringServers } from './answering-servers.mjs'
import { builtOnce } from './built-once.mjs'
import { ownProcesses } from './owned-processes.mjs'
import { quietStep } from './quiet-step.mjs'
import { makeRunFolder, withoutRoom } from './run-folder.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const pnpmHome = join(root, 'node_modules', '.cache', 'partywall', 'pnpm')
const [what, ...args] = process.argv.slice(2)
const started = Date.now()
const processes = ownProcesses()
let temporary
let ended = false

/** Something that the user can mend: one sentence, no stack. */
class Refusal extends Error {
  constructor(message, code) {
    super(message)
    this.code = code
  }
}

function say(line) {
  process.stdout.write(`▸ ${line} (${((Date.now() - started) / 1_000).toFixed(0)} s)\n`)
}

/** npm's own settings for this script are not meant for what we start. */
function childEnvironment() {
  const env = { ...process.env }
  for (const name of Object.keys(env)) {
    if (/^npm_(?:lifecycle|package|command|node|execpath)/.test(name)) delete env[name]
    if (/^npm_config_(?:local_prefix|prefix|user_agent|loglevel|global_prefix)$/.test(name)) {
      delete env[name]
    }
  }
  delete env.INIT_CWD
  return {
    ...env,
    PATH: [join(pnpmHome, 'node_modules', '.bin'), env.PATH].join(delimiter),
    TMPDIR: temporary,
    DO_NOT_TRACK: '1',
    TURBO_TELEMETRY_DISABLED: '1',
  }
}

/** One line for a step, and all that it printed when it fails. */
async function mustRun(command, commandArgs, failure, options = {}) {
  const code = await quietStep(processes.run, {
    command,
    args: commandArgs,
    options: { cwd: root, env: childEnvironment(), ...options },
    say: (line) => process.stdout.write(`${line}\n`),
    show: (output) => process.stderr.write(output),
  })
  if (code !== 0) throw new Refusal(failure, 1)
}

async function preparePnpm() {
  const wanted = manifest.packageManager
  const installed = join(pnpmHome, 'node_modules', 'pnpm', 'package.json')
  const has = existsSync(installed) && JSON.parse(readFileSync(installed, 'utf8')).version
  if (`pnpm@${has}` === wanted) return
  say(`fetching ${wanted}`)
  const options = ['--no-audit', '--no-fund', '--no-save', '--no-package-lock', '--loglevel=error']
  // Who started us may be another package manager: it does not know what npm is asked here.
  const { npm_execpath: npm = '' } = process.env
  const command = basename(npm) === 'npm-cli.js' ? [process.execPath, npm] : ['npm']
  await mustRun(
    command[0],
    [...command.slice(1), 'install', '--prefix', pnpmHome, ...options, wanted],
    'npm could not fetch pnpm: look at its message above; without a network this cannot work the first time.',
  )
}

/** What pnpm noted when it installed last; a demo needs no more. */
function isInstalled() {
  const noted = join(root, 'node_modules', '.pnpm', 'lock.yaml')
  const wanted = join(root, 'pnpm-lock.yaml')
  return existsSync(noted) && readFileSync(noted, 'utf8') === readFileSync(wanted, 'utf8')
}

async function install() {
  if (what === 'demo' && isInstalled()) return
  say('installing what pnpm-lock.yaml says')
  await mustRun(
    'pnpm',
    ['install', '--frozen-lockfile', '--prefer-offline', '--config.confirm-modules-purge=false'],
    'pnpm could not install the dependencies: look at its message above.',
  )
}

/** How a script of a workspace package is run, without a package manager between us and it. */
function scriptOf(folder, name, extra = []) {
  const home = join(root, folder)
  const { scripts } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
  const env = childEnvironment()
  const PATH = [join(home, 'node_modules', '.bin'), env.PATH].join(delimiter)
  const script = ['-c', `exec ${scripts[name]} "$@"`, name, ...extra]
  return { command: '/bin/sh', script, options: { cwd: home, env: { ...env, PATH } } }
}

async function demo() {
  const example = 'examples/rollout-journey'
  if (!existsSync(join(root, example, 'package.json'))) {
    throw new Refusal('the example of the demo is missing from this checkout', 1)
  }
  const built = builtOnce(root, example)
  if (!built.isCurrent()) {
    say('building the example')
    const build = scriptOf(example, 'build')
    const failure = 'the example could not be built: look at the message above.'
    await mustRun(build.command, build.script, failure, build.options)
    built.note()
  }
  say('ready')
  const start = scriptOf(example, 'start', args)
  return processes.run(start.command, start.script, start.options)
}

function check() {
  say('checking everything')
  return processes.run('pnpm', ['--silent', 'run', 'check', ...args], {
    cwd: root,
    env: childEnvironment(),
  })
}

const commands = { demo, check }

async function main() {
  const command = Object.hasOwn(commands, what) ? commands[what] : undefined
  if (command === undefined) throw new Refusal('usage: node scripts/launch.mjs demo|check', 2)
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Refusal(`Node ${process.versions.node} is too old: this needs 20.19 or newer.`, 2)
  }
  const sentences = await unansweringServers(process.env)
  if (sentences.length > 0) throw new Refusal(sentences.join('\n'), 2)
  await preparePnpm()
  await install()
  const refused = await refusingDatabase(process.env, join(root, 'packages/testing/package.json'))
  if (refused !== undefined) throw new Refusal(refused, 2)
  return command()
}

function makeTemporary() {
  try {
    return makeRunFolder(tmpdir(), processes.mark)
  } catch (error) {
    const sentence = withoutRoom(tmpdir(), error)
    throw sentence === undefined ? error : new Refusal(sentence, 2)
  }
}

/** Ends everything, once, and this process with it. */
async function finish(code) {
  if (ended) return
  ended = true
  clearInterval(watch)
  await processes.end()
  if (temporary !== undefined) {
    await rm(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
  process.exit(code)
}

// npm on Node 20 dies of SIGTERM without passing it on; a new parent is how we learn of it.
const parent = process.ppid
const watch = setInterval(() => {
  if (process.ppid !== parent) void finish(143)
}, 200)
process.on('SIGINT', () => void finish(130))
process.on('SIGTERM', () => void finish(143))
process.on('SIGHUP', () => void finish(129))
// Whoever read our output may be gone before us.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

try {
  temporary = makeTemporary()
  await finish(await main())
} catch (error) {
  if (error instanceof Refusal) process.stderr.write(`${error.message}\n`)
  else process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
  // Whoever counts gets a count, also when nothing could be counted.
  if (what === 'check') process.stdout.write('0 passed, 1 failed\n')
  await finish(error instanceof Refusal ? error.code : 1)
}
