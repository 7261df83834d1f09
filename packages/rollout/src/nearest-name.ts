/** The one of `known` that takes the fewest typing mistakes to become `name`. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  // A longer name is no mistyped one, and must not cost more.
  const typed = name.slice(0, 100)
  const ranked = known.map((each) => ({ each, mistakes: mistakesBetween(typed, each) }))
  return ranked.sort((one, other) => one.mistakes - other.mistakes)[0]?.each
}

/** Letters to add, leave out or change: the distance of Levenshtein. */
function mistakesBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1]
    for (const [column, wanted] of [...other].entries()) {
      const changed = (row[column] ?? 0) + (letter === wanted ? 0 : 1)
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
