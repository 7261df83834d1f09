import { describe, expect, it } from 'vitest'
import { copyValues } from '../src/doors/private-values.ts'

describe('parameters', () => {
  it('are copies: what the caller does to its own changes nothing', () => {
    const list = [['a'], 'b']
    const date = new Date(0)
    const bytes = Buffer.from('abc')
    const object = { a: 1 }
    const { values, opaque } = copyValues([list, date, bytes, object])
    ;(list[0] as string[])[0] = 'x'
    date.setFullYear(1999)
    bytes[0] = 0
    object.a = 2
    expect(opaque).toBe(false)
    expect(values).toEqual([[['a'], 'b'], new Date(0), Buffer.from('abc'), { a: 1 }])
  })

  it('keep a view of a part of a buffer', () => {
    expect(copyValues([new Uint8Array([1, 2, 3]).subarray(1, 2)]).values).toEqual([
      Buffer.from([2]),
    ])
  })

  it.each([
    ['that write themselves', { toPostgres: () => 'x' }],
    ['that write themselves in a list', [{ toPostgres: () => 'x' }]],
    ['that are functions', () => 'x'],
    ['that are symbols', Symbol('x')],
    ['nested deeper than any column', [[[[[[[[[[1]]]]]]]]]]],
  ])('%s are opaque', (_, value) => {
    expect(copyValues([value]).opaque).toBe(true)
  })

  it('are a list or nothing', () => {
    expect(copyValues(undefined)).toEqual({ values: [], opaque: false })
    expect(copyValues('acme').opaque).toBe(true)
  })
})
