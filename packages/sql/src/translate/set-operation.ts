import { type Column, nothingKnown, type Query, type SetOperation } from '../proof/model.ts'

/** The arms of a set operation; its columns have the names of the first. */
export function combine(arms: readonly [Query, Query], barrier: boolean): SetOperation {
  const positions = arms[0].outputs.positions?.map(([name]): Column => [name, nothingKnown])
  const open = arms.some(({ outputs }) => outputs.open)
  return {
    kind: 'set',
    arms,
    outerSites: [],
    outputs: { positions, named: new Map(), open },
    barrier,
  }
}
