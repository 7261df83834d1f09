import type { Rounds } from './interleave.ts'

/** How two ways compare, over all rounds. */
export interface Ratio {
  readonly median: number
  /** Where the median is, with 95 % certainty: half of the width. */
  readonly within: number
  /** Between these are four of five rounds. */
  readonly low: number
  readonly high: number
}

/** The ratio of each round's times, which were taken shortly after each other. */
export function ratioOf(times: Rounds, base: Rounds): Ratio {
  const ratios = times.map((time, round) => time / (base[round] ?? Number.NaN))
  const sorted = ratios.sort((a, b) => a - b)
  // Order statistics: nothing is assumed of how the ratios are spread.
  const half = (1.96 * Math.sqrt(sorted.length)) / 2 / sorted.length
  return {
    median: quantile(sorted, 0.5),
    within: (quantile(sorted, 0.5 + half) - quantile(sorted, 0.5 - half)) / 2,
    low: quantile(sorted, 0.1),
    high: quantile(sorted, 0.9),
  }
}

export function medianOf(times: Rounds): number {
  return quantile(
    [...times].sort((a, b) => a - b),
    0.5,
  )
}

function quantile(sorted: readonly number[], share: number): number {
  const at = Math.min(Math.max(share, 0), 1) * (sorted.length - 1)
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}
