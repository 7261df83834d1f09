import { beforeAll, expect, it } from 'vitest'
import { isShallow } from '../src/parse/nesting.ts'
import { loadParser, parse } from '../src/parse/parse.ts'
import { deep, long, scripts } from './corpus/texts.ts'

beforeAll(loadParser)

it('knows every shape that is deep for a parser that recurses', () => {
  for (const shape of deep) {
    expect(isShallow(shape(3000)), shape(1)).toBe(false)
    expect(isShallow(shape(100)), shape(1)).toBe(true)
  }
})

it('does not take what is long for deep', () => {
  for (const text of long) {
    expect(isShallow(text), text.slice(0, 40)).toBe(true)
    expect(parse(text, 1_000_000).statements).toHaveLength(1)
  }
  for (const [statements, text] of scripts) {
    expect(parse(text, 1_000_000).statements).toHaveLength(statements)
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
