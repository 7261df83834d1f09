import { beforeAll, expect, it } from 'vitest'
import { isShallow } from '../src/parse/nesting.ts'
import { loadParser, parse } from '../src/parse/parse.ts'

beforeAll(loadParser)

const deep = [
  (n: number) => `select ${'('.repeat(n)}1${')'.repeat(n)}`,
  (n: number) => `select ${'not '.repeat(n)}a`,
  (n: number) => `select ${'- '.repeat(n)}a`,
  (n: number) => `select 1${'+1'.repeat(n)}`,
  (n: number) => `select 1${'::x'.repeat(n)}`,
  (n: number) => `select a${' is null'.repeat(n)}`,
  (n: number) => `select a${' collate b'.repeat(n)}`,
  (n: number) => `select ${'f('.repeat(n)}1${')'.repeat(n)}`,
  (n: number) => `select ${'array['.repeat(n)}1${']'.repeat(n)}`,
  (n: number) => `select ${'case when a, b then '.repeat(n)}1${' end'.repeat(n)}`,
  (n: number) => `select 1, 2${' union select 1, 2'.repeat(n)}`,
  (n: number) => `select 1 from a${' join b on c = d and e'.repeat(n)}`,
  (n: number) => `select ${'not a = '.repeat(n)}b`,
]

it('knows every shape that is deep for a parser that recurses', () => {
  for (const shape of deep) {
    expect(isShallow(shape(3000)), shape(1)).toBe(false)
    expect(isShallow(shape(100)), shape(1)).toBe(true)
  }
})

it('does not take what is long for deep', () => {
  const long = [
    `insert into t (a, b) values ${Array.from({ length: 4000 }, (_, i) => `($${i}, -1)`).join(', ')}`,
    `select a from t where ${Array.from({ length: 2500 }, (_, i) => `(a = $${i} and b = 1)`).join(' or ')}`,
    `select a from t where a in (${Array.from({ length: 9000 }, () => '-1').join(', ')})`,
    `update t set ${Array.from({ length: 2500 }, (_, i) => `c${i} = d + 1`).join(', ')}`,
  ]
  for (const text of long) {
    expect(isShallow(text), text.slice(0, 40)).toBe(true)
    expect(parse(text, 1_000_000).statements).toHaveLength(1)
  }
})

it('takes a long text that even the lexer does not read for one that nobody reads', () => {
  const text = `select ${'(1), '.repeat(3000)} 'x`
  expect(() => parse(text, 65_536)).toThrow(expect.objectContaining({ detail: 'unparsable' }))
})

it('leaves the parser whole, however often deep texts come', () => {
  for (let round = 0; round < 5; round += 1) {
    expect(() => parse(`select ${'1+'.repeat(5000)}1`, 65_536)).toThrow('nested too deep')
  }
  expect(parse('select 1', 65_536).statements).toHaveLength(1)
})
