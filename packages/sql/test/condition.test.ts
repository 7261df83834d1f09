import { parseTenantId } from '@partywall/context'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isConfined } from '../src/guard/condition.ts'
import type { Constant } from '../src/proof/model.ts'
import { canonicalText, familyOf, ownerTypes, wireText } from '../src/schema/column-type.ts'

const acme = parseTenantId('acme')
const claim = {
  model: 'User',
  severity: 'HIGH',
  violation: 'missing_tenant_id',
  action: 'select',
  written: false,
} as const

function confined(
  constants: readonly Constant[] | undefined,
  key: string | number,
  values: unknown[],
): boolean {
  return isConfined(
    { ...claim, constants, tenantKey: () => key },
    { tenantId: acme, env: 'prod' },
    values,
  )
}

describe('the condition of a proof', () => {
  it('holds for no value but the tenant, whatever its type', () => {
    const anything = fc.oneof(fc.anything(), fc.string(), fc.integer(), fc.uuid())
    fc.assert(
      fc.property(anything, fc.constantFrom(...ownerTypes), (value, type) => {
        const family = familyOf(type)
        const key = family === 'uuid' ? '22222222-2222-4222-8222-222222222222' : '2'
        const holds = confined([{ kind: 'parameter', index: 1, family }], key, [value])
        const text = wireText(value)
        const isTenant =
          text !== undefined && (text === key || (family === 'uuid' && text.toLowerCase() === key))
        expect(holds).toBe(isTenant)
      }),
    )
  })

  it('asks for every constant, and for every element of a list', () => {
    const one: Constant = { kind: 'parameter', index: 1, family: 'int4' }
    const two: Constant = { kind: 'parameter', index: 2, family: 'int4' }
    const list: Constant = { kind: 'elements', index: 1, family: 'int4' }
    const literal: Constant = { kind: 'literal', text: '3', family: 'int4' }
    expect(confined([one, two], 2, [2, 2])).toBe(true)
    expect(confined([one, two], 2, [2, 3])).toBe(false)
    expect(confined([one, literal], 2, [2])).toBe(false)
    expect(confined([list], 2, [[2, '2', 2n]])).toBe(true)
    for (const value of [[], [2, 3], [2, null], [[2]], '{2}', 2, undefined, new Array(1)]) {
      expect(confined([list], 2, [value])).toBe(false)
    }
    expect(confined(undefined, 2, [2])).toBe(false)
  })

  it('asks for no row of a list in FROM without the tenant, whatever stands beside it', () => {
    const column: Constant = { kind: 'unnested', index: 1, family: 'int4', beside: [2] }
    const holds = (...values: unknown[]): boolean => confined([column], 2, values)
    expect(holds([2, '2'], ['a', null])).toBe(true)
    expect(holds([2], [])).toBe(true)
    expect(holds([], [])).toBe(true)
    expect(holds([2], [new Date(0)])).toBe(true)
    for (const values of [[2, 3], [2, null], [[2]], '{2}', undefined, new Array(1)]) {
      expect(holds(values, [])).toBe(false)
    }
    for (const beside of [['a', 'b'], [['a', 'b']], [[]], '{a}', undefined, null, new Array(2)]) {
      expect(holds([2], beside)).toBe(false)
    }
  })

  it('does not hold for a key that is no value of the column', () => {
    expect(confined([{ kind: 'parameter', index: 1, family: 'int4' }], 'acme', ['acme'])).toBe(
      false,
    )
    expect(confined([{ kind: 'parameter', index: 1, family: 'uuid' }], '2', ['2'])).toBe(false)
  })
})

it('knows one spelling of each value', () => {
  for (const text of ['02', ' 2', '2 ', '+2', '-0', '2.0', '2e0', '0x2', '1_0', '', '２']) {
    expect(canonicalText(text, 'int4')).toBeUndefined()
  }
  // Drivers send a character of their own for half of one.
  expect(canonicalText('a\ud800', 'text')).toBeUndefined()
  expect(canonicalText('a\u{1f600}', 'text')).toBe('a\u{1f600}')
  expect(canonicalText('-2', 'int8')).toBe('-2')
  expect(canonicalText('{22222222-2222-4222-8222-222222222222}', 'uuid')).toBeUndefined()
  expect(canonicalText('ABCDEF00-2222-4222-8222-222222222222', 'uuid')).toMatch(/^abcdef00/)
})
