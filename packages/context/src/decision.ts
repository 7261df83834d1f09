/** What is done about a violation. */
export const decisionActions = ['off', 'allow', 'log', 'block', 'bypass'] as const
export type DecisionAction = (typeof decisionActions)[number]

/** Which rule decided, in the order the rules are asked. */
export const decisionReasons = [
  'kill_switch',
  'always',
  'enforcement_off',
  'rolled_back',
  'bypass',
  'tenant_override',
  'mode_disabled',
  'mode_log_only',
  'mode_enforce',
  'enforce_list',
  'unknown_model',
  'log_list',
  'unlisted',
  'default',
] as const
export type DecisionReason = (typeof decisionReasons)[number]

/** What was decided, why, and by which generation of the settings. Frozen; made ahead of time. */
export interface Decision {
  readonly action: DecisionAction
  readonly reason: DecisionReason
  /** The number of the snapshot that decided; 0 where there is no rollout. */
  readonly generation: number
  /** Whether to write the record in full. Counters count in either case. */
  readonly record: boolean
}
