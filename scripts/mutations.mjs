// Shows that each claim of behaviour means something, and each other test that names a change:
// applies the change in a copy of the tree, and expects the test to fail.
//
//   pnpm mutations                 all of them
//   pnpm mutations telemetry 105   only those whose file, title, change or number holds each word
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, delimiter, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { binaryFolder } from './binaries.mjs'
import { outcomeOf, projectOf, readMutations, titlePattern } from './claims.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'partywall-mutations-'))
const running = new Set()
process.on('exit', () => rmSync(room, { recursive: true, force: true, maxRetries: 5 }))
for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.on(name, () => {
    for (const child of running) endGroup(child)
    process.exit(code)
  })
}

/** A whole journey, on a machine that does other things too. */
const testTimeoutMs = 300_000

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

/**
 * Runs a test file in the copy, or the one test of it that a pattern names; resolves to its report,
 * or to a word why there is none.
 */
function runTests(copy, file, pattern) {
  const report = join(copy, 'report.json')
  rmSync(report, { force: true })
  const args = ['run', '--project', projectOf(file), file, '--no-typecheck']
  const named = pattern === undefined ? [] : ['--testNamePattern', pattern.source.slice(1, -1)]
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
      if (signal !== null) return resolve('timed out')
      try {
        resolve(JSON.parse(readFileSync(report, 'utf8')).testResults)
      } catch {
        resolve('did not load')
      }
    })
  })
}

/** Each file is run once as it is, for all of its claims. */
const unchanged = new Map()

/** A test that fails anyway, or does not run, would prove nothing. */
async function passesUnchanged(copy, claim) {
  if (!unchanged.has(claim.file)) {
    unchanged.set(
      claim.file,
      runTests(copy, claim.file).then((report) => ({ report, copy })),
    )
  }
  const { report, copy: where } = await unchanged.get(claim.file)
  return typeof report === 'string' ? report : outcomeOf(report, where, claim)
}

const words = {
  failed: 'killed',
  'timed out': 'timed out',
  passed: 'survived',
  'did not load': 'did not run',
  'did not run': 'did not run',
}

async function tryOut(copy, { claim, mutation }) {
  if (mutation.problem !== undefined) return mutation.problem
  const before = await passesUnchanged(copy, claim)
  if (before !== 'passed') return `${before} without it`
  const file = join(copy, relative(root, mutation.file))
  const source = readFileSync(file, 'utf8')
  try {
    writeFileSync(file, source.split(mutation.find).join(mutation.replacement))
    const report = await runTests(copy, claim.file, titlePattern(claim.title))
    return words[typeof report === 'string' ? report : outcomeOf(report, copy, claim)]
  } finally {
    writeFileSync(file, source)
  }
}

const filters = process.argv.slice(2)
const wanted = readMutations(root).filter(({ claim, mutation }) => {
  const text = [claim.file, claim.title, mutation.target, mutation.change, ...claim.numbers]
  return filters.every((word) => text.join(' ').includes(word))
})

const queue = [...wanted]
const outcomes = new Map()
async function work(name) {
  const copy = copyTree(name)
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const outcome = await tryOut(copy, next)
    const good = outcome === 'killed' || outcome === 'timed out'
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    const { claim, mutation } = next
    process.stdout.write(
      `${good ? '✓' : '✗'} ${outcome.padEnd(11)} ${claim.file}: ${claim.title}\n    ${mutation.target}: ${mutation.change}\n`,
    )
  }
}
const workers = Math.min(availableParallelism(), Math.max(wanted.length, 1))
await Promise.all(Array.from({ length: workers }, (_, index) => work(`copy-${index + 1}`)))
const killed = (outcomes.get('killed') ?? 0) + (outcomes.get('timed out') ?? 0)
const counts = [...outcomes].map(([outcome, count]) => `${count} ${outcome}`)
process.stdout.write(`${wanted.length} mutations: ${counts.join(', ')}\n`)
process.exitCode = killed < wanted.length || wanted.length === 0 ? 1 : 0
