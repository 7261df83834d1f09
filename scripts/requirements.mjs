// The table of requirements: which numbered line is shown by which test, and under which change of
// the code that test fails.
//
//   node scripts/requirements.mjs                           writes docs/requirements.md
//   node scripts/requirements.mjs --check                   tells whether it is up to date and sound
//   node scripts/requirements.mjs --check --report R.json   … and whether vitest saw each claim pass
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readClaims, readMutations, titlePattern } from './claims.mjs'

const kinds = ['behaviour', 'data', 'procedure']

export function readRequirements(root) {
  return JSON.parse(readFileSync(join(root, 'docs', 'requirements.json'), 'utf8'))
}

/** The table as Markdown. */
export function tableOf(requirements, claims) {
  const byNumber = new Map(requirements.map(({ number }) => [number, []]))
  for (const claim of claims) {
    for (const number of claim.numbers) byNumber.get(number)?.push(claim)
  }
  const shown = (kind) =>
    requirements.filter(({ number }) => byNumber.get(number).some((claim) => claim.kind === kind))
  const missing = requirements.filter(({ number }) => byNumber.get(number).length === 0)
  const lines = [
    '# Requirements',
    '',
    '<!-- Written by `node scripts/requirements.mjs`; do not edit. -->',
    '',
    'Each numbered line of the operational documents that this product fulfils, and the test that shows it. *Behaviour* is shown by a test that fails under the change named beside it (`pnpm mutations` tries them all), *data* by a test of a file, *procedure* by a test that runs the commands of a page.',
    '',
    `${requirements.length} lines: ${kinds.map((kind) => `${shown(kind).length} ${kind}`).join(', ')}, ${missing.length} missing${missing.length === 0 ? '' : ` (${missing.map(({ number }) => number).join(', ')})`}.`,
    '',
    '| | requirement | kind | test | fails under |',
    '|-|-|-|-|-|',
  ]
  for (const { number, document, text } of requirements) {
    const rows = byNumber.get(number)
    lines.push(`| ${number} | [${document}] ${cell(text)} | ${rowOf(rows)} |`)
  }
  return `${lines.join('\n')}\n`
}

function rowOf(claims) {
  if (claims.length === 0) return '**missing** | | '
  const kindsOfRow = [...new Set(claims.map(({ kind }) => kind))].join(', ')
  const tests = claims.map(({ title, file }) => `${cell(withoutTag(title))} (\`${file}\`)`)
  const changes = claims.flatMap(({ mutations }) =>
    mutations.map(({ target, change }) => code(`${target}: ${change}`)),
  )
  return `${kindsOfRow} | ${tests.join('<br>')} | ${[...new Set(changes)].join('<br>')}`
}

function withoutTag(title) {
  return title.slice(0, title.lastIndexOf(' ['))
}

function cell(text) {
  const escaped = text.replaceAll('|', '\\|')
  // Every second part is code, in which an entity would be shown as it is written.
  const parts = escaped.split('`')
  return parts.map((part, at) => (at % 2 === 0 ? part.replaceAll('<', '&lt;') : part)).join('`')
}

/** Code in a table: a pipe must be escaped even there, and backticks need longer ones around them. */
function code(text) {
  const fence = text.includes('`') ? '``' : '`'
  const space = text.includes('`') ? ' ' : ''
  return `${fence}${space}${text.replaceAll('|', '\\|')}${space}${fence}`
}

/** What is wrong with the claims themselves. */
export function problemsOf(requirements, claims) {
  const known = new Set(requirements.map(({ number }) => number))
  return claims.flatMap((claim) => {
    const where = `${claim.file}: "${claim.title}"`
    const unknown = claim.numbers.filter((number) => !known.has(number))
    return [
      ...unknown.map((number) => `${where} claims ${number}, which is no requirement`),
      ...(claim.kind === 'behaviour' && claim.mutations.length === 0
        ? [`${where} names no mutation on the line above`]
        : []),
      ...claim.mutations
        .filter(({ problem }) => problem !== undefined)
        .map((mutation) => describeProblem(claim, mutation)),
    ]
  })
}

function describeProblem({ file, title }, { target, change, problem }) {
  return `${file}: "${title}": mutation ${target}: ${change}: ${problem}`
}

/** Claims that vitest did not see pass. */
export function unproven(root, claims, report) {
  const files = new Map(
    report.testResults.map(({ name, assertionResults }) => [name, assertionResults]),
  )
  return claims.flatMap(({ file, title }) => {
    const pattern = titlePattern(title)
    const found = (files.get(join(root, file)) ?? []).filter((test) => pattern.test(test.title))
    const failed = found.filter(({ status }) => status !== 'passed')
    if (found.length > 0 && failed.length === 0) return []
    const why = found.length === 0 ? 'was not run' : `is ${failed[0].status}`
    return [`${file}: "${title}" claims requirements and ${why}`]
  })
}

/** Everything that can be told without running a test. */
export function staticProblems(root) {
  const requirements = readRequirements(root)
  const claims = readClaims(root)
  const table = join(root, 'docs', 'requirements.md')
  const written = existsSync(table) ? readFileSync(table, 'utf8') : ''
  const stale = written !== tableOf(requirements, claims)
  return [
    ...problemsOf(requirements, claims),
    ...readMutations(root)
      .filter(({ claim, mutation }) => claim.numbers.length === 0 && mutation.problem !== undefined)
      .map(({ claim, mutation }) => describeProblem(claim, mutation)),
    ...(stale ? ['docs/requirements.md is out of date: run node scripts/requirements.mjs'] : []),
  ]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const { values } = parseArgs({
    options: { check: { type: 'boolean' }, report: { type: 'string' } },
  })
  const claims = readClaims(root)
  if (!values.check) {
    writeFileSync(join(root, 'docs', 'requirements.md'), tableOf(readRequirements(root), claims))
  }
  const problems = [
    ...staticProblems(root),
    ...(values.report === undefined
      ? []
      : unproven(root, claims, JSON.parse(readFileSync(values.report, 'utf8')))),
  ]
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  process.stdout.write(`${claims.length} claims, ${problems.length} problems\n`)
  process.exitCode = problems.length > 0 ? 1 : 0
}
