import { worlds } from '@partywall/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { foreignValues, ownValues } from '../src/world.ts'

const foreign = worlds.filter((world) => world !== 'none')
const small = fc.integer({ min: 0, max: 999_999 })

it('never gives a unique value to two tenants, in any world', () => {
  fc.assert(
    fc.property(fc.constantFrom(...foreign), small, small, fc.string(), (world, n, m, content) => {
      const [own, first, second] = [
        ownValues().unique,
        foreignValues(world, 'acme', 1).unique,
        foreignValues(world, 'acme', 2).unique,
      ]
      expect(new Set([own.number(n), first.number(m), second.number(m)]).size).toBe(3)
      expect(new Set([own.uuid(n), first.uuid(m), second.uuid(m)]).size).toBe(3)
      expect(new Set([own.text(content), first.text(content), second.text(content)]).size).toBe(3)
    }),
  )
})

it('makes keys collide in the colliding world, and in no other', () => {
  const own = ownValues()
  for (const world of foreign) {
    const values = foreignValues(world, 'acme', 1)
    expect(values.number(7) === own.number(7)).toBe(world === 'colliding')
    expect(values.uuid(7) === own.uuid(7)).toBe(world === 'colliding')
  }
})

it('puts hostile keys on both sides of the tenant under test', () => {
  const { number } = foreignValues('hostile', 'acme', 1)
  expect(number(1)).toBeLessThan(0)
  expect(number(2)).toBeGreaterThan(999_999)
})

it('makes UUIDs that PostgreSQL reads', () => {
  fc.assert(
    fc.property(fc.constantFrom(...foreign), small, (world, n) => {
      expect(foreignValues(world, 'acme', 1).uuid(n)).toMatch(
        /^[0-9a-f]{8}-0000-4000-8000-[0-9a-f]{12}$/,
      )
    }),
  )
})
