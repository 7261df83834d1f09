import fc from 'fast-check'
import { expect, it } from 'vitest'
import { pageWidth, painter, table, wrap } from '../src/layout.ts'
import { countText, momentText, spanText, valueText } from '../src/measures.ts'
import { isColored } from '../src/output.ts'

const plain = painter(false)

it('keeps every line of a table within 100 columns', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.string({ maxLength: 300 }),
          fc.string({ maxLength: 90 }),
          fc.string({ maxLength: 400 }),
        ),
      ),
      (rows) => {
        for (const line of table(['one', 'two', 'three'], rows, plain)) {
          expect(line.length).toBeLessThanOrEqual(pageWidth)
        }
      },
    ),
  )
})

it('loses no word when it wraps', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,60}$/)), (words) => {
      expect(wrap(words.join(' '), 20).join('').replaceAll(' ', '')).toBe(words.join(''))
    }),
  )
})

it('lets no control character through to a terminal', () => {
  const [, line] = table(['name'], [['\u001b[2Jgone\u202e']], plain)
  expect(line).toBe('  ?[2Jgone?')
})

it('colours for a terminal only, and not when NO_COLOR says so', () => {
  const terminal = { write: () => true, isTTY: true }
  expect(isColored(terminal, {})).toBe(true)
  expect(isColored(terminal, { NO_COLOR: '1' })).toBe(false)
  expect(isColored(terminal, { TERM: 'dumb' })).toBe(false)
  expect(isColored({ write: () => true }, {})).toBe(false)
})

it('says numbers with their unit', () => {
  expect(valueText({ unit: 'per_hour', value: 9.9 })).toBe('9.9/h')
  expect(valueText({ unit: 'per_hour', value: 9.9996 })).toBe('9.9996/h')
  expect(valueText({ unit: 'share', value: 0.0009 })).toBe('0.09 %')
  expect(valueText({ unit: 'count', value: 120034 })).toBe('120 034')
  expect(valueText({ unit: 'ms' })).toBe('–')
  expect(countText(1_000_000)).toBe('1 000 000')
  expect(spanText(93_784_000)).toBe('1 d 2 h')
  expect(spanText(3_600_000)).toBe('1 h')
  expect(spanText(0)).toBe('0 s')
  expect(momentText(0)).toBe('1970-01-01 00:00:00')
})
