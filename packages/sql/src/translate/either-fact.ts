import { isConstants } from '../proof/facts.ts'
import type { Equality } from '../proof/model.ts'

/**
 * What OR says: of each column that is spoken of in every arm, what one of the arms says of it. All
 * the constants must be the tenant then; and where an arm says that the column is NULL, it may be
 * (`owner = $1 OR owner IS NULL`: the tenant's own rows and those that all share).
 */
export function inEveryArm([first = [], ...others]: readonly (readonly Equality[])[]): Equality[] {
  return first.flatMap(bothWays).flatMap((fact) => {
    let either: Equality | undefined = fact.saidBy === undefined ? fact : undefined
    for (const arm of others) {
      if (either === undefined) return []
      either = firstMerged(either, arm)
    }
    return either ?? []
  })
}

/** The fact as one of either column. */
function bothWays(fact: Equality): readonly Equality[] {
  const { left, right, orNull } = fact
  if (isConstants(right) || orNull === true) return [fact]
  return [fact, { ...fact, left: right, right: left }]
}

function firstMerged(fact: Equality, arm: readonly Equality[]): Equality | undefined {
  for (const other of arm.flatMap(bothWays)) {
    const merged = merge(fact, other)
    if (merged !== undefined) return merged
  }
  return undefined
}

function merge(some: Equality, other: Equality): Equality | undefined {
  if (other.left !== some.left || other.saidBy !== undefined) return undefined
  const right = either(some.right, other.right)
  if (right === undefined) return undefined
  const orNull = some.orNull === true || other.orNull === true
  return { left: some.left, right, ...(orNull ? { orNull: true } : {}) }
}

/** A column stands beside nothing but itself, or the empty list. */
function either(some: Equality['right'], other: Equality['right']): Equality['right'] | undefined {
  if (isConstants(some) && isConstants(other)) return [...some, ...other]
  if (some === other || (isConstants(other) && other.length === 0)) return some
  return isConstants(some) && some.length === 0 ? other : undefined
}
