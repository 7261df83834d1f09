import { spend } from './effort.ts'
import type { Constant } from './model.ts'

type Constants = readonly Constant[]

/** What a list was put together from. */
const partsOf = new WeakMap<Constants, readonly Constants[]>()
const distinct = new WeakMap<Constants, Constants>()

/**
 * The constants of all lists, each once: what is moved into a query comes back from it, and would
 * double with every level. One list stays the same array, and what was put together on other levels
 * is taken apart again: each level costs what it says itself, not what all others have said.
 */
export function mergeLists(lists: readonly Constants[]): Constants | undefined {
  const [first] = lists
  const constants = first !== undefined && lists.length === 1 ? eachOnce(first) : together(lists)
  return constants.length === 0 ? undefined : constants
}

function together(lists: readonly Constants[]): Constants {
  const all = new Set(lists)
  const constants = new Set<Constant>()
  // A set gives what is added while it is walked, too.
  for (const list of all) {
    const parts = partsOf.get(list)
    spend('constants', (parts ?? list).length)
    if (parts === undefined) for (const constant of list) constants.add(constant)
    else for (const part of parts) all.add(part)
  }
  const whole = [...constants]
  partsOf.set(whole, lists)
  distinct.set(whole, whole)
  return whole
}

function eachOnce(list: Constants): Constants {
  const known = distinct.get(list)
  if (known !== undefined) return known
  spend('constants', list.length)
  const constants = new Set(list)
  const found = constants.size === list.length ? list : [...constants]
  distinct.set(list, found)
  return found
}

/** The same words for what asks the same of a statement. */
export function wordsFor(constant: Constant): string {
  const { kind, family } = constant
  if (kind === 'literal') return `${kind} ${family} ${constant.text}`
  const beside = kind === 'unnested' ? ` ${constant.beside.join()}` : ''
  return `${kind} ${family} ${constant.index} ${constant.orNull === true}${beside}`
}
