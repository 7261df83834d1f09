import type { InstanceStatus, RolloutStatus } from '@partywall/rollout'
import { type Cell, type Paint, pairs, printable, table } from '../layout.ts'
import { momentText } from '../measures.ts'

/** Where a rollout stands: the settings in force, and who applied them. */
export function statusLines(status: RolloutStatus, paint: Paint): readonly string[] {
  const { stage, stageName, stageTitle, generation, lastChange } = status
  return [
    paint(`Stage ${stage} (${stageName}): ${stageTitle}`, 'strong'),
    ...pairs([...settingCells(status), ['in force since', changeText(lastChange)]], paint),
    '',
    ...fleetLines(status, paint),
    '',
    `generation ${generation}, kill switch record ${status.killSwitchRecord}`,
  ]
}

function settingCells(status: RolloutStatus): readonly (readonly [string, string | Cell])[] {
  const { mode, latch, enforcement, killSwitch, flags, tenants, removedModels } = status
  const overridden = Object.keys(tenants).length
  return [
    ['mode', latch === undefined ? mode : { text: `${mode}, rolled back: re-arm it`, tone: 'bad' }],
    ['enforcement', enforcement === 'on' ? 'on' : offText(status)],
    [
      'kill switch',
      killSwitch === 'off'
        ? 'off (every tenant is served)'
        : { text: 'ON: only the default tenant is served', tone: 'bad' },
    ],
    ['enforced', names(status.enforcedModels)],
    ['logged', names(status.loggedModels)],
    ...(removedModels.length === 0
      ? []
      : [['taken out', { text: names(removedModels), tone: 'warn' }] as const]),
    [
      'bypass',
      flags.allowBypass
        ? {
            text: flags.bypassRequiresReason
              ? 'allowed, with a reason'
              : 'allowed WITHOUT a reason',
            tone: 'warn',
          }
        : 'not allowed',
    ],
    ...(overridden === 0 ? [] : [['own modes', `${overridden} tenants`] as const]),
    ['entered', `${momentText(status.stageEnteredAt)} UTC`],
  ]
}

/** In the first stage nothing is enforced by plan; later it is somebody's decision. */
function offText({ stage, flags }: RolloutStatus): string | Cell {
  if (stage === 0 && !flags.enabled) return 'off (it begins with stage 1)'
  return { text: 'OFF: nothing is blocked', tone: 'bad' }
}

function changeText({ change, actor, reason, at }: RolloutStatus['lastChange']): string {
  return `${momentText(at)} UTC, ${change.replaceAll('_', ' ')} by ${actor}: ${reason}`
}

function fleetLines(status: RolloutStatus, paint: Paint): readonly string[] {
  const { instances, missing, expectedInstances } = status
  const absent = Object.entries(missing)
  const head = `fleet: ${expectedInstances.length} expected, ${absent.length} not as they should be`
  const running = instances.filter(({ state }) => state !== 'ended')
  return [
    paint(head, absent.length === 0 ? 'good' : 'bad'),
    ...(running.length === 0
      ? []
      : table(
          ['instance', 'state', 'release', 'generation', 'kill switch', 'remarks'],
          running.map((instance) => instanceRow(instance, missing)),
          paint,
        )),
    ...absent
      .filter(([name]) => !running.some(({ instance }) => instance === name))
      .map(([name, why]) => paint(`  ${printable(name)}: ${printable(why)}`, 'bad')),
  ]
}

function instanceRow(
  { instance, state, release, generation, killSwitch, problems, always }: InstanceStatus,
  missing: RolloutStatus['missing'],
): readonly (string | Cell)[] {
  const why = missing[instance]
  const remarks = [
    ...(why === undefined ? [] : [why]),
    ...problems,
    ...(always ? ['always on'] : []),
  ]
  return [
    instance,
    { text: state, tone: state === 'live' ? 'good' : 'bad' },
    release,
    String(generation),
    { text: killSwitch, tone: killSwitch === 'on' ? 'bad' : 'plain' },
    remarks.join(', '),
  ]
}

function names(models: readonly string[]): string {
  return models.length === 0 ? 'none' : models.join(', ')
}
