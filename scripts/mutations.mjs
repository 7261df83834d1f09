// Shows that each claim of behaviour means something: applies the change that its test names, in a
// copy of the tree, and expects the test to fail.
//
//   pnpm mutations                 all of them
//   pnpm mutations telemetry 105   only those whose file, title, change or number holds each word
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, delimiter, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { binaryFolder } from './binaries.mjs'
import { projectOf, readClaims, titlePattern } from './claims.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'partywall-mutations-'))
const running = new Set()
process.on('exit', () => rmSync(room, { recursive: true, force: true }))
for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.on(name, () => {
    for (const child of running) endGroup(child)
    process.exit(code)
  })
}

const testTimeoutMs = 120_000

/** A copy whose links between packages lead into the copy; installed packages are shared. */
function copyTree(name) {
  const copy = join(room, name)
  const left = new Set(['.git', '.pnpm', '.cache', '.turbo', 'coverage'])
  cpSync(root, copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !left.has(basename(source)) || source === root,
  })
  for (const shared of ['.pnpm', '.cache']) {
    symlinkSync(join(root, 'node_modules', shared), join(copy, 'node_modules', shared))
  }
  return copy
}

function endGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** Runs the one test file in the copy; resolves to what became of the test. */
function outcomeOf(copy, claim) {
  const report = join(copy, 'report.json')
  rmSync(report, { force: true })
  const args = ['run', '--project', projectOf(claim.file), claim.file, '--no-typecheck']
  const pattern = titlePattern(claim.title)
  const named = ['--testNamePattern', pattern.source.slice(1, -1)]
  return new Promise((resolve) => {
    const child = spawn(
      join(copy, 'node_modules', '.bin', 'vitest'),
      [...args, ...named, '--reporter=json', `--outputFile=${report}`],
      {
        cwd: copy,
        stdio: 'ignore',
        detached: true,
        env: { ...process.env, PATH: [process.env.PATH, binaryFolder].join(delimiter) },
      },
    )
    running.add(child)
    const timer = setTimeout(() => endGroup(child), testTimeoutMs)
    child.once('close', (_code, signal) => {
      clearTimeout(timer)
      running.delete(child)
      resolve(signal === null ? readOutcome(report, copy, claim.file, pattern) : 'timed out')
    })
  })
}

function readOutcome(report, copy, file, pattern) {
  let results
  try {
    results = JSON.parse(readFileSync(report, 'utf8')).testResults
  } catch {
    return 'did not load'
  }
  const tests = results
    .filter(({ name }) => relative(copy, name) === file.replaceAll('/', sep))
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ title }) => pattern.test(title))
  if (tests.length === 0) return 'did not load'
  return tests.some(({ status }) => status === 'failed') ? 'killed' : 'survived'
}

async function tryOut(copy, { claim, mutation }) {
  if (mutation.problem !== undefined) return mutation.problem
  // A test that fails anyway would prove nothing.
  if ((await outcomeOf(copy, claim)) !== 'survived') return 'fails without it'
  const file = join(copy, relative(root, mutation.file))
  const source = readFileSync(file, 'utf8')
  try {
    writeFileSync(file, source.split(mutation.find).join(mutation.replacement))
    return await outcomeOf(copy, claim)
  } finally {
    writeFileSync(file, source)
  }
}

const words = process.argv.slice(2)
const wanted = readClaims(root)
  .flatMap((claim) => claim.mutations.map((mutation) => ({ claim, mutation })))
  .filter(({ claim, mutation }) => {
    const text = [claim.file, claim.title, mutation.target, mutation.change, ...claim.numbers]
    return words.every((word) => text.join(' ').includes(word))
  })

const queue = [...wanted]
let survivors = 0
async function work(name) {
  const copy = copyTree(name)
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const outcome = await tryOut(copy, next)
    const good = outcome === 'killed' || outcome === 'timed out'
    if (!good) survivors += 1
    const { claim, mutation } = next
    process.stdout.write(
      `${good ? '✓' : '✗'} ${outcome.padEnd(9)} ${claim.file}: ${claim.title}\n    ${mutation.target}: ${mutation.change}\n`,
    )
  }
}
const workers = Math.min(availableParallelism(), Math.max(wanted.length, 1))
await Promise.all(Array.from({ length: workers }, (_, index) => work(`copy-${index + 1}`)))
process.stdout.write(`${wanted.length - survivors} killed, ${survivors} survived\n`)
process.exitCode = survivors > 0 || wanted.length === 0 ? 1 : 0
