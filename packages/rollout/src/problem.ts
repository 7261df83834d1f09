/** Something that the rollout could not read, take or write, and goes on without. */
export interface RolloutProblem {
  /** Which of its sources it is about. */
  readonly about: 'flag_file' | 'state' | 'adoption' | 'fleet'
  /** A stable code, such as `file.missing`, `file.invalid`, `state.gone` or `fleet.unwritable`. */
  readonly code: string
  readonly message: string
  /** Epoch milliseconds of the wall clock. */
  readonly at: number
}

/** A problem as whoever found it tells it. */
export type Problem = Pick<RolloutProblem, 'code' | 'message'>

/** The problems there are now: at most one per source, told once when it appears. */
export interface ProblemList {
  all(): readonly RolloutProblem[]
  set(about: RolloutProblem['about'], found: Problem | undefined): void
}

export function createProblemList(
  onProblem: ((problem: RolloutProblem) => void) | undefined,
): ProblemList {
  const current = new Map<RolloutProblem['about'], RolloutProblem>()
  return {
    all: () => [...current.values()],
    set(about, found) {
      const before = current.get(about)
      if (found === undefined) {
        current.delete(about)
        return
      }
      if (before?.code === found.code && before.message === found.message) return
      const { code, message } = found
      const problem = Object.freeze({ about, code, message, at: Date.now() })
      current.set(about, problem)
      onProblem?.(problem)
    },
  }
}
