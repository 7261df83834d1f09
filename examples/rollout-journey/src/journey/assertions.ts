import type { Page } from './print.ts'

/** One thing that must be true of a run, and whether it was. */
export interface Assertion {
  readonly phase: number
  readonly name: string
  readonly held: boolean
  readonly detail: string
}

/** Everything that was asserted so far. A run succeeds when all of it held. */
export interface Assertions {
  /** Notes and prints one assertion; the story goes on in either case. */
  expect(name: string, held: boolean, detail?: string): void
  enterPhase(phase: number): void
  all(): readonly Assertion[]
  failed(): readonly Assertion[]
}

export function createAssertions(page: Page): Assertions {
  const all: Assertion[] = []
  let current = 0
  return {
    expect(name, held, detail = '') {
      all.push({ phase: current, name, held, detail })
      page.outcome(held, `${name}${detail === '' ? '' : `: ${detail}`}`)
    },
    enterPhase(phase) {
      current = phase
    },
    all: () => all,
    failed: () => all.filter(({ held }) => !held),
  }
}
