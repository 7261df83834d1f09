import { hasSqlDetails, loadModule, parseSync } from 'libpg-query'
import { type Collapsed, collapseValues } from './collapse-values.ts'
import { isSlowToRead } from './lexer.ts'
import { isShallow } from './nesting.ts'
import { isWorthItsTree } from './repeated-sources.ts'
import { type Body, bodyOf, fields, list } from './syntax-tree.ts'
import { Unprovable } from './unprovable.ts'
import { isWhole } from './whole-text.ts'

let loading: Promise<void> | undefined

/** Loads PostgreSQL's own parser, once in a process. */
export function loadParser(): Promise<void> {
  loading ??= loadModule()
  return loading
}

export interface Parsed {
  /** None for an empty text. */
  readonly statements: readonly Body[]
  /** Rows of parameters that the first statement inserts beside those in its tree. */
  readonly furtherRows: Collapsed['rows']
}

/**
 * Reads a text as PostgreSQL does.
 * @throws {@link Unprovable} `unparsable`
 */
export function parse(whole: string, maxLength: number): Parsed {
  const { text, rows } = collapseValues(whole)
  if (text.length > maxLength)
    throw new Unprovable('the text is too long', { detail: 'unparsable' })
  if (!isWhole(text)) {
    throw new Unprovable('the text holds characters that no statement can hold', {
      detail: 'unparsable',
    })
  }
  if (isSlowToRead(text)) {
    throw new Unprovable('the text holds too many operators in a row', { detail: 'unparsable' })
  }
  if (text.trim() === '') return { statements: [], furtherRows: [] }
  const statements = list(treeOf(text)).map((raw) => {
    const { stmt } = fields(bodyOf(raw), ['stmt', 'stmt_location', 'stmt_len'])
    return bodyOf(stmt)
  })
  return { statements, furtherRows: rows }
}

function treeOf(text: string): unknown {
  try {
    // These ask the lexer, which may fail too.
    if (!isShallow(text)) throw tooMuch('the text is nested too deep')
    if (!isWorthItsTree(text)) throw tooMuch('the text sets too many columns to the same source')
    return parseSync(text).stmts
  } catch (cause) {
    if (cause instanceof Unprovable) throw cause
    throw new Unprovable(complaint(cause), { cause, detail: 'unparsable' })
  }
}

function tooMuch(because: string): Unprovable {
  return new Unprovable(because, { detail: 'unparsable' })
}

/** What the parser says may quote the text up to its end. */
function complaint(cause: unknown): string {
  return hasSqlDetails(cause) ? cause.message.slice(0, 100) : 'the text is no SQL'
}
