import { type Column, nothingKnown, type Query, type SetOperation } from '../proof/model.ts'

/** The arms of a set operation; its columns have the names of the first. */
export function combine(arms: readonly [Query, Query], barrier: boolean): SetOperation {
  const [first, second] = arms.map((arm) => arm.outputs.positions)
  const isAligned = first !== undefined && first.length === second?.length
  const positions = isAligned ? first.map(([name]): Column => [name, nothingKnown]) : undefined
  return { kind: 'set', arms, outerSites: [], outputs: { positions, named: new Map() }, barrier }
}
