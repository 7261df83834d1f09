// The page docs/faults.md: which test shows what happens when something is wrong.
//
//   node scripts/faults.mjs                    whether each test that is named can be run
//   node scripts/faults.mjs --report R.json    … and whether vitest saw it pass
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { titlePattern } from './claims.mjs'

/** The rows of the page; a row that names no test has neither file nor title. */
export function readFaults(page) {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| fault'))
    .map((row) => {
      const [, file = '', title = ''] = /\| `([^`]+\.test\.ts)`: (.+) \|$/.exec(row) ?? []
      return { row, file, title }
    })
}

/**
 * Rows whose test is not there, or is not run here. Nothing is run: vitest's own parser reads the
 * files, and those in which it finds a condition, it loads.
 */
export function withoutTest(root, faults) {
  const read = missingFrom(faults, root, ['--static-parse'])
  return missingFrom(read, root, []).map(
    ({ row }) => `docs/faults.md names no test that is run: ${row}`,
  )
}

/** The rows whose title is in none of the tests that vitest lists: what is skipped is not among them. */
function missingFrom(faults, root, how) {
  const files = [...new Set(faults.map(({ file }) => file).filter((file) => file !== ''))]
  const listed = files.length === 0 ? [] : listTests(root, files, how)
  return faults.filter(({ file, title }) => {
    const pattern = partOfTitle(title)
    return !listed.some((test) => test.file === join(root, file) && pattern.test(test.name))
  })
}

function listTests(root, files, how) {
  const room = mkdtempSync(join(tmpdir(), 'partywall-list-'))
  try {
    const list = join(room, 'list.json')
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
    const args = [vitest, 'list', '--no-typecheck', `--json=${list}`, ...how, ...files]
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    if (status !== 0) throw new Error(`vitest could not list the tests: ${stderr}`)
    return JSON.parse(readFileSync(list, 'utf8'))
  } finally {
    rmSync(room, { recursive: true, force: true })
  }
}

/** The page may give a title in part. */
function partOfTitle(title) {
  return new RegExp(titlePattern(title).source.slice(1, -1), 's')
}

/** Rows whose tests vitest did not see pass, one of several included. */
export function withoutProof(root, faults, report) {
  return faults.flatMap(({ file, title }) => {
    const pattern = partOfTitle(title)
    const tests = report.testResults
      .filter(({ name }) => name === join(root, file))
      .flatMap(({ assertionResults }) => assertionResults)
      .filter((test) => pattern.test([...test.ancestorTitles, test.title].join(' > ')))
    const failed = tests.find(({ status }) => status !== 'passed')
    if (tests.length > 0 && failed === undefined) return []
    const why = failed === undefined ? 'was not run' : `is ${failed.status}`
    return [`docs/faults.md: "${title}" of ${file} ${why}`]
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const { values } = parseArgs({ options: { report: { type: 'string' } } })
  const faults = readFaults(readFileSync(join(root, 'docs', 'faults.md'), 'utf8'))
  const problems = [
    ...withoutTest(root, faults),
    ...(values.report === undefined
      ? []
      : withoutProof(root, faults, JSON.parse(readFileSync(values.report, 'utf8')))),
  ]
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  process.stdout.write(`${faults.length} faults, ${problems.length} problems\n`)
  process.exitCode = problems.length > 0 ? 1 : 0
}
