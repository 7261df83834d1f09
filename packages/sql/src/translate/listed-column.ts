import { nothingKnown, type Value } from '../proof/model.ts'
import type { Family } from '../schema/column-type.ts'
import { constantsOf, type Translation, useAnyhow, useTogether } from './translation.ts'

/** A column of VALUES, by what stands in each of its rows. */
export function listedColumn(cells: readonly Value[], translation: Translation): Value {
  const family = familyOf(cells)
  const constants = family && cells.map((cell) => constantsOf(translation, cell, family))
  if (constants?.every((each) => each !== undefined) !== true) {
    for (const cell of cells) useAnyhow(translation, cell)
    return nothingKnown
  }
  useTogether(translation, cells)
  return { constants: constants.flatMap((each) => each ?? []) }
}

/**
 * The one type that PostgreSQL finds for them: that of what has one, and text where nothing has. A
 * number has a type by its size.
 */
function familyOf(cells: readonly Value[]): Family | undefined {
  if (cells.some(({ literal }) => literal?.quoted === false)) return undefined
  const typed = cells.filter(({ parameter, literal }) => (parameter ?? literal) === undefined)
  return typed.length === 0 ? 'text' : typed[0]?.constants?.[0]?.family
}
