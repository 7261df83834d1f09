import { writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { findDamage, restore } from '../driver/damage.ts'
import { advance, command, everyKind, operatorName } from './steps.ts'
import type { Story } from './story.ts'

/** Hours of the story until the first stage may be left, with requests enough. */
const preparationHours = 48

/** An hour of the story passes in about a second. */
const hourWallMs = 1_000

/** The rows that leaks aim at last for so long. */
const restoreEveryHours = 48

/** Keeps the service, its metrics and the load running until somebody ends it. */
export async function serve(story: Story): Promise<never> {
  const { page, fleet, traffic, driver, folders, clock, tables } = story
  await command(story, ['rollout', 'init', '--actor', operatorName, '--reason', 'to try it out'])
  await story.deploy('1')
  await driver.logIn()
  page.step('Two days of preparation pass …')
  await traffic.hours(preparationHours, { correct: 30 })
  driver.collect()
  await advance(story, 1, 'ready to look')
  await story.fleet.flush()

  const [lane] = driver.world.lanes.slice(4)
  page.heading('The service runs; Ctrl-C ends it')
  page.line('  Release 1, detection: leaks are logged and served. An hour passes in a second.')
  page.line()
  page.line('  # a correct request, and one of the leaks')
  page.line(`  export TOKEN=${lane?.token ?? ''}`)
  for (const path of ['/api/me', '/api/admin/users']) {
    page.line(`  curl -H "authorization: Bearer $TOKEN" http://127.0.0.1:${fleet.proxyPort}${path}`)
  }
  page.line('  # the metrics of each instance')
  for (const { port } of fleet.instances()) page.line(`  curl http://127.0.0.1:${port}/metrics`)
  page.line('  # the command line, in another terminal')
  page.line(`  export PARTYWALL_CONFIG=${folders.configuration} JOURNEY_CLOCK=${folders.clockFile}`)
  for (const argv of [
    'rollout status',
    'rollout check',
    'violations list',
    'report --dashboard violations',
    'kill on --actor you --reason "to see it"',
    'kill off --actor you --reason "seen it"',
  ]) {
    page.line(`  npm run --silent partywall -- ${argv}`)
  }

  for (let hour = 1; ; hour += 1) {
    const pause = wait(hourWallMs)
    await traffic.hours(1, { correct: 120, probes: everyKind(1) })
    writeFileSync(folders.clockFile, String(clock.now()))
    driver.collect()
    if (hour % restoreEveryHours === 0) {
      await restore(tables, driver.world, await findDamage(tables, driver.world))
    }
    await pause
  }
}
