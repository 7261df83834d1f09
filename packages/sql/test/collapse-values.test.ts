import fc from 'fast-check'
import { expect, it } from 'vitest'
import { collapseValues } from '../src/parse/collapse-values.ts'
import { violationsFor } from './judge.ts'

function insert(rows: number, tail = ''): string {
  const values = Array.from({ length: rows }, (_, i) => `($${i * 2 + 1}, $${i * 2 + 2})`)
  return `insert into users (id, tenant_id) values ${values.join(', ')}${tail}`
}

function owners(rows: number, other?: number): unknown[] {
  return Array.from({ length: rows }, (_, i) => [i, i === other ? 3 : 2]).flat()
}

it('accepts a long insert of the tenant’s rows, also one longer than a text may be', () => {
  expect(insert(20_000).length).toBeGreaterThan(65_536)
  expect(violationsFor(insert(20_000), owners(20_000))).toEqual([])
})

it('finds the one row of another tenant, wherever it stands', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(), (rows, choice) => {
      const other = choice % rows
      const found = violationsFor(insert(rows), owners(rows, other))
      expect(found.map(({ model }) => model)).toEqual(['User'])
    }),
    { numRuns: 50 },
  )
})

it('keeps what follows the rows', () => {
  const text = insert(100, ' on conflict (id) do update set tenant_id = 3 returning *')
  expect(violationsFor(text, owners(100)).length).toBeGreaterThan(0)
  expect(collapseValues(text).text).toBe(
    insert(1, ' on conflict (id) do update set tenant_id = 3 returning *'),
  )
})

it('notes that a parameter of a removed row is used elsewhere as something else', () => {
  const text = insert(100, ' on conflict (tenant_id, id) do update set name = $200')
  expect(violationsFor(text, owners(100)).length).toBeGreaterThan(0)
})

it.each([
  ['few rows', insert(5)],
  ['rows of different lengths', `${insert(30)}, ($1)`],
  ['a query', 'insert into users (id) select 1'],
  ['WITH', `with x as (select 1) ${insert(30)}`],
  ['a comment between the rows', insert(30).replace('), (', '), /* ), ( */ (')],
  ['no column list', insert(30).replace(' (id, tenant_id)', '')],
])('leaves alone what is not a long list of rows of parameters: %s', (what, text) => {
  const { rows } = collapseValues(text)
  // With a comment after the first row nothing more is read.
  expect(rows, what).toEqual([])
})

it('stops at the first row that holds anything else', () => {
  const text = `${insert(30)}, ($61, 'x'), ($62, $63)`
  expect(collapseValues(text).text).toBe(`${insert(1)}, ($61, 'x'), ($62, $63)`)
  expect(collapseValues(text).rows).toHaveLength(29)
})
