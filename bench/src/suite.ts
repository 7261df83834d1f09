import { type Case, measureHere } from './alone.ts'
import { runPart } from './run.ts'
import { renderTable } from './table.ts'

/** What is measured together, and printed as one page. */
export interface Suite {
  readonly name: string
  /** Suites of a group can be asked for by one word. */
  readonly group?: string
  /** How it was measured, below the results. */
  readonly how: string
  /** Measures a part in this process. */
  measure(part: number): Promise<unknown>
  /** Measures every part in a process of its own; gives the results in Markdown. */
  report(): string
}

export interface Plan<Result> extends Pick<Suite, 'name' | 'group' | 'how'> {
  readonly parts: readonly (() => Promise<Result>)[]
  readonly render: (results: readonly Result[]) => string
}

export function planned<Result>({ parts, render, ...suite }: Plan<Result>): Suite {
  return {
    ...suite,
    measure: async (part) => parts[part]?.(),
    report: () =>
      // Printed by measure() of the same build.
      render(parts.map((_, part) => JSON.parse(runPart(suite.name, part)) as Result)),
  }
}

/** A suite whose cases have nothing to do with each other: each in a process of its own. */
export function ofCases(
  title: string,
  cases: readonly Case[],
  suite: Pick<Suite, 'name' | 'group'>,
): Suite {
  return planned({
    ...suite,
    how: 'Each row in a process of its own',
    parts: cases.map((each) => () => measureHere(each)),
    render: (rows) => renderTable(title, rows),
  })
}
