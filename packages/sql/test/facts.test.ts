import { expect, it } from 'vitest'
import { constantsEqualTo, equalTerms, type Facts, withFound } from '../src/proof/facts.ts'
import { emptyBlock, type Leaf, termOf } from '../src/proof/model.ts'

const leaf = (): Leaf => ({
  kind: 'opaque',
  terms: new Map(),
  lateral: false,
  sites: [],
  mention: { violation: 'missing_relation_filter', action: 'read', location: 0 },
})

it('looks through the same facts once for each column, however many relations ask', () => {
  const [a, b] = [leaf(), leaf()].map((each) => termOf(each, 'tenant_id', 'int4'))
  if (a === undefined || b === undefined) throw new Error('two leaves have two terms')
  const tenant = { kind: 'parameter', index: 1, family: 'int4' } as const
  const facts: Facts = [
    { left: a, right: b, saidBy: emptyBlock() },
    { left: b, right: [tenant] },
  ]
  expect(constantsEqualTo(a, facts)).toBeUndefined()
  expect(withFound(facts)).toBe(withFound(facts))
  expect(constantsEqualTo(a, withFound(facts))).toEqual([tenant])
  expect(constantsEqualTo(a, withFound(facts))).toBe(constantsEqualTo(a, withFound(facts)))
  expect(equalTerms(a, facts)).toBe(equalTerms(a, facts))
  expect(equalTerms(a, facts)).toEqual(new Set([a, b]))
  // Another column and other facts have answers of their own.
  expect(equalTerms(b, facts)).toEqual(new Set([b, a]))
  expect(equalTerms(a, [])).toEqual(new Set([a]))
})
