import { expect, it } from 'vitest'
import { seededRandom } from '../src/data/random.ts'
import { createSeed, seededRowCount } from '../src/data/seed.ts'
import { tableNames } from '../src/data/tables.ts'
import { tenants } from '../src/data/tenants.ts'
import { planHour } from '../src/driver/plan.ts'
import { leakKinds } from '../src/leaks/leak.ts'

it('makes the same data for the same seed, and other data for another', () => {
  expect(createSeed(7).rows).toEqual(createSeed(7).rows)
  expect(createSeed(8).rows.users).not.toEqual(createSeed(7).rows.users)
})

it('gives every tenant rows in every table, 50 000 in all', () => {
  const { rows } = createSeed(1)
  const counts = tableNames.map((table) => rows[table].length)
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(seededRowCount)
  for (const table of tableNames) {
    const owners = new Set(rows[table].map(({ tenant_id }) => tenant_id))
    expect([...owners].sort()).toEqual(tenants.map(({ key }) => key))
  }
})

it('plans the same requests for the same seed, and others for another', () => {
  const plan = (seed: number): unknown =>
    planHour(seededRandom(seed), 20, { correct: 50, probes: { 'in-list': 3 } })
  expect(plan(3)).toEqual(plan(3))
  expect(plan(4)).not.toEqual(plan(3))
})

it('sends each leak as often as the plan says', () => {
  const probes = Object.fromEntries(leakKinds.map((kind, index) => [kind, index]))
  const plan = planHour(seededRandom(5), 20, { correct: 10, probes, legacy: true })
  for (const [index, kind] of leakKinds.entries()) {
    const sent = plan.filter((request) => request.kind === kind)
    expect(sent).toHaveLength(index)
    expect(sent.every(({ legacy }) => legacy)).toBe(true)
  }
  expect(plan.filter(({ legacy }) => !legacy)).toHaveLength(10)
})
