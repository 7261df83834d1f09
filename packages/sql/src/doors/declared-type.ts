import { canonicalText, type Family, wireText } from '../schema/column-type.ts'
import type { ListType } from './postgres-driver.ts'

/** The types of owner columns, by the server's numbers. */
export const ownerTypes: ReadonlyMap<number, Family> = new Map([
  [25, 'text'],
  [1043, 'text'],
  [2950, 'uuid'],
  [21, 'int2'],
  [23, 'int4'],
  [20, 'int8'],
])
/** Lists of them. */
export const ownerLists: ReadonlyMap<number, Family> = new Map([
  [1009, 'text'],
  [1015, 'text'],
  [2951, 'uuid'],
  [1005, 'int2'],
  [1007, 'int4'],
  [1016, 'int8'],
])

/** Equals no tenant's key. */
const nobody: object = Object.freeze({})

/**
 * A value as the guard may compare it, where the statement tells the server its type: `'acme'` as
 * `"char"` is `a`, and `'007'` as a number is `7`. Only what an owner's type leaves as it is stays
 * what it looks like.
 */
export function comparable(value: unknown, type: number | ListType): unknown {
  if (type === 0) return value
  const family = typeof type === 'number' ? ownerTypes.get(type) : undefined
  if (family !== undefined) return isKept(value, family) ? value : nobody
  const ofElements = typeof type === 'number' ? ownerLists.get(type) : ownerTypes.get(type.element)
  if (ofElements === undefined || !Array.isArray(value)) return nobody
  return value.every((element) => isKept(element, ofElements)) ? value : nobody
}

function isKept(value: unknown, family: Family): boolean {
  const text = wireText(value)
  return text !== undefined && canonicalText(text, family) === text
}
