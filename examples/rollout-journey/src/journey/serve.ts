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

/** A token is good for two hours of real time, however long an hour of the story takes. */
const logInEveryMs = 3_600_000

/** Keeps the service, its metrics and the load running until somebody ends it. */
export async function serve(story: Story): Promise<never> {
  const { page, fleet, traffic, driver, folders, clock, tables } = story
  await command(story, ['rollout', 'init', '--actor', operatorName, '--reason', 'to try it out'])
  await story.deploy('1')
  await driver.logIn()
  let loggedInAt = performance.now()
  page.step('Two days of preparation pass …')
  await traffic.hours(preparationHours, { correct: 30 })
  driver.collect()
  await advance(story, 1, 'ready to look')
  const hour = async (): Promise<void> => {
    await traffic.hours(1, { correct: 120, probes: everyKind(1) })
    writeFileSync(folders.clockFile, String(clock.now()))
    // Reports read files: what an hour saw is in them when it is over.
    await fleet.flush()
    driver.collect()
  }
  await hour()

  page.heading('The service runs; Ctrl-C ends it')
  page.line('  Release 1, detection: leaks are logged and served. An hour passes in a second.')
  page.line('  Type these lines in another terminal, from any folder:')
  page.line()
  for (const line of linesToTry(story)) page.line(`  ${line}`)
  page.line()

  for (let hours = 1; ; hours += 1) {
    const pause = wait(hourWallMs)
    await hour()
    if (hours % restoreEveryHours === 0) {
      await restore(tables, driver.world, await findDamage(tables, driver.world))
    }
    if (performance.now() - loggedInAt > logInEveryMs) {
      loggedInAt = performance.now()
      // Refused while the kill switch is on: the old tokens last until the next time.
      await driver.logIn().catch(() => undefined)
    }
    await pause
  }
}

/** Lines for a shell; the test of `--serve` runs each of them, in this order. */
function linesToTry({ fleet, driver, folders, operator }: Story): readonly string[] {
  const lane = driver.world.lanes.find(({ user }) => user.tenantId !== 'default')
  const get = (path: string): string =>
    `curl -sS -H "authorization: Bearer $TOKEN" http://127.0.0.1:${fleet.proxyPort}${path}`
  return [
    '# a correct request, and one of the leaks; the token lasts for two hours',
    `export TOKEN=${lane?.token ?? ''}`,
    get('/api/me'),
    get('/api/admin/users'),
    '# the metrics of each instance',
    ...fleet.instances().map(({ port }) => `curl -sS http://127.0.0.1:${port}/metrics`),
    '# the command line',
    `export PARTYWALL_CONFIG=${quoted(folders.configuration)} JOURNEY_CLOCK=${quoted(folders.clockFile)}`,
    `partywall() { ${quoted(process.execPath)} ${quoted(operator.program)} "$@"; }`,
    'partywall rollout status',
    'partywall violations list',
    'partywall report --dashboard violations',
    '# the verdict, which is red: it exits with 1',
    'partywall rollout check',
    '# the kill switch: everybody but the tenant default gets 501',
    'partywall kill on --wait 5 --actor you --reason "to see it"',
    get('/api/me'),
    'partywall kill off --wait 5 --actor you --reason "seen it"',
    get('/api/me'),
  ]
}

function quoted(text: string): string {
  return /^[\w./=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
