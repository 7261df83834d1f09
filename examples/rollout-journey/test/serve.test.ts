import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Program, startProgram } from './program.ts'
import { until } from './until.ts'

const timeout = 120_000
let program: Program
let room: string

beforeAll(async () => {
  room = mkdtempSync(join(tmpdir(), 'journey-'))
  writeFileSync(join(room, 'curl'), standIn)
  chmodSync(join(room, 'curl'), 0o755)
  program = startProgram(() => ['--serve'])
  let over = false
  void program.ended.then(() => {
    over = true
  })
  await until(() => over || /kill off.*\n.*curl.*\n\n/.test(program.output()), timeout)
}, timeout)
afterAll(async () => {
  await program.remove()
  rmSync(room, { recursive: true })
})

/** For machines without curl: as much of it as the lines use. */
const standIn = `#!${process.execPath}
const args = process.argv.slice(2)
const [name, ...value] = args[args.indexOf('-H') + 1].split(': ')
const headers = args.includes('-H') ? { [name]: value.join(': ') } : {}
const answer = await fetch(args.at(-1), { headers })
process.stdout.write(await answer.text())
`

interface Tried {
  readonly line: string
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Types a line in a shell that has what was set before, in a folder that is not ours. */
function type(settings: readonly string[], line: string): Promise<Tried> {
  return new Promise((resolve) => {
    const PATH = [process.env['PATH'], room].join(':')
    execFile(
      '/bin/sh',
      ['-c', [...settings, line].join('\n')],
      { cwd: room, env: { PATH, HOME: room }, maxBuffer: 50_000_000 },
      (error, stdout, stderr) =>
        resolve({ line, stdout, stderr, code: Number(error?.code ?? (error === null ? 0 : 1)) }),
    )
  })
}

/** Every line that is meant to be typed, as it was printed. */
function printedLines(): readonly string[] {
  const [, told = ''] = program.output().split('from any folder:\n')
  return told
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

it('prints lines that can be typed, and each does what it says', { timeout }, async () => {
  const settings: string[] = []
  const tried: Tried[] = []
  for (const line of printedLines()) {
    if (/^(?:export |partywall\(\))/.test(line)) settings.push(line)
    else tried.push(await type(settings, line))
  }
  expect(settings).toHaveLength(3)
  const brief = tried.map(({ line, code }) => {
    const what = line.replace(/^curl .*:\d+/, 'GET ').replace(/ --actor.*/, '')
    return [what, code]
  })
  expect(brief).toEqual([
    ['GET /api/me', 0],
    ['GET /api/admin/users', 0],
    ['GET /metrics', 0],
    ['GET /metrics', 0],
    ['partywall rollout status', 0],
    ['partywall violations list', 0],
    ['partywall report --dashboard violations', 0],
    ['partywall rollout check', 1],
    ['partywall kill on --wait 5', 0],
    ['GET /api/me', 0],
    ['partywall kill off --wait 5', 0],
    ['GET /api/me', 0],
  ])
  expect(tried.filter(({ stderr }) => / {4}at |Error/.test(stderr))).toEqual([])
  const said = tried.map(({ stdout }) => stdout)
  const [me = '', users = '', metrics = '', , status, violations, dashboard, check] = said
  const { email } = JSON.parse(me)
  expect(email).toContain('@')
  // The leak: more than one tenant's people.
  expect(
    new Set(JSON.parse(users).map((row: { email: string }) => row.email.split('@')[1])).size,
  ).toBeGreaterThan(1)
  expect(metrics).toContain('tenant_violations_total')
  expect(status).toMatch(/detection/i)
  expect(violations).toContain('/api/admin/users')
  expect(dashboard).toContain('RefreshToken')
  expect(check).toMatch(/red/i)
  expect(JSON.parse(said[9] ?? '')).toMatchObject({ status: 501, reason: 'tenancy.disabled' })
  expect(JSON.parse(said[11] ?? '')).toMatchObject({ email })
})

it('ends with Ctrl-C, and leaves nothing', { timeout: 20_000 }, async () => {
  program.kill('SIGINT')
  expect(await program.ended).toEqual({ code: 0, signal: null })
  expect(program.left()).toEqual([])
})
