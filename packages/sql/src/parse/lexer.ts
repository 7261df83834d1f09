import { scanSync } from 'libpg-query'

export type Token = ReturnType<typeof scanSync>['tokens'][number]

/** A run of the characters that operators are made of, longer than any operator may be. */
const longRun = /[~!@#^&|`?+\-*/%<>=]{64,}/g
/** PostgreSQL's lexer takes the whole run for one operator, then gives all but this much back. */
const givenBack = /\+|\/\*/g
const maxRereads = 32
const shortText = 32_768

/**
 * Whether PostgreSQL's lexer would read the text over and over: 64 kB of `+` hold it up for 20
 * seconds. A text may cost as much as reading each character 32 times more, which a line of `+` across
 * a page is far from; strings and comments count too, since nobody but the lexer knows them.
 */
export function isSlowToRead(text: string): boolean {
  let rereads = 0
  for (const [run] of text.matchAll(longRun)) {
    rereads += (run.match(givenBack)?.length ?? 0) * run.length
  }
  return rereads > maxRereads * Math.max(text.length, shortText)
}

/**
 * What PostgreSQL's lexer makes of the text.
 * @throws Error where it does not read it, or not in a time that is worth it
 */
export function tokensOf(text: string): readonly Token[] {
  if (isSlowToRead(text)) throw new Error('the lexer would read the text over and over')
  return scanSync(text).tokens
}
