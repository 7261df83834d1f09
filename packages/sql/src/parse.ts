import { loadModule, parseSync } from 'libpg-query'
import { isShallow } from './nesting.ts'
import { type Body, bodyOf, fields, list } from './syntax-tree.ts'
import { Unprovable } from './unprovable.ts'

let loading: Promise<void> | undefined

/** Loads PostgreSQL's own parser, once in a process. */
export function loadParser(): Promise<void> {
  loading ??= loadModule()
  return loading
}

const loneSurrogate = /\p{Surrogate}/u

/**
 * Reads a text as PostgreSQL does: the statements in it, none for an empty text.
 * @throws {@link Unprovable} `unparsable`
 */
export function parse(text: string, maxLength: number): readonly Body[] {
  if (text.length > maxLength)
    throw new Unprovable('the text is too long', { detail: 'unparsable' })
  // The parser would stop at a NUL and read what the driver makes of half a character.
  if (text.includes('\0') || loneSurrogate.test(text)) {
    throw new Unprovable('the text holds characters that no statement can hold', {
      detail: 'unparsable',
    })
  }
  if (text.trim() === '') return []
  return list(treeOf(text)).map((raw) => {
    const { stmt } = fields(bodyOf(raw), ['stmt', 'stmt_location', 'stmt_len'])
    return bodyOf(stmt)
  })
}

function treeOf(text: string): unknown {
  if (!isShallow(text))
    throw new Unprovable('the text is nested too deep', { detail: 'unparsable' })
  try {
    return parseSync(text).stmts
  } catch (cause) {
    throw new Unprovable('the text is no SQL that PostgreSQL reads', {
      cause,
      detail: 'unparsable',
    })
  }
}
