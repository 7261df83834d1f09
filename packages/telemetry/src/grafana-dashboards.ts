/** Which metrics the dashboards read. */
export interface GrafanaOptions {
  /** The prefix that `registerMetrics` was given. @defaultValue `''` */
  readonly prefix?: string | undefined
}

/** A dashboard to import into Grafana; it asks for the Prometheus data source. */
export interface GrafanaDashboard {
  readonly uid: string
  readonly title: string
  readonly json: string
}

interface Panel {
  readonly title: string
  readonly type: 'stat' | 'timeseries' | 'bargauge'
  readonly expr: string
  readonly legend?: string
  readonly unit?: 'percentunit' | 'percent' | 's' | 'short'
  readonly width: number
  /** Whether the stat shows the name of its series instead of the number. */
  readonly showsName?: boolean
}

/** The two documented dashboards: violations, and enforcement. */
export function grafanaDashboards({
  prefix = '',
}: GrafanaOptions = {}): readonly GrafanaDashboard[] {
  return [
    dashboard('partywall-violations', 'Tenant Violations (Last 24h)', violationPanels(prefix)),
    dashboard('partywall-enforcement', 'Tenant Enforcement', enforcementPanels(prefix)),
  ]
}

function violationPanels(prefix: string): readonly Panel[] {
  const metric = `${prefix}tenant_violations_total{job=~"$job"}`
  const endpoints = `${prefix}tenant_violations_by_endpoint_total{job=~"$job"}`
  const severity = (name: string): Panel => ({
    title: name,
    type: 'stat',
    expr: `sum(increase(${prefix}tenant_violations_total{job=~"$job",severity="${name}"}[24h]))`,
    width: 4,
  })
  const today = `sum(increase(${metric}[24h]))`
  return [
    { title: 'Total', type: 'stat', expr: today, width: 6 },
    severity('CRITICAL'),
    severity('HIGH'),
    severity('MEDIUM'),
    {
      title: 'Trend vs yesterday',
      type: 'stat',
      expr: `${today} / (sum(increase(${metric}[24h] offset 24h)) > 0) - 1`,
      unit: 'percentunit',
      width: 6,
    },
    {
      title: 'By model',
      type: 'bargauge',
      expr: `sort_desc(sum by (model) (increase(${metric}[24h])))`,
      legend: '{{model}}',
      width: 12,
    },
    {
      title: 'By endpoint',
      type: 'bargauge',
      expr: `topk(10, sum by (endpoint) (increase(${endpoints}[24h])))`,
      legend: '{{endpoint}}',
      width: 12,
    },
    {
      title: 'Violations per hour by model',
      type: 'timeseries',
      expr: `sum by (model) (increase(${metric}[1h]))`,
      legend: '{{model}}',
      width: 12,
    },
    {
      title: 'Violations per hour by endpoint',
      type: 'timeseries',
      expr: `sum by (endpoint) (increase(${endpoints}[1h]))`,
      legend: '{{endpoint}}',
      width: 12,
    },
  ]
}

function enforcementPanels(prefix: string): readonly Panel[] {
  const of = (metric: string): string => `${prefix}tenant_${metric}{job=~"$job"}`
  const share = (window: string): string =>
    `sum(increase(${of('requests_blocked_total')}[${window}])) / sum(increase(${of('requests_total')}[${window}]))`
  const errors = of('enforcement_errors_total')
  const p95 = (window: string): string =>
    `histogram_quantile(0.95, sum by (le) (rate(${of('middleware_duration_seconds_bucket')}[${window}])))`
  return [
    {
      title: 'Mode',
      type: 'stat',
      expr: `max by (mode) (${of('rollout_mode')}) == 1`,
      legend: '{{mode}}',
      width: 4,
      showsName: true,
    },
    { title: 'Stage', type: 'stat', expr: `max(${of('rollout_stage')})`, width: 4 },
    {
      title: 'Enforced models',
      type: 'stat',
      expr: `max(${of('rollout_enforced_models')})`,
      width: 4,
    },
    { title: 'Logged models', type: 'stat', expr: `max(${of('rollout_logged_models')})`, width: 4 },
    {
      title: 'Error rate (last 1h)',
      type: 'stat',
      expr: share('1h'),
      unit: 'percentunit',
      width: 4,
    },
    { title: 'Errors (last 1h)', type: 'stat', expr: `sum(increase(${errors}[1h]))`, width: 4 },
    {
      title: 'Bypasses (last 1h)',
      type: 'stat',
      expr: `sum(increase(${of('bypass_usage_total')}[1h]))`,
      width: 6,
    },
    { title: 'Performance impact (p95)', type: 'stat', expr: p95('1h'), unit: 's', width: 6 },
    { title: 'Kill switch', type: 'stat', expr: `max(${of('rollout_kill_switch')})`, width: 6 },
    {
      title: 'Guard faults (last 1h)',
      type: 'stat',
      expr: `sum(increase(${of('guard_faults_total')}[1h]))`,
      width: 6,
    },
    {
      title: 'Error rate',
      type: 'timeseries',
      expr: share('5m'),
      legend: 'blocked requests',
      unit: 'percentunit',
      width: 12,
    },
    {
      title: 'Overhead of the walls (p95)',
      type: 'timeseries',
      expr: p95('5m'),
      legend: 'p95',
      unit: 's',
      width: 12,
    },
    {
      title: 'Errors by model',
      type: 'timeseries',
      expr: `sum by (model) (increase(${errors}[5m]))`,
      legend: '{{model}}',
      width: 12,
    },
    {
      title: 'Errors by endpoint',
      type: 'timeseries',
      expr: `sum by (endpoint) (increase(${errors}[5m]))`,
      legend: '{{endpoint}}',
      width: 12,
    },
  ]
}

const datasource = { type: 'prometheus', uid: '$datasource' }

function dashboard(uid: string, title: string, panels: readonly Panel[]): GrafanaDashboard {
  let x = 0
  let y = 0
  const placed = panels.map((panel, index) => {
    const height = panel.type === 'stat' ? 4 : 8
    if (x + panel.width > 24) {
      x = 0
      y += panels[index - 1]?.type === 'stat' ? 4 : 8
    }
    const gridPos = { h: height, w: panel.width, x, y }
    x += panel.width
    return { id: index + 1, gridPos, ...panelJson(panel) }
  })
  const model = {
    uid,
    title,
    tags: ['partywall', 'multi-tenant'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: '30s',
    time: { from: 'now-24h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' },
        {
          name: 'job',
          type: 'query',
          label: 'Service',
          datasource,
          query: { query: 'label_values(job)', refId: 'job' },
          includeAll: true,
          allValue: '.*',
          multi: true,
          current: { text: 'All', value: '$__all' },
          refresh: 2,
        },
      ],
    },
    panels: placed,
  }
  return { uid, title, json: pretty(model) }
}

/** As formatters leave it: a list of names stays on one line. */
function pretty(model: object): string {
  const lines = JSON.stringify(model, null, 2)
  return `${lines.replace(/\[\s+("[^"]*"(?:,\s+"[^"]*")*)\s+\]/g, (_, names: string) => `[${names.replace(/\s+/g, ' ')}]`)}\n`
}

function panelJson(panel: Panel): object {
  const { title, type, expr, legend, unit = 'short', showsName = false } = panel
  const instant = type !== 'timeseries'
  const target = {
    refId: 'A',
    datasource,
    expr,
    legendFormat: legend ?? title,
    ...(instant ? { instant: true, range: false } : { range: true }),
  }
  return {
    title,
    type,
    datasource,
    targets: [target],
    fieldConfig: { defaults: { unit, min: type === 'timeseries' ? 0 : undefined }, overrides: [] },
    ...(type === 'stat'
      ? {
          options: {
            textMode: showsName ? 'name' : 'value',
            reduceOptions: { calcs: ['lastNotNull'] },
          },
        }
      : {}),
  }
}
