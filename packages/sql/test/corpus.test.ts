import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { declaredTopics, named, together } from './corpus/corpus.ts'
import { compare } from './interference.ts'
import { reportedIn } from './judge.ts'
import { schema, startWorlds, type Worlds } from './world.ts'

const { accepted, leaking, refused, safeButRefused } = together(declaredTopics)

let worlds: Worlds
beforeAll(async () => {
  worlds = await startWorlds()
})
afterAll(async () => {
  await worlds.stop()
})

const reported = (text: string, values: readonly unknown[]): string =>
  reportedIn(schema, text, values)

describe('refuses, says which relation is open, and the real server shows the leak', () => {
  it.each(named(leaking))('%s', async (_, [, expected, text, ...values]) => {
    expect(reported(text, values)).toBe(expected)
    const { leak } = await compare(worlds, text, values)
    expect(leak).toBeDefined()
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
    const { error, leak } = await compare(worlds, text, values)
    expect(error).toBeUndefined()
    expect(leak).toBeUndefined()
  })
})

describe('accepts, and other tenants make no difference on a real server', () => {
  it.each(named(accepted))('%s', async (_, [, text, ...values]) => {
    expect(reported(text, values)).toBe('')
    const { error, leak } = await compare(worlds, text, values)
    expect(error).toBeUndefined()
    expect(leak).toBeUndefined()
  })

  it('accepts them too where a catalogue tells more', () => {
    const lost = accepted.filter(([, text, ...values]) => reportedIn(worlds.live, text, values))
    expect(lost).toEqual([])
  })
})
