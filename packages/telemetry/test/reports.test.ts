import {
  type AggregateReading,
  type DayAggregate,
  dailyReport,
  enforcementDashboard,
  type LoggedViolation,
  renderDailyReport,
  renderEnforcementDashboard,
  renderViolationDashboard,
  renderWeeklyTrend,
  reportFormats,
  violationDashboard,
  weeklyTrend,
} from '@partywall/telemetry'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { aggregate } from './fixture/aggregate.ts'

function reading(...aggregates: DayAggregate[]): AggregateReading {
  return { aggregates, unreadable: [] }
}

/** Two instances on the day, one on the day before. */
const week = reading(
  aggregate('2026-01-27', {
    70: { requests: 900, violations: { User: { '/api/admin/users': 100 } } },
  }),
  aggregate('2026-01-28', {
    70: {
      requests: 900,
      violations: { User: { '/api/admin/users': 45, '/x': 3 }, Role: { '/api/admin/roles': 30 } },
    },
  }),
  aggregate(
    '2026-01-28',
    { 71: { requests: 100, violations: { RolePermission: { '/api/admin/roles': 7 } } } },
    'b',
  ),
)

// mutation src/daily-report.ts: const span = sumSpan(reading.aggregates, from, from + dayMs) => const span = sumSpan(reading.aggregates, from - dayMs, from)
it('reports a day: total, severities with their models, ranked endpoints, actions [123–127]', () => {
  const report = dailyReport(week, { date: '2026-01-28' })
  expect(report).toMatchObject({
    title: 'Tenant Enforcement Violations - 2026-01-28',
    processes: 2,
    operations: 1000,
    total: 85,
    severities: [
      { severity: 'CRITICAL', total: 48, models: [{ name: 'User', count: 48 }] },
      { severity: 'HIGH', total: 30, models: [{ name: 'Role', count: 30 }] },
      { severity: 'MEDIUM', total: 7, models: [{ name: 'RolePermission', count: 7 }] },
    ],
    endpoints: [
      { name: '/api/admin/users', count: 45 },
      { name: '/api/admin/roles', count: 37 },
      { name: '/x', count: 3 },
    ],
  })
  expect(report.actions.map(({ severity }) => severity)).toEqual([
    'CRITICAL',
    'CRITICAL',
    'HIGH',
    'MEDIUM',
  ])
  const text = renderDailyReport(report, 'text')
  expect(text).toMatch(/^Tenant Enforcement Violations - 2026-01-28\n/)
  expect(text).toMatch(/Total violations: 85/)
  expect(text).toMatch(/CRITICAL +48\n +User +48\n +HIGH +30/)
  expect(text).toMatch(/1\. +\/api\/admin\/users +45\n +2\. +\/api\/admin\/roles +37/)
  expect(text).toMatch(/1\. +CRITICAL +Confine User to the tenant at \/api\/admin\/users \(45\)/)
  expect(renderDailyReport(report, 'markdown')).toMatch(
    /^# Tenant Enforcement Violations - 2026-01-28\n/,
  )
  expect(JSON.parse(renderDailyReport(report, 'json'))).toEqual(report)
})

it('names blocks that belong to no request: they are in no share', () => {
  const stray = reading(aggregate('2026-01-28', { 70: { requests: 1, blocksOutside: 3 } }))
  const report = dailyReport(stray, { date: '2026-01-28' })
  expect(report.blocksOutside).toBe(3)
  const line = 'Blocked outside of any request or job: 3, in no share'
  expect(renderDailyReport(report, 'text')).toContain(line)
  const status = { mode: 'enforce', enforcedModels: 2, loggedModels: 0 }
  const at = Date.parse('2026-01-28T11:45:00Z')
  const dashboard = enforcementDashboard(stray, { at, status })
  expect(dashboard.blocksOutside).toBe(3)
  expect(renderEnforcementDashboard(dashboard, 'text')).toMatch(/Blocked outside of these +3/)
  expect(renderDailyReport(dailyReport(week, { date: '2026-01-28' }), 'text')).not.toContain(
    'outside of any request',
  )
})

it('does not take a day without data for a day without violations', () => {
  const report = dailyReport(week, { date: '2026-01-26' })
  expect(report.processes).toBe(0)
  expect(renderDailyReport(report, 'text')).toContain('No data')
  const torn = { ...week, unreadable: ['2026-01-28.0-1.c.json'] }
  const partial = dailyReport(torn, { date: '2026-01-28' })
  expect(partial.unreadable).toBe(1)
  expect(renderDailyReport(partial, 'text')).toContain('1 files could not be read')
  expect(() => dailyReport(week, { date: 'yesterday' })).toThrow(/2026-01-28/)
  expect(() => dailyReport(week, { date: '2026-13-01' })).toThrow(/2026-01-28/)
})

it('shows examples from the violation log, one per signature, with the place in the code', () => {
  const example = (signature: string, timestamp: string): LoggedViolation => ({
    signature,
    decision: 'log',
    reason: 'mode_log_only',
    generation: 1,
    instance: 'a',
    record: {
      timestamp,
      severity: 'CRITICAL',
      model: 'User',
      action: 'select',
      violation: 'missing_tenant_id',
      endpoint: '/api/admin/users',
      method: 'GET',
      stackTrace:
        'Error\n    at Pool.query (/app/node_modules/pg/lib/pool.js:1:1)\n    at listUsers (/app/src/users.ts:12:3)',
      queryArgs: { fingerprint: 'f', statement: 'select * from users', parameters: [] },
    },
  })
  const report = dailyReport(week, {
    date: '2026-01-28',
    examples: [
      example('s1', '2026-01-28T01:00:00Z'),
      example('s1', '2026-01-28T02:00:00Z'),
      example('s2', '2026-01-27T01:00:00Z'),
    ],
  })
  expect(report.examples).toEqual([
    {
      signature: 's1',
      model: 'User',
      endpoint: '/api/admin/users',
      statement: 'select * from users',
      at: 'at listUsers (/app/src/users.ts:12:3)',
    },
  ])
  expect(renderDailyReport(report, 'text')).toContain('at listUsers (/app/src/users.ts:12:3)')
})

// mutation src/weekly-trend.ts: { above: 50, advice: 'fix_medium_frequency' } => { above: 150, advice: 'fix_medium_frequency' }
it('tells per week what the level of violations asks for [128]', () => {
  const perDay = [
    ['2026-01-01', 450],
    ['2026-01-08', 120],
    ['2026-01-15', 25],
    ['2026-01-22', 5],
  ] as const
  const aggregates = perDay.flatMap(([first, violations]) =>
    Array.from({ length: 7 }, (_, day) =>
      aggregate(new Date(Date.parse(first) + day * 86_400_000).toISOString().slice(0, 10), {
        0: { requests: 100, violations: { User: { '/users': violations } } },
      }),
    ),
  )
  const trend = weeklyTrend(reading(...aggregates), { until: '2026-01-28' })
  expect(trend.weeks.map(({ perDay, advice }) => [perDay, advice])).toEqual([
    [450, 'fix_high_frequency'],
    [120, 'fix_medium_frequency'],
    [25, 'fix_edge_cases'],
    [5, 'ready_for_enforcement'],
  ])
  const text = renderWeeklyTrend(trend, 'text')
  expect(text).toMatch(/2026-01-01 – 2026-01-07 +450\/day +7 of 7 days +→ fix high-frequency/)
  expect(text).toMatch(/5\/day +7 of 7 days +→ ready for enforcement/)
  const empty = weeklyTrend(reading(), { until: '2026-01-28', weeks: 1 })
  expect(empty.weeks).toMatchObject([{ perDay: null, advice: 'no_data' }])
})

// mutation src/violation-dashboard.ts: yesterday === 0 ? null : Math.round((today.violations / yesterday - 1) * 100) => yesterday === 0 ? null : Math.round((yesterday / today.violations - 1) * 100)
it('shows the violations of the last 24 hours with bars and the trend [57, 138]', () => {
  const at = Date.parse('2026-01-28T23:15:00Z')
  const dashboard = violationDashboard(week, { at })
  expect(dashboard).toMatchObject({
    title: 'Tenant Violations (Last 24h)',
    total: 85,
    severities: { CRITICAL: 48, HIGH: 30, MEDIUM: 7 },
    trend: { yesterday: 100, changePercent: -15 },
  })
  expect(dashboard.hours.reduce((sum, count) => sum + count, 0)).toBe(85)
  const text = renderViolationDashboard(dashboard, 'text')
  expect(text).toContain('CRITICAL: 48 | HIGH: 30 | MEDIUM: 7')
  expect(text).toContain('↓ 15% vs yesterday (100)')
  expect(text).toMatch(/User +CRITICAL +48 +█{24}\n/)
  expect(text).toMatch(/Role +HIGH +30 +█{15}\n/)
  expect(text).toMatch(/\/api\/admin\/users +45/)
  const later = violationDashboard(week, { at: at + 86_400_000 * 3 })
  expect(later).toMatchObject({ processes: 0, trend: { changePercent: null } })
})

// mutation src/enforcement-dashboard.ts: hour.operationsBlocked / hour.operations => hour.blocks / hour.operations
it('shows mode, models, error rate, errors, bypasses and overhead of the last hour [74, 88, 139]', () => {
  const overhead = Array.from({ length: 14 }, () => 0)
  overhead[4] = 90
  overhead[8] = 10
  const busy = reading(
    aggregate('2026-01-28', {
      // Two hours ago: not in the last hour.
      126: { requests: 500, requestsBlocked: 500, blocks: { User: { '/api/admin/users': 500 } } },
      138: {
        requests: 900,
        requestsBlocked: 2,
        blocks: { User: { '/api/admin/users': 5 }, Role: { '/api/admin/roles': 1 } },
        bypasses: { nightly: 3 },
        overhead,
      },
    }),
    aggregate('2026-01-28', { 139: { requests: 90, jobs: 10 } }, 'b'),
  )
  const status = {
    mode: 'selective',
    stage: 2,
    generation: 9,
    enforcement: 'on',
    killSwitch: 'off',
    enforcedModels: 5,
    loggedModels: 4,
  } as const
  const dashboard = enforcementDashboard(busy, { at: Date.parse('2026-01-28T23:15:00Z'), status })
  expect(dashboard).toMatchObject({
    status,
    operations: 1000,
    errorRate: 0.002,
    errors: 6,
    errorsByModel: [
      { name: 'User', count: 5 },
      { name: 'Role', count: 1 },
    ],
    errorsByEndpoint: [
      { name: '/api/admin/users', count: 5 },
      { name: '/api/admin/roles', count: 1 },
    ],
    bypasses: 3,
  })
  expect(dashboard.overheadP95Ms).toBeCloseTo(3.75)
  const text = renderEnforcementDashboard(dashboard, 'text')
  expect(text).toMatch(/Mode +selective/)
  expect(text).toMatch(/Enforced models +5/)
  expect(text).toMatch(/Logged models +4/)
  expect(text).toMatch(/Error rate +0\.200 %/)
  expect(text).toMatch(/Errors \(last 1h\) +6/)
  expect(text).toMatch(/Bypasses \(last 1h\) +3/)
  expect(text).toMatch(/Performance impact \(p95\) +\+3\.75 ms/)
  expect(text).toMatch(/\/api\/admin\/users +5 +█{24}/)
  const idle = enforcementDashboard(reading(), { at: 0, status })
  expect(idle).toMatchObject({ errorRate: null, overheadP95Ms: null })
  expect(renderEnforcementDashboard(idle, 'text')).toMatch(/Error rate +no data/)
})

it('does not take an overhead beyond every bound for no data', () => {
  const overhead = Array.from({ length: 14 }, () => 0)
  overhead[13] = 10
  const slow = reading(aggregate('2026-01-28', { 143: { guarded: 10, overhead } }))
  const status = { mode: 'enforce', enforcedModels: 9, loggedModels: 0 }
  const at = Date.parse('2026-01-28T23:59:00Z')
  const dashboard = enforcementDashboard(slow, { at, status })
  expect(renderEnforcementDashboard(dashboard, 'text')).toMatch(/\(p95\) +> 100 ms/)
  expect(renderEnforcementDashboard(dashboard, 'json')).toContain('"overheadP95Ms": "Infinity"')
})

it('writes text of at most 100 columns, without control characters, whatever the names', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          model: fc.string({ unit: 'binary', maxLength: 300 }),
          endpoint: fc.string({ unit: 'binary', maxLength: 300 }),
          count: fc.integer({ min: 1, max: 1e9 }),
        }),
        { maxLength: 8 },
      ),
      (rows) => {
        const violations: Record<string, Record<string, number>> = {}
        for (const { model, endpoint, count } of rows) violations[model] = { [endpoint]: count }
        const all = reading(
          aggregate('2026-01-28', { 138: { requests: 9, violations, blocks: violations } }),
        )
        const at = Date.parse('2026-01-28T23:15:00Z')
        const status = { mode: 'enforce', enforcedModels: 9, loggedModels: 0 }
        for (const format of reportFormats) {
          const texts = [
            renderDailyReport(dailyReport(all, { date: '2026-01-28' }), format),
            renderWeeklyTrend(weeklyTrend(all, { until: '2026-01-28' }), format),
            renderViolationDashboard(violationDashboard(all, { at }), format),
            renderEnforcementDashboard(enforcementDashboard(all, { at, status }), format),
          ]
          for (const text of texts) {
            expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
            if (format !== 'text') continue
            for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(100)
          }
        }
      },
    ),
    {
      numRuns: 100,
      examples: [
        [
          ['valueOf', '\u009b31m', 'a|b`*'].map((name) => ({
            model: name,
            endpoint: name,
            count: 1,
          })),
        ],
      ],
    },
  )
})

it('colours by severity only where it is asked to', () => {
  const report = dailyReport(week, { date: '2026-01-28' })
  expect(renderDailyReport(report, 'text')).not.toContain('\u001b')
  expect(renderDailyReport(report, 'text', { color: true })).toContain('\u001b[31m')
  expect(renderDailyReport(report, 'markdown', { color: true })).not.toContain('\u001b')
})
