import type { Relation, TenantSchema } from '@partywall/sql'
import { type KeyParameter, keyParameters, rowFilter } from './row-filter.ts'
import { scopeLink } from './scope-link.ts'
import { quoted, type Word, wordsOf } from './statement-words.ts'

/** A statement with the tenant written into it. */
export interface ScopedStatement {
  readonly text: string
  /** What must be sent behind the statement's own parameters. */
  readonly keys: readonly KeyParameter[]
}

export interface ScopeOptions {
  readonly schema: TenantSchema
  /** The models whose rows are confined. */
  readonly models: ReadonlySet<string>
}

/** A mention of a table that is read: `"public"."users" AS "t0"`, from one word to another. */
interface Mention {
  readonly relation: Relation
  readonly name: string
  readonly start: number
  readonly end: number
}

/**
 * Writes the tenant into a statement of Prisma's: tables are read through a filtered subselect, an
 * update or delete gets one more condition, a row of a relation table is made from its parents.
 * Nobody believes it: the guard proves the result. `undefined` where there is nothing to do.
 */
export function scopeStatement(
  text: string,
  parameters: number,
  options: ScopeOptions,
): ScopedStatement | undefined {
  const words = wordsOf(text)
  const keys = keyParameters(parameters)
  const { schema } = options
  const target = targetOf(words, options)
  if (target?.verb === 'INSERT') {
    const scoped = scopeLink(words, target, { schema, keys })
    return scoped === undefined ? undefined : { text: scoped, keys: keys.all }
  }
  const mentions = mentionsOf(words, options)
  const out = words.map((word) => word.text)
  for (const { relation, name, start, end } of mentions) {
    const filter = rowFilter(relation, { schema, keys })
    if (filter === undefined) return undefined
    const table = textOf(words, start, start + 3)
    out.fill('', start, end)
    out[start] = `(SELECT * FROM ${table} WHERE ${filter}) AS ${quoted(name)}`
    shortenColumns(words, out, table)
  }
  if (target !== undefined) {
    const prefix = `${target.table}.`
    const filter = rowFilter(target.relation, { schema, keys, forWriting: true, prefix })
    if (filter === undefined) return undefined
    addCondition(words, out, filter)
  }
  if (keys.all.length === 0) return undefined
  return { text: out.join(''), keys: keys.all }
}

/** The table that a statement writes, where its rows are confined. */
export interface Target {
  readonly verb: 'INSERT' | 'UPDATE' | 'DELETE'
  readonly relation: Relation
  readonly table: string
  /** The first word behind the table. */
  readonly end: number
}

function targetOf(words: readonly Word[], options: ScopeOptions): Target | undefined {
  const verb = words[0]?.text
  const start = verb === 'UPDATE' ? 2 : 4
  if (verb !== 'INSERT' && verb !== 'UPDATE' && verb !== 'DELETE') return undefined
  const relation = relationAt(words, start, options)
  if (relation === undefined) return undefined
  const table = textOf(words, start, start + 3)
  return { verb, relation, table, end: start + 3 }
}

function mentionsOf(words: readonly Word[], options: ScopeOptions): readonly Mention[] {
  const mentions: Mention[] = []
  for (const [index, { text }] of words.entries()) {
    const isDeleted = words[index - 2]?.text === 'DELETE'
    if ((text !== 'FROM' && text !== 'JOIN') || isDeleted) continue
    const start = index + 2
    const relation = relationAt(words, start, options)
    if (relation === undefined) continue
    const isAliased = words[start + 4]?.text === 'AS'
    const name = isAliased ? words[start + 6]?.name : words[start + 2]?.name
    if (name === undefined) continue
    mentions.push({ relation, name, start, end: isAliased ? start + 7 : start + 3 })
  }
  return mentions
}

/** The relation that `"schema"."table"` names. */
function relationAt(
  words: readonly Word[],
  start: number,
  { schema, models }: ScopeOptions,
): Relation | undefined {
  const space = words[start]?.name
  const table = words[start + 2]?.name
  const isTable = words[start + 1]?.text === '.' && words[start + 3]?.text !== '.'
  if (space === undefined || table === undefined || !isTable) return undefined
  const relation = schema.relation(table, space)
  if (relation === undefined || relation.table.kind === 'global') return undefined
  return models.has(relation.model) ? relation : undefined
}

function textOf(words: readonly Word[], start: number, end: number): string {
  return words
    .slice(start, end)
    .map(({ text }) => text)
    .join('')
}

/** `"public"."users"."id"` names no column of a subselect; `"users"."id"` does. */
function shortenColumns(words: readonly Word[], out: string[], table: string): void {
  for (let index = 0; index + 3 < words.length; index += 1) {
    const isColumn = textOf(words, index, index + 4) === `${table}.`
    if (!isColumn || out[index] === '') continue
    out[index] = ''
    out[index + 1] = ''
  }
}

/** Adds a condition to the WHERE of an update or a delete, which Prisma always writes. */
function addCondition(words: readonly Word[], out: string[], condition: string): void {
  const outermost = (text: string) =>
    words.findIndex((word) => word.depth === 0 && word.text === text)
  const where = outermost('WHERE')
  const returning = outermost('RETURNING')
  const end = returning === -1 ? words.length : returning
  if (where === -1) out[end] = ` WHERE ${condition} ${out[end] ?? ''}`
  else {
    out[where] = 'WHERE ('
    out[end] = `) AND ${condition} ${out[end] ?? ''}`
  }
}
