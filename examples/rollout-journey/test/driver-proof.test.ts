import { type PostgresServer, startPostgres } from '@partywall/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { JourneyOptions } from '../src/journey/story.ts'
import { tellDetection } from '../src/journey/tell.ts'
import { leakKinds } from '../src/leaks/leak.ts'
import { type Told, tellJourney } from './tell-journey.ts'

const timeoutMs = 30_000
let server: PostgresServer

// One server, with a database of its own for every run.
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

function detect(options: Partial<JourneyOptions>): Promise<Told> {
  return tellJourney({ stages: false, ...options }, tellDetection, server.url)
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
