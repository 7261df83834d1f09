// Everything that must hold before a change is merged: `pnpm check`. Prints each step as it goes,
// then what each cost, and last one plain line: `N passed, N failed`.
//
//   pnpm check               all of it
//   pnpm check unit types    only these steps
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { unansweringServers } from './answering-servers.mjs'
import { binaryFolder, prepareBinaries } from './binaries.mjs'
import { withoutRoom } from './run-folder.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const temporary = makeTemporary()
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }))
// Ctrl-C reaches the steps, too; without this the folder would stay.
process.on('SIGINT', () => process.exit(130))
process.on('SIGTERM', () => process.exit(143))
const environment = {
  ...process.env,
  PATH: [join(root, 'node_modules', '.bin'), process.env.PATH, binaryFolder].join(delimiter),
  ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }),
  DO_NOT_TRACK: '1',
  TURBO_TELEMETRY_DISABLED: '1',
}

function makeTemporary() {
  try {
    return mkdtempSync(join(tmpdir(), 'partywall-check-'))
  } catch (error) {
    const sentence = withoutRoom(tmpdir(), error)
    if (sentence === undefined) throw error
    process.stderr.write(`${sentence}\n`)
    process.stdout.write('0 passed, 1 failed\n')
    process.exit(2)
  }
}

/** Runs a command in view; resolves to whether it succeeded. */
function run(command, args, { cwd = root, env = {} } = {}) {
  return new Promise((resolve) => {
    const options = {
      cwd,
      env: { ...environment, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    }
    const child = spawn(command, args, options)
    child.once('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`)
      resolve(false)
    })
    child.once('exit', (code) => resolve(code === 0))
  })
}

/** A step that is one yes or no. */
const one = (passed) => ({ passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 })

/** Where vitest leaves what each test did; the requirements are checked against it. */
const report = join(temporary, 'vitest.json')

const steps = {
  binaries: async () => {
    const missing = await prepareBinaries(neededBinaries(), {
      say: (line) => process.stdout.write(`${line}\n`),
    })
    for (const sentence of missing) process.stderr.write(`${sentence}\n`)
    return one(missing.length === 0)
  },
  lint: async () => one(await run('pnpm', ['--silent', 'lint'])),
  types: async () => one(await run('pnpm', ['--silent', 'types'])),
  unused: async () => one(await run('pnpm', ['--silent', 'unused'])),
  packages: async () =>
    one(await run('pnpm', ['--silent', 'packages', '--output-logs=errors-only'])),
  // The examples, too: the test of each runs its program as a user does.
  unit: async () => {
    const passed = await run('vitest', [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ])
    return countTests(passed)
  },
  requirements: async () => {
    const seen = existsSync(report) ? ['--report', report] : []
    return one(await run(process.execPath, ['scripts/requirements.mjs', '--check', ...seen]))
  },
  faults: async () => {
    const seen = existsSync(report) ? ['--report', report] : []
    return one(await run(process.execPath, ['scripts/faults.mjs', ...seen]))
  },
  consumers: async () => {
    const counts = join(temporary, 'consumers.json')
    const passed = await run(process.execPath, ['scripts/consumers.mjs', '--counts', counts])
    return existsSync(counts) ? JSON.parse(readFileSync(counts, 'utf8')) : one(passed)
  },
}

/** A server that is named need not be found. */
function neededBinaries() {
  const redis = (process.env.REDIS_URL ?? '') === '' ? ['redis-server'] : []
  return [...redis, 'promtool', 'pgbouncer']
}

/** Also counts what is no test and still fails: a file that does not load, a wrong type. */
function countTests(succeeded) {
  if (!existsSync(report)) return one(false)
  const results = JSON.parse(readFileSync(report, 'utf8'))
  const passed = results.numPassedTests
  const skipped = results.numPendingTests + results.numTodoTests
  const failed = Math.max(results.numFailedTests, succeeded && passed > 0 ? 0 : 1)
  return { passed, failed, skipped }
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !Object.hasOwn(steps, name))
if (unknown.length > 0) {
  process.stderr.write(
    `no such step: ${unknown.join(', ')}; there are ${Object.keys(steps).join(', ')}\n`,
  )
  process.exit(2)
}

// Hundreds of tests would each say the same.
const sentences =
  wanted.length === 0 || wanted.includes('unit') ? await unansweringServers(process.env) : []
if (sentences.length > 0) {
  process.stderr.write(`${sentences.join('\n')}\n`)
  process.stdout.write('0 passed, 1 failed\n')
  process.exit(2)
}

const rows = []
for (const [name, step] of Object.entries(steps)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  process.stdout.write(`\n▸ ${name}\n`)
  const start = Date.now()
  const counts = await step().catch((error) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
    return one(false)
  })
  rows.push({ name, seconds: (Date.now() - start) / 1_000, ...counts })
}

const sum = (key) => rows.reduce((total, row) => total + row[key], 0)
const columns = ['step', 'seconds', 'passed', 'failed', 'skipped']
const lines = rows.map((row) => [
  row.name,
  row.seconds.toFixed(1),
  row.passed,
  row.failed,
  row.skipped,
])
process.stdout.write('\n')
for (const line of [columns, ...lines, ['', sum('seconds').toFixed(1)]]) {
  const cells = line.map((cell, index) =>
    index === 0 ? String(cell).padEnd(14) : String(cell).padStart(9),
  )
  process.stdout.write(`${cells.join('')}\n`)
}
const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map(sum)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
process.stdout.write(
  `\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
)
