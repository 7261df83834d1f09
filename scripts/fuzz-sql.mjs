// Random statements against the proof, for as long as wanted: SQL with a declared and with a live
// schema, calls of Kysely and calls of Prisma. Whatever the guard accepts runs in databases that
// differ in other tenants' rows, and must not tell them apart.
//
//   pnpm fuzz:sql               5000 accepted ones, a few minutes
//   pnpm fuzz:sql 200000 7      as many as that, beginning with seed 7
//
// Goes on in rounds, each with the next seed; says after each part how far it is. Ends with 1 where
// something differed, and with 130 when interrupted, after it has said what it had found.
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ownProcesses } from './owned-processes.mjs'
import { makeRunFolder } from './run-folder.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const [total, firstSeed] = [process.argv[2] ?? '5000', process.argv[3] ?? '1'].map(Number)
if (!(Number.isSafeInteger(total) && total > 0 && Number.isSafeInteger(firstSeed))) {
  process.stderr.write('fuzz-sql: pnpm fuzz:sql [how many] [first seed], both of them numbers\n')
  process.exit(2)
}

const roundOf = 5_000
/** A part runs twice in a round, in two ways; `share` is what one of them contributes, and
 * with fewer than `least` its figures say nothing. */
const parts = [
  { name: 'SQL', project: 'sql', test: 'soundness', variable: 'SQL', share: 0.45, least: 100 },
  {
    name: 'Kysely',
    project: 'sql',
    test: 'soundness-kysely',
    variable: 'SQL',
    share: 0.045,
    least: 100,
  },
  {
    name: 'Prisma',
    project: 'prisma',
    test: 'soundness',
    variable: 'PRISMA',
    share: 0.005,
    least: 10,
  },
].map((part) => ({ ...part, accepted: 0, refused: 0, failed: 0, differences: 0 }))

const started = Date.now()
const processes = ownProcesses()
const room = makeRunFolder(tmpdir(), processes.mark)
const accepted = () => parts.reduce((sum, part) => sum + part.accepted, 0)
/** How often each construct of SQL was met, and how often accepted. */
const shares = new Map()
let broken = false

function say(line) {
  process.stdout.write(`${line} (${((Date.now() - started) / 1_000).toFixed(0)} s)\n`)
}

/** Runs both ways of a part with one seed, and adds up what they tell. */
async function runPart(part, seed, size) {
  const { project, test, variable, share, least } = part
  const report = join(room, `${project}-${part.name}-${seed}.json`)
  const output = []
  await processes.run(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--project',
      project,
      `packages/${project}/test/${test}.test.ts`,
      '--typecheck.enabled=false',
      '--reporter=json',
      `--outputFile=${report}`,
    ],
    {
      cwd: root,
      env: {
        ...process.env,
        TMPDIR: room,
        [`PARTYWALL_${variable}_SEED`]: String(seed),
        [`PARTYWALL_${variable}_ACCEPTED`]: String(Math.max(Math.ceil(size * share), least)),
      },
      onOutput: (chunk) => output.push(chunk),
    },
  )
  for (const { title, status, meta, failureMessages } of testsIn(report)) {
    const { tally, constructs = {} } = meta
    if (tally === undefined && status === 'passed') continue
    if (tally === undefined) {
      say(`✗ ${part.name}, seed ${seed}: ${title}: ${failureMessages.join('\n')}`)
      broken = true
      continue
    }
    part.accepted += tally.accepted
    part.refused += tally.refused
    part.failed += tally.failed
    part.differences += tally.leaks.length
    for (const [construct, share] of Object.entries(constructs)) {
      const { met, accepted } = shares.get(construct) ?? { met: 0, accepted: 0 }
      shares.set(construct, { met: met + share.met, accepted: accepted + share.accepted })
    }
    for (const leak of tally.leaks) say(`✗ ${part.name}, seed ${seed}: ${leak}`)
    if (status === 'passed' || tally.leaks.length > 0) continue
    say(`✗ ${part.name}, seed ${seed}: ${failureMessages.join('\n')}`)
    broken = true
  }

  function testsIn(path) {
    try {
      const { testResults } = JSON.parse(readFileSync(path, 'utf8'))
      const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
      // Where its beginning failed, a file has no tests that ran.
      if (tests.length > 0) return tests
    } catch {
      // It did not come as far as to report.
    }
    process.stdout.write(Buffer.concat(output).toString('utf8'))
    return [{ title: 'no report', meta: {}, failureMessages: [] }]
  }
}

function summary() {
  const columns = ['accepted', 'refused', 'failed', 'differences']
  const all = Object.fromEntries(
    columns.map((column) => [column, parts.reduce((sum, part) => sum + part[column], 0)]),
  )
  for (const row of [...parts, { name: 'all', ...all }]) {
    const figures = columns.map((column) => `${row[column]} ${column}`)
    process.stdout.write(`${row.name.padEnd(7)}${figures.join(', ')}\n`)
  }
  // What is hardly ever accepted shows little.
  const seldom = [...shares].filter(([, { met, accepted }]) => accepted < met / 10)
  for (const [construct, { met, accepted }] of seldom) {
    process.stdout.write(`seldom accepted: ${construct}, ${accepted} of ${met}\n`)
  }
}

let ending = false
async function end(code) {
  if (ending) return
  ending = true
  await processes.end()
  await rm(room, { recursive: true, force: true, maxRetries: 5 })
  summary()
  process.exit(parts.some(({ differences }) => differences > 0) ? 1 : code)
}
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  process.on(signal, () => void end(code))
}

let seed = firstSeed
for (; accepted() < total && !broken; seed += 1) {
  const size = Math.min(roundOf, total - accepted())
  for (const part of parts) {
    const before = accepted()
    await runPart(part, seed, size)
    say(
      `${part.name}, seed ${seed}: ${accepted() - before} accepted, ${accepted()} of ${total} in all`,
    )
  }
}
process.stdout.write(`seeds ${firstSeed} to ${seed - 1}\n`)
await end(broken ? 1 : 0)
