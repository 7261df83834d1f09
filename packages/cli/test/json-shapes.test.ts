import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundlePrograms } from './fixtures/bundle.ts'
import type { Leak } from './fixtures/instance.ts'
import { startSqlWorld } from './fixtures/sql-world.ts'
import { liveThroughStages } from './fixtures/stages.ts'
import {
  createWorld,
  type Ended,
  environments,
  type Instance,
  type World,
} from './fixtures/world.ts'

const by = ['--actor', 'alice', '--reason', 'ticket 4711'] as const
const timeout = 60_000

const lines = readFileSync(new URL('../COMMANDS.md', import.meta.url), 'utf8').split('\n')
const begin = lines.indexOf('| command | keys of `result` |')
const lists = lines.indexOf('| list | keys of each |')

/** Keys of results by the first cell of the table. */
const documented = keysOf(lines.slice(begin + 2, lists))
/** Keys of what lists hold. */
const documentedLists = new Map(
  [...keysOf(lines.slice(lists + 2))].map(([name, keys]) => [name.replaceAll('`', ''), keys]),
)

function keysOf(rows: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const entries = rows
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const [, name = '', keys = ''] = line.split('|')
      const found = [...keys.matchAll(/`([^`]+)`/g)].map(([, key]) => key ?? '')
      return [name.trim(), found] as const
    })
  return new Map(entries)
}

let world: World
let fleet: readonly Instance[]
beforeAll(async () => {
  world = await createWorld()
  await world.cli('rollout', 'init', ...by)
  const setup = { environment: environments[0] }
  fleet = [await world.start('api-1', setup), await world.start('api-2', setup)]
}, timeout)
afterAll(() => world.remove())

async function expectShape(row: string, ...argv: readonly string[]): Promise<void> {
  await expectShapeOf(row, argv, await world.cli(...argv, '--json'))
}

async function expectShapeOf(
  row: string,
  argv: readonly string[],
  { stdout, code }: Ended,
): Promise<void> {
  const keys = [...documented].find(([commands]) => commands.startsWith(row))?.[1] ?? []
  const told = JSON.parse(stdout) as { exitCode: number; command: string; result: object }
  expect(Object.keys(told)).toEqual(['command', 'exitCode', 'result'])
  expect(told.exitCode).toBe(code)
  expect(argv.join(' ').startsWith(told.command)).toBe(true)
  expectKeys(told.result, keys, row)
  expectLists(told.result, row)
}

function expectLists(holder: object, row: string): void {
  for (const [key, value] of Object.entries(holder)) {
    const own = `${key} of ${row.replaceAll('`', '')}`
    const name = documentedLists.has(own) ? own : key
    const list = documentedLists.get(name)
    if (list === undefined || !Array.isArray(value) || row.includes('report')) continue
    seen.add(name)
    for (const each of value as object[]) {
      expectKeys(each, list, `${row} ${name}`)
      expectLists(each, row)
    }
  }
}

const seen = new Set<string>()

function expectKeys(value: object, keys: readonly string[], where: string): void {
  const found = Object.keys(value)
  const always = keys.filter((key) => !key.endsWith('?'))
  const all = keys.map((key) => key.replace('?', ''))
  expect(
    always.filter((key) => !found.includes(key)),
    `${where}: missing`,
  ).toEqual([])
  expect(
    found.filter((key) => !all.includes(key)),
    `${where}: not documented`,
  ).toEqual([])
}

it('says with --json what was triaged', { timeout }, async () => {
  const programs = await bundlePrograms()
  const stages = await liveThroughStages(programs)
  try {
    const late = await stages.endOf(2)
    try {
      const setup = { environment: environments[2] }
      const instance = await late.start('api-1', setup)
      const other = await late.start('api-2', setup)
      const leaks: Leak[] = [{ model: 'User', endpoint: '/api/admin/users', count: 3 }]
      await Promise.all([instance, other].map((it) => it.serve({ requests: 40, leaks })))
      const { stdout } = await late.cli('violations', 'list', '--blocked', '--ids')
      const argv = ['violations', 'triage', ...stdout.trim().split('\n'), '--as', 'open', ...by]
      await expectShapeOf('`violations triage`', argv, await late.cli(...argv, '--json'))
    } finally {
      await late.remove()
    }
  } finally {
    stages.remove()
    programs.remove()
  }
})

it('prints with --json what COMMANDS.md says, for every command', { timeout }, async () => {
  expect(documented.size).toBe(19)
  await expectShape('`rollout check`', 'rollout', 'check')
  await expectShape('`rollout advance`, refused', 'rollout', 'advance', ...by)
  await world.pass(48, fleet)
  await expectShape('`rollout init`', 'rollout', 'advance', ...by, '--wait', '10')
  await fleet[0]?.serve({
    requests: 40,
    leaks: [{ model: 'User', endpoint: '/api/admin/users', count: 3 }],
  })
  await expectShape('`rollout init`', 'enforcement', 'off', ...by)
  await expectShape('`rollout init`', 'enforcement', 'on', ...by)
  await expectShape('`rollout init`', 'rollout', 'configure', ...by)
  await expectShape('`rollout status`', 'rollout', 'status')
  await expectShape('`rollout history`', 'rollout', 'history')
  await expectShape('`kill on`', 'kill', 'on', ...by, '--wait', '10')
  await expectShape('`kill on`', 'kill', 'off', ...by)
  await expectShape('`violations list`', 'violations', 'list', '--tenant', 'acme')
  await expectShape('`violations list --blocked`', 'violations', 'list', '--blocked')
  await expectShape('`report`', 'report')
  await expectShape('`report --weekly`', 'report', '--weekly')
  await expectShape('`report --dashboard violations`', 'report', '--dashboard', 'violations')
  await expectShape('`report --dashboard enforcement`', 'report', '--dashboard', 'enforcement')
  await expectShape('`config check`', 'config', 'check')
  await expectShape('`doctor`', 'doctor')
  const sql = await startSqlWorld()
  try {
    const environment = { PARTYWALL_SCHEMA: 'tenant-schema.mjs', DATABASE_URL: sql.url }
    sql.write('some.sql', 'select * from users; select * from users where tenant_id = $1; selec')
    for (const argv of [
      ['sql', 'prove', '--file', 'some.sql'],
      ['sql', 'check', 'some.sql'],
      ['sql', 'audit', '--role', sql.role],
      ['sql', 'schema', '--owner-column', 'tenant_id'],
    ]) {
      const row = `\`${argv.slice(0, 2).join(' ')}\``
      await expectShapeOf(row, argv, await sql.cli([...argv, '--json'], { environment }))
    }
  } finally {
    await sql.stop()
  }
  expect([...seen].sort()).toEqual([...documentedLists.keys()].sort())
})
