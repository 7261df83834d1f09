import { runAsSystem, runJob, runWithTenant } from '@partywall/context'
import { publish, startOperation } from '@partywall/context/spi'
import { createRecorder, type Recorder } from '@partywall/telemetry'
import { type MetricOptions, registerMetrics } from '@partywall/telemetry/prometheus'
import { type OpenMetricsContentType, Registry } from 'prom-client'
import { expect, it, onTestFinished } from 'vitest'
import { tell } from './fixture/wall.ts'

function scraped(options?: MetricOptions): { recorder: Recorder; scrape: () => Promise<string[]> } {
  const recorder = createRecorder({
    models: { User: 'CRITICAL', Role: 'HIGH' },
    endpoints: ['/api/admin/users', 'nightly'],
    reasons: ['nightly_cleanup'],
    wallClock: () => 5000,
  })
  onTestFinished(() => recorder.close())
  const register = new Registry()
  registerMetrics(recorder, register, options)
  return { recorder, scrape: async () => (await register.metrics()).split('\n') }
}

function request(tenantId: string, endpoint: string, work: () => void): void {
  const operation = startOperation({ kind: 'request', method: 'GET', endpoint })
  operation.run(() => runWithTenant({ tenantId, env: 'prod' }, work))
  operation.end({ failed: false })
}

// mutation src/counter-series.ts: violations: values[at.violations + row * width + column] ?? 0 => violations: 0
it('exports violations by model and severity, from 0 on [55, 129]', async () => {
  const { scrape } = scraped()
  const line = 'tenant_violations_total{model="User",severity="CRITICAL"}'
  expect(await scrape()).toContain(`${line} 0`)
  expect(await scrape()).toContain(
    'tenant_violations_total{model="(unknown)",severity="CRITICAL"} 0',
  )
  for (const tenantId of ['acme', 'globex'])
    request(tenantId, '/api/admin/users', () => tell('log'))
  request('acme', '/x', () => tell('log', { model: "'; drop table", severity: 'MEDIUM' }))
  const lines = await scrape()
  expect(lines).toContain(`${line} 2`)
  expect(lines).toContain('tenant_violations_total{model="Role",severity="HIGH"} 0')
  expect(lines).toContain('tenant_violations_total{model="other",severity="MEDIUM"} 1')
  expect(lines).toContain('tenant_violations_by_endpoint_total{endpoint="/api/admin/users"} 2')
  expect(lines.join()).not.toContain('drop table')
})

// mutation src/counter-series.ts: blocks: values[at.blocks + row * width + column] ?? 0 => blocks: 0
it('exports blocked statements by model and endpoint, and blocked requests by kind [72, 86, 130]', async () => {
  const { scrape } = scraped()
  const line = 'tenant_enforcement_errors_total{model="User",endpoint="/api/admin/users"}'
  expect(await scrape()).toContain(`${line} 0`)
  for (const tenantId of ['acme', 'globex']) {
    request(tenantId, '/api/admin/users', () => {
      tell('block')
      tell('block')
    })
    request(tenantId, '/api/admin/users?secret=1', () => tell('log'))
  }
  await runJob('nightly', () => tell('block', { model: 'Role', severity: 'HIGH' }))
  const lines = await scrape()
  expect(lines).toContain(`${line} 4`)
  expect(lines).toContain('tenant_enforcement_errors_total{model="Role",endpoint="nightly"} 1')
  expect(lines).toContain('tenant_requests_total{kind="request"} 4')
  expect(lines).toContain('tenant_requests_blocked_total{kind="request"} 2')
  expect(lines).toContain('tenant_requests_total{kind="job"} 1')
  expect(lines).toContain('tenant_requests_blocked_total{kind="job"} 1')
  expect(lines.join()).not.toContain('secret')
})

// mutation src/decision-account.ts: cells.bypassUse(system.reason) => cells.bypassUse('other')
it('exports uses of a bypass by declared reason [131]', async () => {
  const { scrape } = scraped()
  expect(await scrape()).toContain('tenant_bypass_usage_total{reason="nightly_cleanup"} 0')
  runAsSystem({ actor: 'cron', reason: 'nightly_cleanup' }, () => {
    tell('bypass')
    tell('bypass')
  })
  runAsSystem({ actor: 'eve', reason: 'never_declared' }, () => tell('bypass'))
  const lines = await scrape()
  expect(lines).toContain('tenant_bypass_usage_total{reason="nightly_cleanup"} 1')
  expect(lines).toContain('tenant_bypass_usage_total{reason="other"} 1')
})

// mutation src/prometheus-metrics.ts: bound === undefined ? '+Inf' : bound / 1000 => bound === undefined ? '+Inf' : bound
it('exports the overhead as a histogram in seconds, from which the p95 is read [132, 148]', async () => {
  const { scrape } = scraped()
  expect(await scrape()).toContain('tenant_middleware_duration_seconds_count 0')
  for (let index = 0; index < 19; index += 1) {
    publish({ type: 'guarded', surface: 'sql', overheadMs: 0.4 })
  }
  publish({ type: 'guarded', surface: 'sql', overheadMs: 8 })
  const lines = await scrape()
  expect(lines).toContain('# TYPE tenant_middleware_duration_seconds histogram')
  expect(lines).toContain('tenant_middleware_duration_seconds_bucket{le="0.00025"} 0')
  expect(lines).toContain('tenant_middleware_duration_seconds_bucket{le="0.0005"} 19')
  expect(lines).toContain('tenant_middleware_duration_seconds_bucket{le="0.005"} 19')
  expect(lines).toContain('tenant_middleware_duration_seconds_bucket{le="0.01"} 20')
  expect(lines).toContain('tenant_middleware_duration_seconds_bucket{le="+Inf"} 20')
  expect(lines).toContain('tenant_middleware_duration_seconds_count 20')
  const sum = lines.find((line) => line.startsWith('tenant_middleware_duration_seconds_sum'))
  expect(Number(sum?.split(' ')[1])).toBeCloseTo(0.0156)
})

it('exports the stage, mode, switches and generation that the settings tell', async () => {
  const { scrape } = scraped({
    status: () => ({ mode: 'selective', enforcedModels: 5, loggedModels: 4 }),
  })
  expect((await scrape()).filter((line) => line.startsWith('tenant_rollout_stage'))).toEqual([])
  const change = { type: 'settings', actor: 'ann', reason: 'next' } as const
  publish({
    ...change,
    generation: 7,
    stage: 2,
    mode: 'log_only',
    enforcement: 'off',
    killSwitch: 'on',
  })
  const lines = await scrape()
  expect(lines).toContain('tenant_rollout_stage 2')
  expect(lines).toContain('tenant_rollout_mode{mode="log_only"} 1')
  expect(lines).toContain('tenant_rollout_mode{mode="selective"} 0')
  expect(lines).toContain('tenant_rollout_enforcement 0')
  expect(lines).toContain('tenant_rollout_kill_switch 1')
  expect(lines).toContain('tenant_rollout_generation 7')
  expect(lines).toContain('tenant_rollout_enforced_models 5')
  expect(lines).toContain('tenant_rollout_logged_models 4')
  expect(lines).toContain('tenant_telemetry_start_time_seconds 5')
  // The environment alone has no stages: the stage is then the one its mode belongs to.
  publish({
    ...change,
    generation: 8,
    stage: undefined,
    mode: 'enforce',
    enforcement: 'on',
    killSwitch: 'off',
  })
  expect(await scrape()).toContain('tenant_rollout_stage 3')
})

it('exports guard faults and losses', async () => {
  const { scrape } = scraped()
  publish({ type: 'fault', surface: 'sql', error: new Error('x') })
  const lines = await scrape()
  expect(lines).toContain('tenant_guard_faults_total 1')
  expect(lines.some((line) => line.startsWith('tenant_telemetry_lost_total '))).toBe(true)
})

it('never grows: the same series whatever is told', async () => {
  const { scrape } = scraped()
  const names = (lines: string[]): string[] => lines.map((line) => line.replace(/ \S+$/, ''))
  const before = names(await scrape())
  for (let index = 0; index < 200; index += 1) {
    request('acme', `/user/${index}`, () => tell('block', { model: `M${index}` }))
    runAsSystem({ actor: 'cron', reason: `r${index}` }, () => tell('bypass'))
  }
  expect(names(await scrape())).toEqual(before)
})

it('takes a prefix, and refuses to register twice', async () => {
  const { recorder, scrape } = scraped({ prefix: 'pulse_' })
  expect(await scrape()).toContain('pulse_tenant_requests_total{kind="request"} 0')
  expect((await scrape()).filter((line) => /^(# \w+ )?tenant_/.test(line))).toEqual([])
  const register = new Registry()
  registerMetrics(recorder, register)
  expect(() => registerMetrics(recorder, register)).toThrow(/already been registered/)
})

it('writes OpenMetrics and JSON, and survives a reset of the registry', async () => {
  const { recorder } = scraped()
  request('acme', '/api/admin/users', () => tell('block'))
  const register = new Registry<OpenMetricsContentType>()
  register.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  registerMetrics(recorder, register)
  register.resetMetrics()
  const lines = (await register.metrics()).split('\n')
  expect(lines).toContain('# TYPE tenant_requests counter')
  expect(lines).toContain('tenant_requests_total{kind="request"} 1')
  expect(lines).toContain('# EOF')
  const json = await register.getMetricsAsJSON()
  expect(json.find(({ name }) => name === 'tenant_middleware_duration_seconds')).toBeDefined()
})
