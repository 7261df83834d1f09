/** What a gate says, best first. A check says the worst of its gates. */
export const verdicts = ['green', 'amber', 'inconclusive', 'red'] as const
export type Verdict = (typeof verdicts)[number]

/** The worst of them: red, then inconclusive, then amber, then green. */
export function worstVerdict(all: readonly Verdict[]): Verdict {
  return all.reduce<Verdict>(
    (worst, next) => (verdicts.indexOf(next) > verdicts.indexOf(worst) ? next : worst),
    'green',
  )
}
