import { tokensOf } from './lexer.ts'

/** How deep PostgreSQL's parser may go: its stack in WebAssembly bears at least twice as much. */
const maxDepth = 2000

const nestingWords = 'not|case|when|join|union|intersect|except|select|is|isnull|notnull|collate|at'
const nesting = new RegExp(`[^\\w\\s,.;'"$]|\\b(?:${nestingWords})\\b`, 'giu')

/**
 * Whether the text is sure not to exhaust the stack of a parser that recurses. Once exhausted, it
 * stays damaged, so this must be known before.
 */
export function isShallow(text: string): boolean {
  if (text.length <= maxDepth) return true
  return (text.match(nesting)?.length ?? 0) <= maxDepth || depthOf(text) <= maxDepth
}

const flat = new Set(['IDENT', 'SCONST', 'ICONST', 'FCONST', 'PARAM'])
const resets = new Set([',', 'and', 'or', 'when', 'then', 'else'])
const chains = new Set(['join', 'union', 'intersect', 'except'])

interface Level {
  /** Operators one after another: each is nested in the next. */
  operators: number
  /** Joins and set operations: a comma does not end their chain. */
  joined: number
}

/** No less than the depth of the syntax tree; the lexer does not recurse. */
function depthOf(text: string): number {
  const around: Level[] = []
  let level: Level = { operators: 0, joined: 0 }
  let depth = 1
  let deepest = 1
  for (const token of tokensOf(text)) {
    const word = token.text.toLowerCase()
    if (flat.has(token.tokenName) || word === '.') continue
    if (word === '(' || word === '[' || word === 'case') {
      around.push(level)
      level = { operators: 0, joined: 0 }
      depth += 2
    } else if (word === ')' || word === ']' || word === 'end') {
      const outer = around.pop()
      // What closes nothing is END of a transaction, or no SQL.
      if (outer === undefined) continue
      depth -= 2 + level.operators + level.joined
      level = outer
    } else if (resets.has(word)) {
      depth -= level.operators
      level.operators = 0
    } else if (chains.has(word)) {
      level.joined += 1
      depth += 1
    } else {
      level.operators += 1
      depth += 1
    }
    deepest = Math.max(deepest, depth)
  }
  return deepest
}
