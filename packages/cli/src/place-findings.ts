import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import type { RolloutStatus } from '@partywall/rollout'
import { enforcementDashboard, readAggregates } from '@partywall/telemetry'
import { problemLines } from './cli-error.ts'
import { type Configuration, type Place, placeNames } from './configuration.ts'
import type { Findings } from './finding.ts'
import type { FlagReading } from './flag-check.ts'
import { dayOf, daysBefore } from './measures.ts'

/** A flag file that is wrong, gone, or says something else than what is in force. */
export function findFlagFile(
  reading: FlagReading,
  status: RolloutStatus,
  findings: Findings,
): void {
  const { problems, warnings, snapshot } = reading
  if (problems.length > 0 || snapshot === undefined) {
    findings.error(
      'flag_file.invalid',
      `the flag file is wrong: ${problemLines(problems).join('; ')}`,
      'mend it: instances keep the last good one, and a new instance refuses to start',
    )
    return
  }
  for (const warning of warnings) {
    findings.warning('flag_file.warning', warning, 'mend the flag file')
  }
  const says = [snapshot.mode, snapshot.enforcedModels.join()].join(' ')
  const holds = [status.mode, status.enforcedModels.join()].join(' ')
  if (snapshot.source === 'file' && reading.speaks && says !== holds) {
    findings.warning(
      'flag_file.stale',
      `the flag file says ${snapshot.mode}, but ${status.mode} of generation ${status.generation} rules`,
      'make the file say the same: any change of it becomes the next generation',
    )
  }
}

/** A folder that cannot be used by whoever runs this: most likely instances run as the same user. */
export async function findFolder(
  configuration: Configuration,
  place: Place,
  { error, info }: Findings,
): Promise<void> {
  const folder = configuration[place]
  const { what, option } = placeNames[place]
  if (folder === undefined) {
    info(
      `${place}.not_given`,
      `the ${what} is not given`,
      `give it with ${option} to have it looked at`,
    )
    return
  }
  for (const [right, mode] of [
    ['read', constants.R_OK | constants.X_OK],
    ['written', constants.W_OK],
  ] as const) {
    try {
      await access(folder, mode)
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
      error(
        `${place}.rights`,
        `the ${what} cannot be ${right} (${code}): ${folder}`,
        'give the user of the instances the right to: until then records are lost and counted',
      )
      return
    }
  }
}

/**
 * Records that were lost in the last hour: requests went on, the log has holes. And those that the
 * bound of the log took away before the week was over in which somebody reviews them.
 */
export async function findLosses(
  { aggregates }: Configuration,
  now: number,
  findings: Findings,
): Promise<void> {
  if (aggregates === undefined) return
  try {
    const reading = await readAggregates(aggregates, { from: daysBefore(dayOf(now), 7) })
    const status = { mode: '', enforcedModels: 0, loggedModels: 0 }
    const { lost, unreadable, processes } = enforcementDashboard(reading, { at: now, status })
    if (lost > 0) {
      findings.error(
        'telemetry.lost',
        `${lost} records were lost in the last hour`,
        'look for TENANT_TELEMETRY_LOSS in the logs: a full disk, or missing rights',
      )
    }
    const removed = reading.aggregates
      .flatMap(({ slots }) => Object.values(slots))
      .reduce((sum, slot) => sum + slot.removed, 0)
    if (removed > 0) {
      findings.warning(
        'violation_log.removed',
        `${removed} of the oldest records were removed in the last 7 days: the violation log is full`,
        'give the recorder a larger violationLog.maxFiles, or mend what is logged most often',
      )
    }
    if (unreadable > 0) {
      findings.warning(
        'aggregates.unreadable',
        `${unreadable} counter files cannot be read`,
        'remove them',
      )
    }
    if (processes === 0) {
      findings.warning(
        'telemetry.no_data',
        'no instance counted anything in the last hour',
        'see whether the recorder is given the same aggregates folder',
      )
    }
  } catch {
    // That the folder cannot be read is told already.
  }
}
