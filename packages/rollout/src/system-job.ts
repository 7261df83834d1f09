/** A documented system job: the only bypass that is left once the walls are always on. */
export interface SystemJob {
  readonly name: string
  /** Must equal the actor of the system scope. */
  readonly actor: string
  /** Must equal the reason code of the system scope. */
  readonly reason: string
  /** What it may touch, by declared model. */
  readonly models: readonly string[]
}
