import type { Verdict } from './rollout-answers.ts'

/** What is measured on the way, and written to `--json`. */
export interface Figures {
  /** In the order in which the operators asked. */
  readonly verdicts: { readonly at: string; readonly verdict: Verdict }[]
  readonly flips: { readonly name: string; readonly how: 'file' | 'command'; readonly ms: number }[]
  readonly windows: WindowFigures[]
  latency: LatencyFigures | undefined
  /** As they are on record at the end. */
  readonly advances: { readonly to: number; readonly verdict: string }[]
  /** The fingerprint of the seeded plan: the same for the same seed. */
  plan: string
}

export interface WindowFigures {
  readonly phase: number
  readonly window: string
  readonly requests: number
  readonly correct: number
  readonly leaked: number
  readonly blocked: number
  readonly disabled: number
  readonly wrong: number
  readonly lost: number
  /** Rows of other tenants that were served or touched. */
  readonly foreignRows: number
  /** Rows that leaking writes damaged, as the tables show it; restored afterwards. */
  readonly damagedRows: number
}

export interface LatencyFigures {
  readonly requests: number
  readonly withoutGuard: { readonly p50: number; readonly p95: number }
  readonly withGuard: { readonly p50: number; readonly p95: number }
  readonly ratio: number
}

export function createFigures(): Figures {
  return { verdicts: [], flips: [], windows: [], latency: undefined, advances: [], plan: '' }
}
