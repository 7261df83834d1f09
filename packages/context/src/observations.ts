import type { Severity } from './violation.ts'

/** A histogram: `counts[i]` values were at most `boundsMs[i]`; the last count is the rest. */
export interface DurationHistogram {
  readonly boundsMs: readonly number[]
  readonly counts: readonly number[]
}

/** What was seen of one model. */
export interface ModelTotals {
  readonly severity: Severity
  readonly violations: number
  readonly blocks: number
  readonly bypasses: number
}

/** One kind of blocked statement: what a person triages. */
export interface SignatureTotals {
  readonly model: string
  readonly action: string
  readonly endpoint: string
  readonly statement: string
  readonly severity: Severity
  readonly blocks: number
}

/** Everything counted since the process started. Numbers only grow, so a span is a difference. */
export interface ObservationTotals {
  /** Statements and commands that went through a wall: 0 means that none is loaded. */
  readonly guarded: number
  /** Operations that ended, jobs included, refusals of the kill switch excluded. */
  readonly operations: number
  /** Of those, with at least one blocked statement. */
  readonly operationsBlocked: number
  /** Of those, failed though nothing was blocked. */
  readonly operationsFailed: number
  /** Blocked statements outside of any operation: they are in no share of operations. */
  readonly blocksOutside: number
  /** Faults of a wall itself. */
  readonly guardFaults: number
  /** What subscribers and logs lost. */
  readonly lost: number
  readonly overhead: DurationHistogram
  readonly models: Readonly<Record<string, ModelTotals>>
  /** Uses by reason code: one system scope is one use. */
  readonly bypasses: Readonly<Record<string, number>>
  /** By signature id. */
  readonly blockedSignatures: Readonly<Record<string, SignatureTotals>>
  /** Blocks whose signature found no room: while it grows, triage is incomplete. */
  readonly unlistedBlocks: number
}

/** What gates read: the counters of this process. */
export interface Observations {
  totals(): ObservationTotals
}
