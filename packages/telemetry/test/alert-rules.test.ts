import { execFile } from 'node:child_process'
import { accessSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { alertRules, grafanaDashboards } from '@partywall/telemetry/prometheus'
import { expect, it } from 'vitest'
import { temporaryFolder } from './fixture/folder.ts'

const run = promisify(execFile)
const here = fileURLToPath(new URL('.', import.meta.url))

/** promtool from the PATH, else from the workspace's cache. */
function promtool(): string {
  const cache = join(here, '../../../node_modules/.cache/partywall/bin')
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), cache]) {
    try {
      accessSync(join(folder, 'promtool'))
      return join(folder, 'promtool')
    } catch {
      // Looked for elsewhere.
    }
  }
  throw new Error('promtool is missing: run `npm test`, or install Prometheus')
}

/** Runs every case of `test/prometheus/<name>.test.yml`; promtool says which one failed. */
async function holds(name: string): Promise<void> {
  const { stdout } = await run(promtool(), ['test', 'rules', `${here}prometheus/${name}.test.yml`])
  expect(stdout).toContain('SUCCESS')
}

it('ships rules that Prometheus accepts', { timeout: 60_000 }, async () => {
  const rules = join(here, '../prometheus/partywall.rules.yml')
  const { stdout } = await run(promtool(), ['check', 'rules', rules])
  expect(stdout).toContain('SUCCESS')
})

it('ships dashboards whose every query Prometheus understands', { timeout: 60_000 }, async () => {
  const folder = await temporaryFolder()
  const queries = grafanaDashboards().flatMap(({ json }) =>
    [...json.matchAll(/"expr": (".*")/g)].map(([, text = '']) => String(JSON.parse(text))),
  )
  expect(queries.length).toBeGreaterThan(15)
  const rules = queries.map((expr, index) => ({ record: `query:${index}`, expr }))
  const file = join(folder, 'queries.yml')
  // JSON is YAML.
  await writeFile(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }))
  const { stdout } = await run(promtool(), ['check', 'rules', '--lint=none', file])
  expect(stdout).toContain(`${queries.length} rules found`)
})

it('names metrics and services as it is told', { timeout: 60_000 }, async () => {
  const file = join(await temporaryFolder(), 'rules.yml')
  const rules = alertRules({ prefix: 'pulse_', serviceLabels: ['namespace', 'job'] })
  await writeFile(file, rules)
  const { stdout } = await run(promtool(), ['check', 'rules', file])
  expect(stdout).toContain('SUCCESS')
  expect(rules).not.toMatch(/[^_]tenant_(?!rollout_stage:)/)
  expect(rules).toContain('max by (namespace, job) (pulse_tenant_rollout_stage)')
})

// mutation prometheus/partywall.rules.yml: tenant:violations:increase24h > 0 and on (job) tenant:rollout_stage:max == 1 => increase(tenant_violations_total[24h]) > 0
it('summarises the violations of a day, in stage 1 only, as information [56, 133]', {
  timeout: 60_000,
}, async () => {
  await holds('tenant-violation-summary')
})

// mutation prometheus/partywall.rules.yml: share5m > 0.001 and on (job) tenant:rollout_stage:max == 2 => share5m > 0.01 and on (job) tenant:rollout_stage:max == 2
it('warns in stage 2 above a share of 0.1 % of requests, and from stage 3 above 0.01 % [73, 87, 134, 136]', {
  timeout: 60_000,
}, async () => {
  await holds('tenant-enforcement-errors')
})

// mutation prometheus/partywall.rules.yml: tenant:violations:increase5m / 300 > 1 => tenant:violations:increase5m > 1
it('tells of more than one violation per second in stage 2 [135]', {
  timeout: 60_000,
}, async () => {
  await holds('tenant-violation-spike')
})

// mutation prometheus/partywall.rules.yml: round(tenant:bypass_usage:increase1h) > 5 => tenant:bypass_usage:increase1h > 5
it('warns of more than five bypasses within an hour, in stage 3 [137]', {
  timeout: 60_000,
}, async () => {
  await holds('tenant-bypass-usage')
})

it('tells of metrics that are missing, since no other alert can', { timeout: 60_000 }, async () => {
  await holds('tenant-metrics-absent')
})

it('tells of guard faults in every stage', { timeout: 60_000 }, async () => {
  await holds('tenant-guard-faults')
})

it('tells of slow guards, above 5 ms and above 10 ms', { timeout: 60_000 }, async () => {
  await holds('tenant-guard-slow')
})

it('tells of blocks that belong to no request', { timeout: 60_000 }, async () => {
  await holds('tenant-blocks-outside')
})

it('tells of lost records', { timeout: 60_000 }, async () => {
  await holds('tenant-records-lost')
})
