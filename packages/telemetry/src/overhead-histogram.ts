import type { DurationHistogram } from '@partywall/context/spi'

/** Upper bounds of the overhead histogram. 5 and 10 are among them: the gates ask about both. */
export const overheadBoundsMs: readonly number[] = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100,
]

/** The bucket a duration falls into; the one after the last bound takes the rest, NaN included. */
export function bucketOf(durationMs: number): number {
  for (let index = 0; index < overheadBoundsMs.length; index += 1) {
    if (durationMs <= (overheadBoundsMs[index] ?? 0)) return index
  }
  return overheadBoundsMs.length
}

/**
 * The `q` quantile in milliseconds, read from a histogram as Prometheus reads it: linear within a
 * bucket. `undefined` without a value, `Infinity` when it lies above the last bound.
 */
export function quantileMs(histogram: DurationHistogram, q: number): number | undefined {
  const total = histogram.counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return undefined
  const rank = q * total
  let below = 0
  for (const [index, count] of histogram.counts.entries()) {
    if (below + count >= rank && count > 0) {
      const upper = histogram.boundsMs[index]
      if (upper === undefined) return Number.POSITIVE_INFINITY
      const lower = index === 0 ? 0 : (histogram.boundsMs[index - 1] ?? 0)
      return lower + (upper - lower) * ((rank - below) / count)
    }
    below += count
  }
  return Number.POSITIVE_INFINITY
}
