import type { GateResult } from '@partywall/rollout'

const dayMs = 86_400_000

/** A moment, UTC, to the second: `2026-01-28 23:00:05`. */
export function momentText(atMs: number): string {
  if (!Number.isFinite(atMs) || Math.abs(atMs) > 8.64e15) return 'no time'
  return new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')
}

/** A span in its two largest units: `2 d 3 h`, `45 s`. */
export function spanText(spanMs: number): string {
  if (!Number.isFinite(spanMs)) return 'no time'
  // Rounded down: 1 d 23 h 59 min is not two days.
  const total = Math.max(0, Math.floor(spanMs / 1000))
  const parts = [
    [Math.floor(total / 86_400), 'd'],
    [Math.floor(total / 3600) % 24, 'h'],
    [Math.floor(total / 60) % 60, 'min'],
    [total % 60, 's'],
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  if (first < 0) return '0 s'
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0)
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ')
}

/** A whole number with thin groups: `120 034`. */
export function countText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(?:\d{3})+$)/g, ' ')
}

/** What a gate measured, in its unit, never rounded across a threshold of four digits. */
export function valueText({ value, unit }: Pick<GateResult, 'value' | 'unit'>): string {
  if (value === undefined) return '–'
  if (!Number.isFinite(value)) return 'unbounded'
  switch (unit) {
    case 'count':
    case 'instances':
      return countText(value)
    case 'share':
      return `${digits(value * 100)} %`
    case 'per_hour':
      return `${digits(value)}/h`
    case 'per_day':
      return `${digits(value)}/d`
    case 'days':
      return spanText(value * dayMs)
    case 'ms':
      return `${digits(value)} ms`
  }
}

/** What green takes, in the same unit: `< 0.1 %`. */
export function thresholdText({ threshold, unit }: Pick<GateResult, 'threshold' | 'unit'>): string {
  const [, relation, limit] = /^(<|<=|>=|>) (\d+(?:\.\d+)?)$/.exec(threshold) ?? []
  if (relation === undefined || limit === undefined) return threshold
  return `${relation} ${valueText({ value: Number(limit), unit })}`
}

/** The day of a moment, UTC. */
export function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10)
}

/** The day that lies so many days before `date`. */
export function daysBefore(date: string, days: number): string {
  return dayOf(Date.parse(date) - days * dayMs)
}

function digits(value: number): string {
  return String(Number(value.toPrecision(6)))
}
