import { parseSync } from 'libpg-query'
import { textOf } from '../expected.ts'
import { inOptions } from '../guard/given.ts'
import { isSlowToRead, tokensOf } from './lexer.ts'
import { isShallow } from './nesting.ts'
import { loadParser } from './parse.ts'
import { isWhole } from './whole-text.ts'

/** One statement of a text, and where it begins. */
export interface StatementText {
  /** Without white space and comments around it, and without its semicolon. */
  readonly text: string
  /** From 1. */
  readonly line: number
  /** From 1, in characters. */
  readonly column: number
}

/** Where a statement begins and ends, in bytes of UTF-8. */
type Span = readonly [start: number, end: number]

/**
 * The statements of a text, such as a file, as PostgreSQL's own parser tells them apart. Where it does
 * not read the whole, its lexer does, so that one wrong statement hides no other; where that fails too,
 * the text is one statement. Each is to be proved by itself: nothing is left out.
 */
export async function splitStatements(text: string): Promise<readonly StatementText[]> {
  inOptions.value('text', text, textOf('SQL as a string'))
  await loadParser()
  const bytes = Buffer.from(text)
  const isReadable = isWhole(text) && !isSlowToRead(text)
  const spans = isReadable ? (parsed(text, bytes) ?? scanned(text)) : undefined
  if (spans !== undefined) return located(bytes, spans)
  const all = trimmed(text)
  const start = Buffer.byteLength(text.slice(0, text.indexOf(all)))
  // The text itself: its bytes would make a character of half a one.
  return located(bytes, [[start, bytes.length]]).map((statement) => ({ ...statement, text: all }))
}

function parsed(text: string, bytes: Buffer): readonly Span[] | undefined {
  try {
    if (!isShallow(text)) return undefined
    const statements = parseSync(text).stmts ?? []
    return statements.map(({ stmt_location: start = 0, stmt_len: length = 0 }) => [
      start,
      // The last one may go on to the end of the text.
      length === 0 ? bytes.length : start + length,
    ])
  } catch {
    return undefined
  }
}

/** Semicolons inside of parentheses belong to the statement around them. */
function scanned(text: string): readonly Span[] | undefined {
  const spans: Span[] = []
  let depth = 0
  let start: number | undefined
  let end = 0
  try {
    for (const token of tokensOf(text)) {
      if (token.tokenName === 'SQL_COMMENT' || token.tokenName === 'C_COMMENT') continue
      if (token.text === ';' && depth === 0) {
        if (start !== undefined) spans.push([start, end])
        start = undefined
        continue
      }
      if (token.text === '(') depth += 1
      if (token.text === ')' && depth > 0) depth -= 1
      start ??= token.start
      end = token.end
    }
  } catch {
    return undefined
  }
  return start === undefined ? spans : [...spans, [start, end]]
}

/** Spans come in order: each byte is counted once. */
function located(bytes: Buffer, spans: readonly Span[]): readonly StatementText[] {
  let at = 0
  let line = 1
  let column = 1
  return spans.flatMap(([start, end]) => {
    for (const byte of bytes.subarray(at, start)) {
      if (byte === newline) {
        line += 1
        column = 1
      } else if (!isContinued(byte)) {
        column += 1
      }
    }
    at = start
    const text = trimmed(bytes.toString('utf8', start, end))
    return text === '' ? [] : [{ text, line, column }]
  })
}

const newline = 10

/** In UTF-8, the bytes of a character after its first one. */
function isContinued(byte: number): boolean {
  return byte >= 0x80 && byte < 0xc0
}

const space = ' \t\n\r\f\v'

/** To PostgreSQL, a no-break space is a letter: `trim` would make it another name. */
function trimmed(text: string): string {
  // No pattern: one that looks for the last white space begins anew at every other.
  let [start, end] = [0, text.length]
  while (start < end && space.includes(text.charAt(start))) start += 1
  while (start < end && space.includes(text.charAt(end - 1))) end -= 1
  return text.slice(start, end)
}
