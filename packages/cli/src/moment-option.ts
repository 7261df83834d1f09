import { misused } from './cli-error.ts'

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * A moment on the command line: so long ago (`90m`, `24h`, `7d`), a day, or an ISO 8601 time with
 * its zone.
 * @throws {@link CliError} `cli.usage` for anything else.
 */
export function readMoment(option: string, text: string, now: number): number {
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  if (count !== undefined && unit !== undefined) return now - Number(count) * (units[unit] ?? 0)
  const whole = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/
  const at = whole.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(at)) return at
  throw misused(`${option} takes 90m, 24h, 7d, a day such as 2026-01-28, or 2026-01-28T09:30:00Z`)
}
