import { type PostgresServer, startPostgres } from '@partywall/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { JourneyOptions, Story } from '../src/journey/story.ts'
import { tellDetection } from '../src/journey/tell.ts'
import { leakKinds } from '../src/leaks/leak.ts'
import { type Told, tellJourney } from './tell-journey.ts'

/** What the detection phase alone may take. */
const budgetMs = 5_000
const timeoutMs = 60_000
let server: PostgresServer

// One server, with a database of its own for every run.
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

/** The detection phase alone, in its time. */
async function detect(options: Partial<JourneyOptions>): Promise<Told> {
  const first = await timed(options)
  // A machine that was busy with something else gets a second try; what is too slow fails both.
  const { told, ms } = first.ms > budgetMs ? await timed(options) : first
  expect(ms).toBeLessThanOrEqual(budgetMs)
  return told
}

async function timed(options: Partial<JourneyOptions>): Promise<{ told: Told; ms: number }> {
  let ms = Number.POSITIVE_INFINITY
  const tell = async (story: Story): Promise<void> => {
    const begunAt = performance.now()
    await tellDetection(story)
    ms = performance.now() - begunAt
  }
  const told = await tellJourney({ stages: false, ...options }, tell, server.url)
  return { told, ms }
}

it('finds every planted leak, and nothing else', { timeout: timeoutMs }, async () => {
  const { failed } = await detect({})
  expect(failed).toEqual([])
})

it('fails and names every leak when the guard is taken out', { timeout: timeoutMs }, async () => {
  const { failed } = await detect({ walls: 'guard-off' })
  expect(failed).toHaveLength(1)
  for (const kind of leakKinds) expect(failed[0]).toContain(`${kind} (0 of `)
})

for (const kind of leakKinds) {
  it(`fails and names ${kind} when it is mended`, { timeout: timeoutMs }, async () => {
    const { failed } = await detect({ mended: [kind] })
    expect(failed).not.toEqual([])
    for (const failure of failed) {
      expect(failure).toContain(kind)
      for (const other of leakKinds.filter((each) => each !== kind)) {
        expect(failure).not.toContain(other)
      }
    }
  })
}
