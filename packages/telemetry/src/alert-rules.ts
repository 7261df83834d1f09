/** Which metrics the rules read, and how they tell services apart. */
export interface AlertRuleOptions {
  /** The prefix that `registerMetrics` was given. @defaultValue `''` */
  readonly prefix?: string | undefined
  /** The labels that tell one service from another. @defaultValue `['job']` */
  readonly serviceLabels?: readonly string[] | undefined
}

interface Recording {
  readonly record: string
  readonly expr: string
}

interface Alert {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly severity: 'info' | 'warning' | 'critical'
  readonly stage?: string
  readonly summary: string
  readonly description: string
}

/**
 * The documented alerts as a Prometheus rule file. Shares of requests, not rates per second, decide
 * about errors; an alert of one stage is silent in the others; missing series raise an alert of
 * their own, since no other alert can fire without them.
 */
export function alertRules({
  prefix = '',
  serviceLabels = ['job'],
}: AlertRuleOptions = {}): string {
  const rules = [
    ...recordings(prefix, serviceLabels),
    ...stageAlerts(prefix, serviceLabels),
    ...alwaysAlerts(prefix, serviceLabels),
  ]
  return [
    '# Generated: change packages/telemetry/src/alert-rules.ts instead.',
    'groups:',
    '  - name: partywall',
    '    rules:',
    ...rules.map((rule) => ('record' in rule ? recordingYaml(rule) : alertYaml(rule))),
    '',
  ].join('\n')
}

/** The metrics without which an alert could never fire. */
const indispensable = [
  'tenant_violations_total',
  'tenant_requests_total',
  'tenant_requests_blocked_total',
  'tenant_bypass_usage_total',
  'tenant_guard_faults_total',
  'tenant_blocks_outside_total',
  'tenant_telemetry_lost_total',
  'tenant_middleware_duration_seconds_bucket',
  'tenant_rollout_stage',
]

function recordings(prefix: string, labels: readonly string[]): readonly Recording[] {
  const by = labels.join(', ')
  const record = (metric: string, window: string): Recording => ({
    record: `${prefix}tenant:${metric}:increase${window}`,
    expr: grown(prefix, `${prefix}tenant_${metric}_total`, window, by),
  })
  return [
    {
      record: `${prefix}tenant:rollout_stage:max`,
      expr: `max by (${by}) (${prefix}tenant_rollout_stage)`,
    },
    record('violations', '24h'),
    record('violations', '5m'),
    record('requests', '5m'),
    record('requests_blocked', '5m'),
    record('bypass_usage', '1h'),
    record('guard_faults', '5m'),
    record('blocks_outside', '5m'),
    record('telemetry_lost', '5m'),
    {
      record: `${prefix}tenant:requests_blocked:share5m`,
      expr: `${prefix}tenant:requests_blocked:increase5m / ${prefix}tenant:requests:increase5m`,
    },
    {
      record: `${prefix}tenant:middleware_duration_seconds:p95_5m`,
      expr: `histogram_quantile(0.95, sum by (${by}, le) (rate(${prefix}tenant_middleware_duration_seconds_bucket[5m])))`,
    },
  ]
}

/**
 * By how much a counter grew. `increase()` does not see what a process counted before its first
 * scrape: of a process that began within the window, the value itself is the growth.
 */
function grown(prefix: string, metric: string, window: string, by: string): string {
  const increase = `increase(${metric}[${window}])`
  const age = `time() - ${prefix}tenant_telemetry_start_time_seconds < ${seconds(window)}`
  const young = `(${metric} and on (job, instance) (${age}))`
  return `sum by (${by}) (${young} > ${increase} or ${increase} or ${young})`
}

function seconds(window: string): number {
  const unit = window.endsWith('h') ? 3600 : 60
  return Number.parseInt(window, 10) * unit
}

function stageAlerts(prefix: string, labels: readonly string[]): readonly Alert[] {
  const recorded = `${prefix}tenant`
  const share = `${recorded}:requests_blocked:share5m`
  const during = (condition: string): string =>
    `and on (${labels.join(', ')}) ${recorded}:rollout_stage:max ${condition}`
  return [
    {
      alert: 'TenantViolationSummary',
      expr: `${recorded}:violations:increase24h > 0 ${during('== 1')}`,
      severity: 'info',
      stage: '1',
      summary: 'Daily tenant violation report',
      description: 'Violations were detected in the last 24 hours. Nothing is blocked.',
    },
    {
      alert: 'TenantEnforcementErrors',
      expr: `${share} > 0.001 ${during('== 2')}`,
      severity: 'warning',
      stage: '2',
      summary: 'More than 0.1 % of requests had a blocked query',
      description: 'Look at the blocked signatures, mend the query, or take the model out.',
    },
    {
      alert: 'TenantViolationSpike',
      expr: `${recorded}:violations:increase5m / 300 > 1 ${during('== 2')}`,
      severity: 'info',
      stage: '2',
      summary: 'More than one tenant violation per second',
      description: 'A query without its tenant runs often. The violation log names it.',
    },
    {
      alert: 'TenantEnforcementErrors',
      expr: `${share} > 0.0001 ${during('>= 3')}`,
      severity: 'critical',
      stage: '3',
      summary: 'More than 0.01 % of requests had a blocked query',
      description: 'Look at the blocked signatures. Above 1 % roll back to logging.',
    },
    {
      alert: 'TenantBypassUsage',
      // increase() extrapolates: 5 uses may read as 5.08.
      expr: `round(${recorded}:bypass_usage:increase1h) > 5 ${during('>= 3')}`,
      severity: 'warning',
      stage: '3',
      summary: 'More than 5 bypasses within one hour',
      description: 'Read TENANT_BYPASS_USED in the log: who crossed the walls, and why.',
    },
  ]
}

function alwaysAlerts(prefix: string, labels: readonly string[]): readonly Alert[] {
  const recorded = `${prefix}tenant`
  const by = labels.join(', ')
  const stage = `${recorded}:rollout_stage:max`
  const named = (expr: string, metric: string): string =>
    `label_replace(${expr}, "metric", "${metric}", "", "")`
  return [
    {
      alert: 'TenantMetricsAbsent',
      expr: [
        ...indispensable.map((metric) => named(`absent(${prefix}${metric})`, prefix + metric)),
        named(`${stage} offset 1h unless on (${by}) ${stage}`, `${prefix}tenant_rollout_stage`),
      ].join(' or '),
      for: '10m',
      severity: 'warning',
      summary: 'A tenant metric is missing',
      description: 'Alerts that read it cannot fire. Check the scrape and the recorder.',
    },
    {
      alert: 'TenantGuardFaults',
      expr: `${recorded}:guard_faults:increase5m > 0`,
      severity: 'critical',
      summary: 'A tenant guard failed',
      description: 'The wall itself had a fault: see TENANT_GUARD_FAULT in the log.',
    },
    {
      alert: 'TenantGuardSlow',
      expr: `${recorded}:middleware_duration_seconds:p95_5m > 0.005 <= 0.01`,
      severity: 'warning',
      summary: 'The guards add more than 5 ms at the 95th percentile',
      description: 'Optimise before it reaches 10 ms.',
    },
    {
      alert: 'TenantGuardSlow',
      expr: `${recorded}:middleware_duration_seconds:p95_5m > 0.01`,
      severity: 'critical',
      summary: 'The guards add more than 10 ms at the 95th percentile',
      description: 'Turn enforcement off and investigate.',
    },
    {
      alert: 'TenantBlocksOutsideRequests',
      expr: `${recorded}:blocks_outside:increase5m > 0`,
      severity: 'warning',
      summary: 'Statements were blocked outside of any request or job',
      description: 'They are in no share of errors: run the work as a job, or mend its query.',
    },
    {
      alert: 'TenantRecordsLost',
      expr: `${recorded}:telemetry_lost:increase5m > 0`,
      severity: 'warning',
      summary: 'Tenant records were lost',
      description: 'A log, a disk or a subscriber fails: see TENANT_TELEMETRY_LOSS in the log.',
    },
  ]
}

function recordingYaml({ record, expr }: Recording): string {
  return [`      - record: ${record}`, `        expr: ${quote(expr)}`].join('\n')
}

function alertYaml(rule: Alert): string {
  return [
    `      - alert: ${rule.alert}`,
    `        expr: ${quote(rule.expr)}`,
    ...(rule.for === undefined ? [] : [`        for: ${rule.for}`]),
    '        labels:',
    `          severity: ${rule.severity}`,
    ...(rule.stage === undefined ? [] : [`          stage: ${quote(rule.stage)}`]),
    '        annotations:',
    `          summary: ${quote(rule.summary)}`,
    `          description: ${quote(rule.description)}`,
  ].join('\n')
}

/** A quoted YAML scalar. None of ours has a backslash, and none has both kinds of quotes. */
function quote(text: string): string {
  return text.includes('"') ? `'${text}'` : `"${text}"`
}
