import fc from 'fast-check'
import { expect, it } from 'vitest'
import { firstDifference, plainOf } from '../src/difference.ts'

it('names the first place where two replies differ', () => {
  expect(firstDifference({ rows: [{ id: 1 }] }, { rows: [{ id: 2 }] })).toEqual({
    path: '$.rows[0].id',
    expected: '1',
    found: '2',
  })
  expect(firstDifference([1], [1, 2])).toEqual({ path: '$[1]', expected: 'nothing', found: '2' })
  expect(firstDifference([], {})).toMatchObject({ path: '$' })
  expect(firstDifference(null, {})).toMatchObject({ path: '$' })
})

it('finds no difference between equal values, and one between others', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
      expect(firstDifference(left, structuredClone(left))).toBeUndefined()
      // JSON has one zero only.
      const equal = JSON.stringify(left) === JSON.stringify(right)
      if (!equal && !JSON.stringify([left, right]).includes('{')) {
        expect(firstDifference(left, right)).toBeDefined()
      }
    }),
  )
})

it('keeps apart what JSON would confuse', () => {
  expect(plainOf(10n)).not.toEqual(plainOf(10))
  expect(plainOf(new Error('one'))).not.toEqual(plainOf(new Error('two')))
  expect(plainOf(Buffer.from('a'))).not.toEqual(plainOf(Buffer.from('b')))
})

it('keeps of a reply of pg what another database would answer alike', () => {
  const reply = { command: 'SELECT', rowCount: 1, oid: 7, fields: [{ tableID: 9 }], rows: [{}] }
  expect(plainOf(reply)).toEqual({ command: 'SELECT', rowCount: 1, rows: [{}] })
})
