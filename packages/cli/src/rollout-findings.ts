import type { BlockedSignature, RolloutStatus } from '@partywall/rollout'
import type { Findings } from './finding.ts'

/** What is unusual about the settings in force. */
export function findSettings(status: RolloutStatus, { error, warning, info }: Findings): void {
  const { stage, latch, enforcement, killSwitch, removedModels, flags, tenants } = status
  if (killSwitch === 'on') {
    error(
      'kill_switch.on',
      'the kill switch is on: only the default tenant is served',
      'when it is safe: partywall kill off',
    )
  }
  if (stage > 0 && enforcement === 'off') {
    error(
      'enforcement.off',
      'enforcement is off: nothing is blocked',
      'when the cause is mended: partywall enforcement on',
    )
  }
  if (latch !== undefined) {
    error(
      'rollout.latched',
      `the rollout is rolled back to ${latch} until a person re-arms it`,
      'mend what caused it, triage, then: partywall rollout rearm',
    )
  }
  if (removedModels.length > 0) {
    warning(
      'rollout.model_taken_out',
      `taken out of enforcement: ${removedModels.join(', ')}`,
      'mend what caused it, then: partywall rollout restore --model NAME',
    )
  }
  if (!flags.bypassRequiresReason) {
    warning(
      'bypass.without_reason',
      'BYPASS_REQUIRES_REASON is false: a bypass without a reason cannot be reviewed',
      'set it to true; the last stage refuses it',
    )
  }
  if (flags.allowBypass && stage >= 3) {
    info(
      'bypass.allowed',
      'bypasses are allowed',
      'review them weekly: partywall violations list --decision bypass --since 7d',
    )
  }
  const own = Object.keys(tenants).length
  if (own > 0) {
    info(
      'tenants.own_mode',
      `${own} tenants have a mode of their own`,
      'see partywall rollout status --json',
    )
  }
}

/** Who is missing, behind, or says that something is wrong. */
export function findFleet(status: RolloutStatus, { error, warning }: Findings): void {
  for (const [instance, why] of Object.entries(status.missing)) {
    error(
      'fleet.missing',
      `instance ${instance}: ${why}`,
      why === 'silent'
        ? 'start it, let it write to the state folder, or take it off the list: rollout configure'
        : 'wait some seconds; if it stays, read its log and restart it',
    )
  }
  const live = status.instances.filter(({ state }) => state === 'live')
  const releases = [...new Set(live.map(({ release }) => release))]
  if (releases.length > 1) {
    warning(
      'fleet.releases',
      `${releases.length} releases run at once: ${releases.join(', ')}`,
      'end the deployment: until then the verdict is inconclusive',
    )
  }
  for (const { instance, state, problems, killSwitch } of status.instances) {
    if (state === 'silent' && status.missing[instance] === undefined) {
      error(
        'fleet.silent',
        `a process of ${instance} went silent without an end`,
        'see whether it hangs',
      )
    }
    if (state !== 'live') continue
    if (problems.length > 0) {
      warning(
        'fleet.problems',
        `instance ${instance} reports ${problems.join(', ')}`,
        'read its log',
      )
    }
    if (killSwitch === 'on' && status.killSwitch === 'off') {
      error(
        'kill_switch.local',
        `instance ${instance} is closed by its own environment or flag file`,
        'set PARTYWALL_TENANCY_ENABLED to true there, or take it away',
      )
    }
  }
}

/** Blocked queries that wait for a person. */
export function findOpenSignatures(
  signatures: readonly BlockedSignature[],
  { warning }: Findings,
): void {
  const open = signatures.filter(
    ({ ruling, blocksCounted }) => ruling === 'open' && blocksCounted > 0,
  )
  if (open.length === 0) return
  warning(
    'triage.open',
    `${open.length} blocked signatures wait for triage`,
    'partywall violations list --blocked, then partywall violations triage',
  )
}
