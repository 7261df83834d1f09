/**
 * The documented metrics for prom-client, and the alerts and dashboards that read them.
 * @packageDocumentation
 */
export { type AlertRuleOptions, alertRules } from './alert-rules.ts'
export {
  type GrafanaDashboard,
  type GrafanaOptions,
  grafanaDashboards,
} from './grafana-dashboards.ts'
export { type MetricOptions, registerMetrics } from './prometheus-metrics.ts'
