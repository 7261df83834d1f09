/** Something that the rollout could not read, take or write, and goes on without. */
export interface RolloutProblem {
  /** Which of its sources it is about. */
  readonly about: 'flag_file' | 'state' | 'fleet'
  /** A stable code, such as `file.missing`, `file.invalid` or `state.unreadable`. */
  readonly code: string
  readonly message: string
  /** Epoch milliseconds of the wall clock. */
  readonly at: number
}
