import { tokensOf } from '../parse/lexer.ts'

const maxShape = 2000
const literals = new Set(['SCONST', 'ICONST', 'FCONST', 'BCONST', 'XCONST'])
const comments = new Set(['C_COMMENT', 'SQL_COMMENT'])

export function isComment({ tokenName }: { readonly tokenName: string }): boolean {
  return comments.has(tokenName)
}

/** Literals that the lexer gives no name of their own. */
const otherLiteral = /^(?:u&|[bxn])'/i

/**
 * A text without its literals and comments, lists of values shortened: the same for every call of
 * one statement, and safe to store.
 */
export function statementShape(text: string, maxLength: number): string {
  if (text.length > maxLength) return '(text too long)'
  try {
    return shorten(tokensOf(text).flatMap(shapeOfToken))
  } catch {
    return '(unreadable text)'
  }
}

function shapeOfToken(token: {
  readonly tokenName: string
  readonly text: string
}): readonly string[] {
  if (isComment(token)) return []
  const { tokenName, text } = token
  return [literals.has(tokenName) || otherLiteral.test(text) ? '?' : text]
}

function shorten(words: readonly string[]): string {
  const kept: string[] = []
  let length = 0
  for (let i = 0; i < words.length && length < maxShape; i += 1) {
    const word = words[i] ?? ''
    const repeats = isValue(word) && words[i - 1] === ',' && isValue(words[i - 2] ?? '')
    if (repeats) {
      kept.pop()
      if (kept.at(-1) !== '…') kept.push('…')
      continue
    }
    kept.push(word)
    length += word.length + 1
  }
  return kept.join(' ').slice(0, maxShape)
}

function isValue(word: string): boolean {
  return word === '?' || /^\$\d+$/.test(word)
}

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What a parameter looks like, never what it is. */
export function parameterShape(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return uuidPattern.test(value) ? 'uuid' : `string(${value.length})`
  if (typeof value !== 'object') return typeof value
  if (value instanceof Date) return 'date'
  if (Array.isArray(value)) return `array(${value.length})`
  return ArrayBuffer.isView(value) ? `bytes(${value.byteLength})` : 'object'
}
