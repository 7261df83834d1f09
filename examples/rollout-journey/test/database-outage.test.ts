import { randomUUID } from 'node:crypto'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { seededRandom } from '../src/data/random.ts'
import type { Answer } from '../src/driver/exchange.ts'
import { isLeakKind, planHour } from '../src/driver/plan.ts'
import { createSender, type Delivery } from '../src/driver/sender.ts'
import { createTableClient } from '../src/driver/table-client.ts'
import { countVerdicts, foreignRows } from '../src/driver/window.ts'
import { checkRollout, type GateAnswer } from '../src/journey/rollout-answers.ts'
import { advance, advanceRefused, command, everyKind, operatorName } from '../src/journey/steps.ts'
import type { Story } from '../src/journey/story.ts'
import { listViolations } from '../src/journey/violations.ts'
import { endpointOf, plantedLeaks } from '../src/leaks/planted.ts'
import { tellJourney } from './tell-journey.ts'
import { until } from './until.ts'

const timeout = 180_000
let server: PostgresServer

// Always one of our own: nobody else's server is ours to take down.
beforeAll(async () => {
  server = await startPostgres({ env: {} })
})
afterAll(() => server.stop())

/** What can be asked again and again, with an answer that nothing here changes. */
const reads = new Set<string>(['me', 'person', 'roles', 'permissions', 'alerts', 'alert-report'])

/** Reads, and every leak once, from all lanes at once. */
async function ask({ driver }: Story, salt: number): Promise<readonly Answer[]> {
  const random = seededRandom(salt)
  const plan = planHour(random, driver.world.lanes.length, { correct: 60, probes: everyKind(1) })
  driver.collect()
  await driver.run(plan.filter(({ kind }) => reads.has(kind) || isLeakKind(kind)))
  return driver.collect()
}

/** What becomes of requests, and of jobs, whose statements find no database. */
const unavailable =
  /^expected status \d+, got (?:503: .*"reason":"database.unavailable"|500: \{"reason":"job.failed"\})/

function isUnavailable({ verdict, difference = '' }: Answer): boolean {
  return verdict === 'wrong' && unavailable.test(difference)
}

/** Does something while the database is gone, and brings it back in any case. */
async function withoutDatabase<Result>(work: () => Promise<Result>): Promise<Result> {
  await server.takeDown()
  try {
    return await work()
  } finally {
    await server.bringBack()
  }
}

/** Asks until every answer is again as it must be. */
async function recovered(story: Story): Promise<readonly Answer[]> {
  const all: Answer[] = []
  let last: readonly Answer[] = []
  await until(async () => {
    last = await ask(story, all.length + 1)
    all.push(...last)
    return !last.some(isUnavailable)
  }, 30_000)
  expect(new Set(last.map(({ instance }) => instance)).size).toBe(2)
  return all
}

/** The sum of a metric over both instances. */
async function total({ fleet }: Story, metric: string): Promise<number> {
  const pages = await Promise.all(
    fleet.instances().map(async ({ port }) => {
      const page = await fetch(`http://127.0.0.1:${port}/metrics`)
      return page.text()
    }),
  )
  const samples = pages.join('\n').matchAll(new RegExp(`^${metric}(?:\\{.*\\})? (\\d+)$`, 'gm'))
  return [...samples].reduce((sum, [, value]) => sum + Number(value), 0)
}

async function totals(story: Story): Promise<Readonly<Record<string, number>>> {
  const names = ['requests', 'requests_failed', 'requests_blocked', 'guard_faults']
  const counts = names.map(async (name) => [name, await total(story, `tenant_${name}_total`)])
  return Object.fromEntries(await Promise.all(counts))
}

/** Transactions that go on whatever happens, and what became of each. */
function openSessions({ fleet, driver }: Story): {
  readonly answers: Map<string, Delivery>
  stop(): Promise<void>
} {
  const sender = createSender(fleet.proxyPort, fleet.runJob)
  const answers = new Map<string, Delivery>()
  let going = true
  const running = Promise.all(
    driver.world.lanes.slice(0, 4).map(async (lane) => {
      while (going) {
        const id = randomUUID()
        const body = { id, device: 'web', tokenHash: id }
        const request = { method: 'POST', path: '/api/secure/sessions', body } as const
        answers.set(id, await sender.send(lane, request, { requestId: id }))
      }
    }),
  )
  return {
    answers,
    async stop() {
      going = false
      await running
      await sender.close()
    },
  }
}

/** Which of these sessions are in the database, and which have their entry in the audit log. */
async function stored(
  ids: readonly string[],
  story: Story,
): Promise<readonly (readonly string[])[]> {
  const client = createTableClient(databaseOf(story))
  await client.connect()
  try {
    const rooms = [
      'select id::text from refresh_tokens where id::text = any($1) order by 1',
      `select subject as id from audit_logs where subject = any($1) and action = 'session.open' order by 1`,
    ]
    const found: string[][] = []
    for (const text of rooms) {
      const { rows } = await client.query<{ id: string }>(text, [ids])
      found.push(rows.map(({ id }) => id))
    }
    return found
  } finally {
    await client.end()
  }
}

/** The URL of the database of a story, which is on the server of this file. */
function databaseOf({ tables }: Story): string {
  const url = new URL(server.url)
  url.pathname = `/${tables.database ?? ''}`
  return url.href
}

it('answers 503 while the database is gone, opens no wall, and recovers by itself', {
  timeout,
}, async () => {
  const tell = async (story: Story): Promise<void> => {
    await story.deploy('1', {
      environment: { TENANT_ENFORCEMENT_ENABLED: 'true', TENANT_ENFORCEMENT_MODE: 'enforce' },
    })
    await story.driver.logIn()
    const calm = await ask(story, 1)
    expect(countVerdicts(calm)).toMatchObject({ blocked: 13, wrong: 0, lost: 0, leaked: 0 })
    const before = await totals(story)

    const sessions = openSessions(story)
    const asked = ask(story, 2)
    const [during, gone] = await withoutDatabase(async () => {
      // The fault is there: nobody is at the address, and reads say so.
      const client = createTableClient(databaseOf(story))
      await expect(client.connect()).rejects.toThrow(/ENOENT|ECONNREFUSED/)
      return [await asked, await ask(story, 3)]
    })
    expect(gone.filter(({ leak }) => leak === undefined).every(isUnavailable)).toBe(true)
    const after = await recovered(story)
    await sessions.stop()

    const all = [...during, ...gone, ...after]
    expect(foreignRows(all)).toBe(0)
    for (const { leak, verdict, difference } of all) {
      const wanted = leak === undefined ? ['correct', 'wrong'] : ['blocked', 'wrong']
      expect(wanted).toContain(verdict)
      if (verdict === 'wrong') expect(difference).toMatch(unavailable)
    }
    // Where no connection has to be had first, a leak is refused as ever.
    expect(countVerdicts(gone).blocked).toBeGreaterThan(0)

    // Every answer is counted as what it was: a failure is no violation, and no fault of the guard.
    const answers = [...sessions.answers.values()]
    const failed =
      all.filter(isUnavailable).length + answers.filter(({ status }) => status === 503).length
    const blocked = countVerdicts(all).blocked
    await until(
      async () =>
        (await total(story, 'tenant_requests_total')) ===
        (before['requests'] ?? 0) + all.length + answers.length,
    )
    const counted = await totals(story)
    expect(
      Object.fromEntries(
        Object.entries(counted).map(([name, count]) => [name, count - (before[name] ?? 0)]),
      ),
    ).toEqual({
      requests: all.length + answers.length,
      requests_failed: failed,
      requests_blocked: blocked,
      guard_faults: 0,
    })

    const leaks = new Set(plantedLeaks.map(endpointOf))
    const violations = await listViolations(story)
    expect(violations.filter(({ endpoint }) => !leaks.has(endpoint))).toEqual([])

    // What was acknowledged is there, and nothing is there by half.
    expect(answers.filter(({ status }) => status !== 201 && status !== 503)).toEqual([])
    for (const { status, type, text } of answers) {
      if (status === 503)
        expect([type, JSON.parse(text).status]).toEqual(['application/problem+json', 503])
    }
    const acknowledged = [...sessions.answers]
      .filter(([, { status }]) => status === 201)
      .map(([id]) => id)
    const [kept = [], audited] = await stored([...sessions.answers.keys()], story)
    expect(acknowledged.length).toBeGreaterThan(0)
    expect(acknowledged.length).toBeLessThan(answers.length)
    expect(acknowledged.filter((id) => !kept.includes(id))).toEqual([])
    expect(audited).toEqual(kept)
  }
  await tellJourney({ stages: false }, tell, server.url)
})

it('is red after the database was gone, and not green while nobody could be served', {
  timeout,
}, async () => {
  const tell = async (story: Story): Promise<void> => {
    const { traffic, driver, operator, fleet } = story
    const failures = async (): Promise<GateAnswer & { readonly all: string }> => {
      await fleet.flush()
      const check = await checkRollout(operator)
      const gate = check.gates.find((each) => each.gate === 'user_facing_errors')
      if (gate === undefined) throw new Error('there is no such gate')
      return { ...gate, all: check.verdict }
    }
    await command(story, [
      'rollout',
      'init',
      '--actor',
      operatorName,
      '--reason',
      'to lose the database',
    ])
    await story.deploy('3')
    await driver.logIn()
    await traffic.hours(48, { correct: 25 })
    await advance(story, 1, 'ready')
    await traffic.hours(26, { correct: 42 })
    expect(await failures()).toMatchObject({ verdict: 'green', value: 0, all: 'amber' })
    driver.collect()

    const gone = await withoutDatabase(async () => {
      const lost = (await ask(story, 4)).filter(isUnavailable).length
      await traffic.hours(2, { correct: 0 })
      const during = await failures()
      expect(during).toMatchObject({ verdict: 'red', all: 'red' })
      expect(Math.round((during.value ?? 0) * during.samples)).toBe(lost)
      return lost
    })
    const back = await recovered(story)
    const after = await failures()
    expect(after).toMatchObject({ verdict: 'red', all: 'red' })
    expect(Math.round((after.value ?? 0) * after.samples)).toBe(
      gone + back.filter(isUnavailable).length,
    )
    const refused = await advanceRefused(story, 'stage 1, the database was gone')
    expect(refused.verdict).toBe('red')
    expect(refused.gates.find(({ gate }) => gate === 'critical_violations')).toMatchObject({
      verdict: 'green',
      value: 0,
    })
  }
  await tellJourney({}, tell, server.url)
})
