import { createRequire } from 'node:module'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { copyValues } from '../src/doors/private-values.ts'

// The driver's own way from a value to the wire.
const { prepareValue }: { readonly prepareValue: (value: unknown) => unknown } = createRequire(
  import.meta.url,
)('pg/lib/utils')

// It sends NULL for nothing at all.
const sent = (value: unknown): unknown => prepareValue(value) ?? null
const copied = (value: unknown): unknown => sent(copyValues([value]).values[0])

/** A value that JSON has no word for, and that says itself what it becomes. */
const selfMade = (json: unknown): object => ({ secret: 1, toJSON: () => json })

it('sends every value as it would have been sent without a guard', () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.bigInt(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.uint8Array().map((bytes) => bytes.subarray(1)),
    fc.object({ withNullPrototype: true }),
    fc.jsonValue().map(selfMade),
  )
  const value = fc.oneof(leaf, fc.array(leaf), fc.array(fc.array(leaf)))
  fc.assert(
    fc.property(value, (one) => {
      expect(copied(one)).toEqual(sent(one))
    }),
    { numRuns: 1000 },
  )
})

describe('also', () => {
  it.each<[string, unknown]>([
    ['dates of another realm', runInNewContext('new Date(86400000)')],
    ['lists of another realm', runInNewContext(`['a', [new Date(0)], { b: 1 }]`)],
    ['objects of another realm', runInNewContext('({ a: [1] })')],
    ['bytes of another realm', runInNewContext('new Uint8Array([1, 2])')],
    ['boxed texts and numbers', [Object('x'), Object(1), Object(true)]],
    ['maps and sets', [new Map([[1, 2]]), new Set([1])]],
    ['objects that become a text', selfMade('2026-01-01')],
    ['objects that become a list', selfMade(['a', { b: 1 }])],
    ['objects that become nothing', selfMade(undefined)],
    ['objects with a key that JSON knows and JavaScript does not', JSON.parse('{"__proto__": 1}')],
    ['numbers beyond precision', selfMade(1e21)],
    ['numbers that are none', [Number.NaN, Number.POSITIVE_INFINITY, -0]],
    ['the bytes of a view', new DataView(new ArrayBuffer(4), 1, 2)],
    ['a buffer as such', new ArrayBuffer(2)],
    ['errors and expressions', [new Error('x'), /x/g]],
  ])('%s', (_, value) => {
    expect(copied(value)).toEqual(sent(value))
  })
})

it('leaves an object an object, for drivers that write JSON themselves', () => {
  const given = { a: [1, { b: null }], c: new Date(0) }
  const [kept] = copyValues([given]).values
  expect(kept).toEqual({ a: [1, { b: null }], c: '1970-01-01T00:00:00.000Z' })
  given.a.push(2)
  expect(kept).toEqual({ a: [1, { b: null }], c: '1970-01-01T00:00:00.000Z' })
})
