/**
 * The documented metrics, for prom-client.
 * @packageDocumentation
 */
export { type MetricOptions, registerMetrics } from './prometheus-metrics.ts'
