import { tokensOf } from './lexer.ts'

/** Some 50 MB in the parser, and 200 ms: 200 columns that are set to 200 others are fewer. */
const maxTokens = 100_000
/** What each repetition costs, however short. */
const leastTokens = 12
/** A list may stand before `=`, with comments between; other lists than those of SET are compared. */
const closedBeforeEquals = /\)\s*(?:=|\/\*|--)/
const settingColumns = /\bset\b/i
const comments = new Set(['SQL_COMMENT', 'C_COMMENT'])
const ends = new Set([',', ';', 'where', 'from', 'returning', 'when'])

interface Source {
  readonly columns: number
  readonly depth: number
  tokens: number
}

/**
 * Whether the parser gives no more of the tree than the text is worth: it repeats what stands behind
 * `SET (a, b, …) =` for each of the columns. 12 kB made it use all of its memory, which it never
 * gives back.
 * @throws Error where the lexer does not read the text
 */
export function isWorthItsTree(text: string): boolean {
  const mayRepeat = settingColumns.test(text) && closedBeforeEquals.test(text)
  return !mayRepeat || tokensIn(text) <= maxTokens
}

/** What stands before a list of columns to be set: no row that a condition compares begins so. */
const beforeColumns = new Set(['set', ','])
/** An open CASE among the open lists. */
const openCase = Number.NaN

/** The tokens of the text, each as often as the tree holds it. */
function tokensIn(text: string): number {
  const lists: number[] = []
  const around: Source[] = []
  let source: Source = { columns: 1, depth: -1, tokens: 0 }
  let closed = 1
  let before = ''
  const leave = (): void => {
    const outer = around.pop()
    if (outer === undefined) return
    outer.tokens += source.columns * Math.max(source.tokens, leastTokens)
    source = outer
  }
  for (const token of tokensOf(text)) {
    if (comments.has(token.tokenName)) continue
    const said = token.text.toLowerCase()
    // There it is a name, or part of a comparison.
    const isNoEnd = before === '.' || (said === 'from' && before === 'distinct')
    const word = isNoEnd ? '' : said
    if (word === ')') while (Number.isNaN(lists.at(-1))) lists.pop()
    while (word === ')' ? lists.length <= source.depth : isEnd(word, lists.length, source)) leave()
    source.tokens += 1
    if (word === '=' && closed > 1) {
      around.push(source)
      source = { columns: closed, depth: lists.length, tokens: 0 }
    }
    closed = 1
    if (word === '(') lists.push(beforeColumns.has(before) ? 1 : Number.NEGATIVE_INFINITY)
    else if (word === '[') lists.push(Number.NEGATIVE_INFINITY)
    else if (word === 'case') lists.push(openCase)
    else if (word === ',' && lists.length > 0) lists[lists.length - 1] = (lists.at(-1) ?? 1) + 1
    else if (word === ')') closed = lists.pop() ?? 1
    else if (word === ']' || (word === 'end' && Number.isNaN(lists.at(-1)))) lists.pop()
    before = said
  }
  while (around.length > 0) leave()
  return source.tokens
}

function isEnd(word: string, depth: number, source: Source): boolean {
  return ends.has(word) && depth === source.depth
}
