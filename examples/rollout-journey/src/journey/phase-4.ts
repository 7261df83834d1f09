import { tenants } from '../data/tenants.ts'
import type { Answer } from '../driver/exchange.ts'
import { readTenantRows } from '../driver/tenant-rows.ts'
import type { FlipTiming } from '../fleet/flip.ts'
import { replaceFlagFile } from './flag-file.ts'
import {
  advance,
  closeWindow,
  command,
  flipAndAssert,
  inBursts,
  operatorName,
  showVerdict,
} from './steps.ts'
import type { Story } from './story.ts'

const defaultTenant = 'default'
const killSwitchFlag = 'PARTYWALL_TENANCY_ENABLED'

/** The kill switch under load, by command and by file; then the walls become permanent. */
export async function phase4(story: Story): Promise<void> {
  const { page, assertions, traffic, folders } = story
  assertions.enterPhase(4)
  page.heading('Phase 4 · the kill switch under load, and hardening')
  const flip = (position: 'on' | 'off'): readonly string[] => [
    'kill',
    position,
    '--actor',
    operatorName,
    '--reason',
    'suspected leak, drill',
  ]
  await closed(story, 4, 'by command', {
    how: 'command',
    on: () => command(story, flip('on')),
    off: () => command(story, flip('off')),
  })
  await closed(story, 4, 'by file', {
    how: 'file',
    on: async () => replaceFlagFile(folders.flagFile, { [killSwitchFlag]: 'false' }),
    off: async () => replaceFlagFile(folders.flagFile, { [killSwitchFlag]: 'true' }),
  })
  // What is counted per day must be seen for a day without a switch that was on.
  await traffic.hours(
    26,
    inBursts(6, () => ({ correct: 40 })),
  )
  const green = await closeWindow(story, 4, 'release 3, switch off again')
  assertions.expect(
    'every request is answered correctly',
    green.counts.correct === green.answers.length,
  )
  await advance(story, 4, 'full enforcement is stable; the walls become permanent')
  page.step('Release 4: the same service with `always` in its code.')
  await story.deploy('4')
  await traffic.hours(8, { correct: 130 })
  const hardened = await closeWindow(story, 4, 'release 4, hardened')
  assertions.expect(
    'every request is answered correctly by release 4',
    hardened.counts.correct === hardened.answers.length,
  )
  const check = await showVerdict(story, 'stage 4, release 4')
  assertions.expect('the last stage is green: always, on every instance', check.verdict === 'green')
}

/** Closes the service to everybody but the default tenant, under load, and opens it again. */
export async function closed(
  story: Story,
  phase: number,
  how: string,
  flips: {
    readonly how: 'file' | 'command'
    readonly on: () => Promise<unknown>
    readonly off: () => Promise<unknown>
  },
): Promise<void> {
  const { assertions, traffic, tables, driver, fleet } = story
  const shownBy = { lane: 7, kind: 'roles', salt: 3, legacy: false } as const
  const others = tenants.filter(({ id }) => id !== defaultTenant).map(({ key }) => key)
  const on = await flipAndAssert(story, `kill switch on, ${how}`, flips.how, {
    act: flips.on,
    shownBy: { ...shownBy, as: 'disabled' },
  })
  // The load ended with the last instance's first 501, and what was under way is answered. Whoever
  // changed a row in between is found too: who sent later must get 501, and a row that no answer
  // acknowledges is damage.
  const before = await readTenantRows(tables, others)
  await traffic.hours(2, { correct: 60 })
  const jobs = await Promise.all(
    driver.world.lanes.map(async ({ user }) => ({
      tenantId: user.tenantId,
      outcome: await fleet.runJob('session-digest', user.tenantId, user.userId),
    })),
  )
  // Just before switching back, with nothing under way: nobody can change a row and hide it.
  const after = await readTenantRows(tables, others)
  const off = await flipAndAssert(story, `kill switch off, ${how}`, flips.how, {
    act: flips.off,
    shownBy: { ...shownBy, as: 'correct' },
  })
  await traffic.hours(1, { correct: 40 })
  const { answers } = await closeWindow(story, phase, `kill switch ${how}`, {
    mayBeClosed: true,
  })
  expectClosed(story, answers, { on, off })
  assertions.expect(
    'jobs of other tenants are refused too, those of default run',
    jobs.every(({ tenantId, outcome }) =>
      tenantId === defaultTenant ? outcome.ok : !outcome.ok && outcome.code === 'tenancy.disabled',
    ),
  )
  assertions.expect(
    'no row of another tenant changes while the switch is on',
    before.fingerprint === after.fingerprint && before.rows > 0,
    `${before.rows} rows of ${others.length} tenants`,
  )
}

function expectClosed(
  { assertions }: Story,
  answers: readonly Answer[],
  { on, off }: { readonly on: FlipTiming; readonly off: FlipTiming },
): void {
  const during = answers.filter(
    ({ sentAt, answeredAt }) => sentAt >= on.completedAt && answeredAt < off.begunAt,
  )
  const ofDefault = during.filter(({ tenantId }) => tenantId === defaultTenant)
  const ofOthers = during.filter(({ tenantId }) => tenantId !== defaultTenant)
  assertions.expect(
    'while it is on, every other tenant gets 501',
    ofOthers.length > 0 && ofOthers.every(({ verdict }) => verdict === 'disabled'),
    `${ofOthers.length} requests`,
  )
  assertions.expect(
    'while it is on, default works as before',
    ofDefault.length > 0 && ofDefault.every(({ verdict }) => verdict === 'correct'),
    `${ofDefault.length} requests`,
  )
  const afterwards = answers.filter(({ sentAt }) => sentAt >= off.completedAt)
  assertions.expect(
    'once it is off, everybody is served again',
    afterwards.every(({ verdict }) => verdict === 'correct'),
    `${afterwards.length} requests`,
  )
}
