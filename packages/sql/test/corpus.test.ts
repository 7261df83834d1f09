import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Case, Refused } from './corpus/case.ts'
import { refused as badInput } from './corpus/input.ts'
import * as joins from './corpus/joins.ts'
import * as json from './corpus/json.ts'
import * as nesting from './corpus/nesting.ts'
import * as reads from './corpus/reads.ts'
import * as writes from './corpus/writes.ts'
import { compare } from './interference.ts'
import { violationsFor } from './judge.ts'
import { startWorlds, type Worlds } from './world.ts'

const topics = { reads, joins, nesting, json, writes }
const accepted: Case[] = Object.values(topics).flatMap((topic) => topic.accepted)
const refused: Refused[] = [...Object.values(topics).flatMap((topic) => topic.refused), ...badInput]

let worlds: Worlds
beforeAll(async () => {
  worlds = await startWorlds()
})
afterAll(async () => {
  await worlds.stop()
})

function reported(text: string, values: readonly unknown[]): string {
  return violationsFor(text, values)
    .map(({ model, detail }) => (detail === undefined ? model : `${model} ${detail}`))
    .join(', ')
}

function named<Each extends Case | Refused>(cases: readonly Each[]): [string, Each][] {
  return cases.map((each) => [each[0], each])
}

describe('refuses, and says which relation is open', () => {
  it.each(named(refused))('%s', (_, [, expected, text, ...values]) => {
    expect(reported(text, values)).toBe(expected)
  })
})

describe('accepts, and other tenants make no difference on a real server', () => {
  it.each(named(accepted))('%s', async (_, [, text, ...values]) => {
    expect(reported(text, values)).toBe('')
    const { error, leak } = await compare(worlds, text, values)
    expect(error).toBeUndefined()
    expect(leak).toBeUndefined()
  })

  it.each(writes.transactions)('lets %s pass', (text) => {
    expect(reported(text, [])).toBe('')
  })
})

it('is worth its refusals: many of them leak on the same server', async () => {
  let leaking = 0
  for (const [, model, text, ...values] of refused) {
    if (!model.startsWith('(unknown)')) {
      const { leak } = await compare(worlds, text, values)
      if (leak !== undefined) leaking += 1
    }
  }
  expect(leaking).toBeGreaterThan(70)
})
