import { tenants } from '../data/tenants.ts'
import { instanceNames } from '../fleet/fleet.ts'
import { StartRefusedError } from '../fleet/instance-process.ts'
import { askWalls } from './ask-walls.ts'
import { replaceFlagFile } from './flag-file.ts'
import { closed } from './phase-4.ts'
import { field } from './rollout-answers.ts'
import { closeWindow, command, operatorName } from './steps.ts'
import type { Story } from './story.ts'
import { listViolations } from './violations.ts'

/** Hardened: nothing but a deployment and the kill switch is left. */
export async function phase5(story: Story): Promise<void> {
  const { page, assertions, traffic, fleet, folders, operator } = story
  assertions.enterPhase(5)
  page.heading('Phase 5 · hardened: no flag opens the walls any more')

  page.step('An instance of release 4 is started with TENANT_ENFORCEMENT_ENABLED=false.')
  const refusal = await refusedStart(story)
  page.quote(refusal, 6)
  assertions.expect(
    'an instance that would start with loosening flags refuses to, and names the flag',
    refusal.includes('TENANT_ENFORCEMENT_ENABLED'),
  )

  const off = ['enforcement', 'off', '--actor', operatorName, '--reason', 'let us see']
  page.command(off)
  const { exitCode, said } = await operator.ask(off)
  assertions.expect(
    'enforcement off is refused',
    exitCode !== 0,
    String(field(field(said, 'error'), 'code')),
  )
  const well = await fileProblems(story)
  replaceFlagFile(folders.flagFile, { TENANT_ENFORCEMENT_ENABLED: 'false' })
  await traffic.hours(3, { correct: 60 })
  const told = await untilTold(story)
  assertions.expect(
    'every instance has read the file, and says that it does not follow it',
    well.length === instanceNames.length &&
      well.every((problems) => problems.length === 0) &&
      told.length === instanceNames.length &&
      told.every((problems) => problems.includes(rejectedFile)),
    told.map((problems) => problems.join(' ')).join(', '),
  )
  const walls = await askWalls(story)
  assertions.expect(
    'a flag file that opens is not followed: every model stays enforced',
    walls.every((found) => Object.values(found ?? {}).every((wall) => wall === 'blocked')),
  )
  replaceFlagFile(folders.flagFile, {})

  const job = await fleet.runJob('retention-report', 'default', '')
  assertions.expect(
    'the documented system job runs over every tenant',
    job.ok && field(job.result, 'tenants') === tenants.length,
    job.ok ? `${Number(field(job.result, 'tenants'))} of ${tenants.length} tenants` : job.code,
  )
  const undocumented = await fleet.runJob('curious-report', 'default', '')
  assertions.expect(
    'a system job that nobody documented is blocked',
    !undocumented.ok && undocumented.code === 'TENANT_CONTEXT_REQUIRED',
  )
  const bypasses = (await listViolations(story)).flatMap((found) => found.bypasses)
  assertions.expect(
    'its bypass is on record with actor and reason',
    bypasses.some(({ actor, reason }) => actor === 'retention' && reason === 'monthly_report'),
  )
  await closeWindow(story, 5, 'release 4, tried from all sides')

  await closed(story, 5, 'by command, in the last stage', {
    how: 'command',
    on: () => command(story, ['kill', 'on', '--actor', operatorName, '--reason', 'last drill']),
    off: () => command(story, ['kill', 'off', '--actor', operatorName, '--reason', 'last drill']),
  })
}

/** The code under which an instance reports that it read a flag file and rejected it. */
const rejectedFile = 'file.invalid'

/** What every live instance says about its flag file. */
async function fileProblems(story: Story): Promise<readonly (readonly string[])[]> {
  await story.fleet.flush()
  const status = await command(story, ['rollout', 'status'])
  const instances = field(status, 'instances')
  return (Array.isArray(instances) ? instances : [])
    .filter((instance: unknown) => field(instance, 'state') === 'live')
    .map((instance: unknown) => {
      const problems = field(instance, 'problems')
      const codes: readonly unknown[] = Array.isArray(problems) ? problems : []
      return codes.map(String).filter((code) => code.startsWith('file.'))
    })
}

/** The same as soon as all of them have something to say; what they say when time is up. */
async function untilTold(story: Story): Promise<readonly (readonly string[])[]> {
  const deadline = performance.now() + story.options.flipWithinMs
  for (;;) {
    const found = await fileProblems(story)
    const all = found.every((problems) => problems.length > 0)
    if (all || performance.now() >= deadline) return found
  }
}

async function refusedStart({ fleet }: Story): Promise<string> {
  try {
    const instance = await fleet.start('c', {
      release: '4',
      walls: 'all',
      environment: { TENANT_ENFORCEMENT_ENABLED: 'false' },
    })
    await instance.drain()
    return 'it started'
  } catch (error) {
    if (error instanceof StartRefusedError) return error.refusal.output
    throw error
  }
}
