import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { liveTopics, named, together } from './corpus/corpus.ts'
import { oracles } from './corpus/live/conflicts.ts'
import { reportedIn } from './judge.ts'
import { type LiveWorld, startLiveWorld } from './live-world.ts'

const { accepted, leaking, damaging, refused, safeButRefused } = together(liveTopics)

let world: LiveWorld
beforeAll(async () => {
  world = await startLiveWorld()
})
afterAll(async () => {
  await world.stop()
})

const reported = (text: string, values: readonly unknown[]): string =>
  reportedIn(world.schema, text, values)

describe('refuses, says which relation is open, and the real server shows the leak', () => {
  it.each(named(leaking))('%s', async (_, [, expected, text, ...values]) => {
    expect(reported(text, values)).toBe(expected)
    expect(await world.difference(text, values)).not.toBe('')
  })

  it.each(named(damaging))('%s', async (_, [, expected, damaged, text, ...values]) => {
    expect(reported(text, values)).toBe(expected)
    expect(await world.damage(text, values)).toBe(damaged)
  })
})

describe('refuses, and says why', () => {
  it.each(named(refused))('%s', (_, [, expected, text, ...values]) => {
    expect(reported(text, values)).toBe(expected)
  })
})

describe('refuses although it is safe', () => {
  it.each(named(safeButRefused))('%s', async (_, [, , expected, text, ...values]) => {
    expect(reported(text, values)).toBe(expected)
    expect(await world.difference(text, values)).toBe('')
    expect(await world.damage(text, values)).toBe('')
  })
})

describe('accepts, and other tenants make no difference on a real server', () => {
  it.each(named(accepted))('%s', async (_, [, text, ...values]) => {
    expect(reported(text, values)).toBe('')
    expect(await world.difference(text, values)).toBe('')
    expect(await world.damage(text, values)).toBe('')
  })

  it.each(named(oracles))(
    '%s: the key may tell, nothing is changed',
    async (_, [, text, ...values]) => {
      expect(reported(text, values)).toBe('')
      expect(await world.damage(text, values)).toBe('')
    },
  )
})
