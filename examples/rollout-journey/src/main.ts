import { startPostgres } from '@partywall/testing'
import pg from 'pg'
import { storyBeginsAt, virtualClock } from './clock.ts'
import { loadSeed } from './data/load.ts'
import { seededRandom } from './data/random.ts'
import { createSeed } from './data/seed.ts'
import { findDamage, restore } from './driver/damage.ts'
import { createDriver } from './driver/driver.ts'
import { planHour } from './driver/plan.ts'
import { createSender } from './driver/sender.ts'
import { byLeak, countVerdicts, foreignRows, percentile } from './driver/window.ts'
import { createWorld } from './driver/world.ts'
import { startFleet } from './fleet/fleet.ts'
import { leakKinds } from './leaks/leak.ts'

const t0 = performance.now()
const lap = (what: string): void =>
  console.log(`${(performance.now() - t0).toFixed(0).padStart(6)} ms  ${what}`)
const server = await startPostgres()
lap('postgres')
const seed = createSeed(1)
lap('seed made')
const client = new pg.Client({ connectionString: server.url })
await client.connect()
await loadSeed(client, seed.rows)
lap('loaded')
const clock = virtualClock(storyBeginsAt)
const fleet = await startFleet({
  clock,
  entries: new URL('./', import.meta.url),
  environment: { PATH: process.env['PATH'] ?? '' },
  settings: {
    mended: [],
    databaseUrl: server.url,
    tokenSecret: 'ab'.repeat(32),
    stateFolder: '',
    flagFile: '',
    logFolder: '',
  },
})
await fleet.rollOut({ release: '1', walls: 'none' })
lap('fleet')
const world = createWorld(seed, clock)
lap('world')
const sender = createSender(fleet.proxyPort, fleet.runJob)
const driver = createDriver(world, sender)
await driver.logIn()
lap('login')
const random = seededRandom(2)
for (const release of ['1', '3', '2']) {
  if (release !== '1') {
    const rolling = fleet.rollOut({ release, walls: 'none' })
    let done = false
    void rolling.then(() => {
      done = true
    })
    while (!done) {
      await driver.run(planHour(random, 20, { correct: 60 }))
      await fleet.setClock(clock.now() + 3_600_000)
    }
    await rolling
    lap('rolled out')
  }
  for (let hour = 0; hour < 40; hour += 1) {
    await driver.run(
      planHour(random, world.lanes.length, {
        correct: 60,
        probes: hour % 8 === 0 ? Object.fromEntries(leakKinds.map((k) => [k, 2])) : {},
      }),
    )
    await fleet.setClock(clock.now() + 3_600_000)
  }
  const answers = driver.collect()
  lap(`${answers.length} requests`)
  console.log(
    countVerdicts(answers),
    foreignRows(answers),
    percentile(answers, 0.5),
    percentile(answers, 0.95),
  )
  for (const [k, v] of byLeak(answers)) console.log(k, JSON.stringify(countVerdicts(v)))
  for (const a of answers.filter((a) => a.verdict === 'wrong' || a.verdict === 'lost').slice(0, 5))
    console.log(a)
  const damage = await findDamage(client, world)
  lap(
    `damage ${damage.length} ${JSON.stringify(damage[0])} unexplained ${damage.filter((d) => d.by === undefined).length}`,
  )
  await restore(client, world, damage)
  lap('restored')
  lap(`after: ${(await findDamage(client, world)).length}`)
}
console.log(driver.totals())
await sender.close()
await fleet.stop()
await client.end()
await server.stop()
lap('end')
