import type { Severity } from '@partywall/context/spi'
import type { Gate } from './gate.ts'
import type { FlagMode } from './mode.ts'

/** Which of the declared models a stage's list holds. */
export type ModelSelection =
  | 'all'
  | 'none'
  | { readonly severity: Severity }
  | { readonly below: Severity }

/** One stage of a rollout, as data. */
export interface Stage {
  readonly number: number
  /** A short name for commands and metrics, such as `detection`. */
  readonly name: string
  readonly title: string
  /** What must be so before it is entered, for people. */
  readonly entry: readonly string[]
  /** The flags that it sets. */
  readonly enabled: boolean
  readonly mode: FlagMode
  readonly enforceModels: ModelSelection
  readonly logModels: ModelSelection
  /** Whether the walls stop reading flags here. */
  readonly always: boolean
  /** What must hold before it is left, and what calls for a rollback. */
  readonly gates: readonly Gate[]
}

/** A whole rollout: a document's stages in their order. */
export interface StagePlan {
  /** The document it comes from. */
  readonly id: string
  readonly title: string
  readonly stages: readonly Stage[]
}
