import type { TenantSchema } from '@partywall/sql'
import { type KeyParameters, rowFilter } from './row-filter.ts'
import type { Target } from './scope-statement.ts'
import { quoted, quotedKey, type Word } from './statement-words.ts'

/**
 * Takes the keys of an inserted row from the rows that it refers to, where the table is owned
 * through others: instead of a key of another tenant's row there is NULL, which the column refuses.
 * `undefined` for every other table.
 */
export function scopeLink(
  words: readonly Word[],
  { relation, end }: Target,
  { schema, keys }: { readonly schema: TenantSchema; readonly keys: KeyParameters },
): string | undefined {
  if (relation.table.kind !== 'through') return undefined
  const { names, end: values } = columnsAt(words, end)
  const parents = new Map<number, (value: string) => string>()
  for (const { column, parent, parentColumn } of relation.live?.through ?? []) {
    const found = schema.relations.get(parent)
    const filter = found && rowFilter(found, { schema, keys, forWriting: true })
    const position = names.indexOf(column)
    if (filter === undefined || position === -1) return undefined
    const key = quoted(parentColumn)
    const rows = `SELECT ${key} FROM ${quotedKey(parent)} WHERE ${filter}`
    parents.set(position, (value) => `(${rows} AND ${key} = ${value})`)
  }
  return parents.size === 0 ? undefined : withKeys(words, values, parents)
}

/** The columns that an insert names, and the first word behind them. */
function columnsAt(
  words: readonly Word[],
  start: number,
): { readonly names: readonly string[]; readonly end: number } {
  const end = words.findIndex(({ text }, index) => index >= start && text === ')')
  const names = words.slice(start, end).flatMap(({ name }) => name ?? [])
  return { names, end: end + 1 }
}

/** Replaces the values at these positions of every row. */
function withKeys(
  words: readonly Word[],
  start: number,
  parents: ReadonlyMap<number, (value: string) => string>,
): string {
  const out = words.slice(0, start).map(({ text }) => text)
  let position = 0
  let isRow = true
  for (const { text, depth } of words.slice(start)) {
    const parent = isRow ? parents.get(position) : undefined
    // Behind the rows stands ON CONFLICT or RETURNING.
    if (depth === 0 && (text === 'ON' || text === 'RETURNING')) isRow = false
    if (depth === 0 && text === '(') position = 0
    if (depth === 1 && text === ',') position += 1
    out.push(depth === 1 && parent !== undefined && text.startsWith('$') ? parent(text) : text)
  }
  return out.join('')
}
