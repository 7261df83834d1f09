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
 * The tests of some files as vitest's own parser finds them: neither comments nor what is skipped or
 * still to do. Nothing is run, so that the title of a loop holds its placeholders.
 */
export function listTests(root, files) {
  const room = mkdtempSync(join(tmpdir(), 'partywall-list-'))
  try {
    const list = join(room, 'list.json')
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
    const args = [vitest, 'list', '--static-parse', `--json=${list}`, ...files]
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    if (status !== 0) throw new Error(`vitest could not list the tests: ${stderr}`)
    return JSON.parse(readFileSync(list, 'utf8'))
  } finally {
    rmSync(room, { recursive: true, force: true })
  }
}

/** Rows whose test is not there, or is never run. */
export function withoutTest(root, faults, listed) {
  return faults
    .filter(
      ({ file, title }) =>
        file === '' ||
        !listed.some((test) => test.file === join(root, file) && test.name.includes(title)),
    )
    .map(({ row }) => `docs/faults.md names no test that is run: ${row}`)
}

/** Rows whose tests vitest did not see pass, one of several included. */
export function withoutProof(root, faults, report) {
  return faults.flatMap(({ file, title }) => {
    const pattern = new RegExp(titlePattern(title).source.slice(1, -1), 's')
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
  const files = [...new Set(faults.map(({ file }) => file).filter((file) => file !== ''))]
  const problems = [
    ...withoutTest(root, faults, listTests(root, files)),
    ...(values.report === undefined
      ? []
      : withoutProof(root, faults, JSON.parse(readFileSync(values.report, 'utf8')))),
  ]
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  process.stdout.write(`${faults.length} faults, ${problems.length} problems\n`)
  process.exitCode = problems.length > 0 ? 1 : 0
}
