// Runs the tests under every version of Node that is promised; npm fetches the versions.
//
//   pnpm test:nodes                     20.19, 22, 24 and 26, all tests
//   pnpm test:nodes 24 --project sql    one version; what follows goes to vitest
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { binaryFolder } from './binaries.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'partywall-nodes-'))
process.on('exit', () => rmSync(room, { recursive: true, force: true }))

const isVersion = (word) => /^\d+(\.\d+)*$/.test(word)
const words = process.argv.slice(2)
const rest = words.findIndex((word) => !isVersion(word))
const versions = rest === -1 ? words : words.slice(0, rest)
const vitest = rest === -1 ? [] : words.slice(rest)

function run(command, args) {
  return new Promise((resolve) => {
    const PATH = [process.env.PATH, binaryFolder].join(delimiter)
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, PATH },
      stdio: 'inherit',
    })
    child.once('error', () => resolve(1))
    child.once('close', (code) => resolve(code ?? 1))
  })
}

for (const preparation of [['scripts/check.mjs', 'binaries'], ['scripts/readme-snippets.mjs']]) {
  const code = await run(process.execPath, preparation)
  if (code !== 0) process.exit(code)
}

const rows = []
for (const version of versions.length > 0 ? versions : ['20.19', '22', '24', '26']) {
  process.stdout.write(`\n▸ Node ${version}\n`)
  const report = join(room, `${version}.json`)
  const program = join('node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`]
  const start = Date.now()
  const code = await run('npx', [
    ...['--yes', '--package', `node@${version}`, '--', 'node', program, 'run', '--no-typecheck'],
    ...reporters,
    ...vitest,
  ])
  let counts = { numPassedTests: 0, numFailedTests: 1 }
  try {
    counts = JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    // It did not come as far as a report.
  }
  const { numPassedTests: passed, numFailedTests } = counts
  const failed = Math.max(numFailedTests, code === 0 && passed > 0 ? 0 : 1)
  rows.push({ version, passed, failed, seconds: ((Date.now() - start) / 1_000).toFixed(0) })
}
process.stdout.write('\n')
for (const { version, passed, failed, seconds } of rows) {
  process.stdout.write(`Node ${version}: ${passed} passed, ${failed} failed in ${seconds} s\n`)
}
process.exitCode = rows.some(({ failed }) => failed > 0) ? 1 : 0
