import fc from 'fast-check'
import { scanSync } from 'libpg-query'
import { expect, it } from 'vitest'
import { createTextCache } from '../src/guard/text-cache.ts'
import { withoutComments } from '../src/guard/without-comments.ts'
import { loadParser } from '../src/parse/parse.ts'

await loadParser()

it('remembers a text from its second sight', () => {
  const cache = createTextCache<{ text: string }>(10, 1000)
  let found = 0
  const find = (text: string): { text: string } => {
    found += 1
    return { text }
  }
  for (let i = 0; i < 5; i += 1) cache.recall('select 1', find)
  expect(found).toBe(2)
  cache.clear()
  cache.recall('select 1', find)
  expect(found).toBe(3)
})

it('keeps what comes again through a flood of texts that do not', () => {
  const cache = createTextCache<{ text: string }>(10, 1000)
  let found = 0
  const find = (text: string): { text: string } => {
    found += 1
    return { text }
  }
  cache.recall('select 1', find)
  cache.recall('select 1', find)
  for (let i = 0; i < 1000; i += 1) cache.recall(`select ${i + 2}`, find)
  const before = found
  cache.recall('select 1', find)
  expect(found).toBe(before)
})

it('forgets nothing but what is too long, and remembers nothing that was thrown', () => {
  const cache = createTextCache<{ text: string }>(10, 8)
  let found = 0
  const find = (text: string): { text: string } => {
    found += 1
    if (text === 'bad') throw new Error('no')
    return { text }
  }
  for (let i = 0; i < 3; i += 1) cache.recall('longer than eight', find)
  expect(found).toBe(3)
  for (let i = 0; i < 3; i += 1) expect(() => cache.recall('bad', find)).toThrow('no')
  expect(found).toBe(6)
})

it('shares an entry between texts that differ in their comments only', () => {
  const cache = createTextCache<{ text: string }>(10, 1000)
  let found = 0
  const find = (text: string): { text: string } => {
    found += 1
    return { text }
  }
  for (let i = 0; i < 5; i += 1) cache.recall(`select 1 /* trace ${i} */`, find)
  expect(found).toBe(2)
})

it.each([
  ['select 1 -- one\n', 'select 1  \n'],
  ['select /* a /* nested */ one */ 1', 'select   1'],
  [`select '-- no comment' /* one */`, `select '-- no comment'  `],
  ['select "/* a name */" -- one', 'select "/* a name */"  '],
  ['select $$ /* a text */ $$ /**/', 'select $$ /* a text */ $$  '],
  [`select E'\\' /* a text */' /**/`, `select E'\\' /* a text */'  `],
  ['select /* never closed', 'select /* never closed'],
  ['select 1 /* é */', 'select 1 /* é */'],
])('finds the comments of %j as the lexer does', (text, bare) => {
  expect(withoutComments(text)).toBe(bare)
})

it('never takes two statements for one', () => {
  const piece = fc.constantFrom(
    ...[
      `'`,
      `''`,
      `"`,
      '--',
      '/*',
      '*/',
      '\n',
      '$$',
      '$a$',
      'E',
      'a',
      '1',
      ' ',
      '\\',
      '-',
      '/',
      '*',
      ';',
      '$1',
    ],
  )
  const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(text, (each) => {
      const bare = withoutComments(each)
      // What is left reads as the same tokens, comments apart.
      expect(tokensOf(bare)).toEqual(tokensOf(each))
    }),
    { numRuns: 2000 },
  )
})

function tokensOf(text: string): readonly string[] | string {
  try {
    return scanSync(text)
      .tokens.filter(({ tokenName }) => !tokenName.endsWith('_COMMENT'))
      .map(({ tokenName, text: word }) => `${tokenName} ${word}`)
  } catch {
    return 'unreadable'
  }
}
