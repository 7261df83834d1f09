import type { Verdict } from './verdict.ts'

/** What one gate measured, and what that means. */
export interface GateResult {
  /** A stable id, such as `critical_violations`. */
  readonly gate: string
  /** What it asks, for people: `violations on CRITICAL models`. */
  readonly title: string
  /** What was measured; absent where there was nothing to measure. */
  readonly value?: number
  readonly unit: 'count' | 'share' | 'per_hour' | 'per_day' | 'ms' | 'days' | 'instances'
  /** What green takes, such as `< 10`. */
  readonly threshold: string
  /** How many requests, statements or instances the value rests on. */
  readonly samples: number
  /** The span it rests on, in milliseconds of the rollout's clock. */
  readonly spanMs: number
  readonly verdict: Verdict
  /** Why it is not green. */
  readonly note?: string
}

/** Whether the rollout may take its next step. */
export interface Check {
  readonly verdict: Verdict
  readonly generation: number
  readonly stage: number
  readonly stageName: string
  /** Epoch milliseconds of the rollout's clock. */
  readonly at: number
  readonly stageEnteredAt: number
  /** Rates, shares and zero gates count from here; absent while a deployment is going on. */
  readonly countingSince?: number
  readonly release?: string
  readonly gates: readonly GateResult[]
}
