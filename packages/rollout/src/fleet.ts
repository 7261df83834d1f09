import type { FleetReading, FleetReport } from './fleet-report.ts'
import type { GenerationRecord, KillSwitchRecord } from './records.ts'

/**
 * A process that says nothing for longer than this is missing. Until then, one that crashed counts as
 * live: it cannot be told from one that is late, and its last report is still asked what it runs.
 */
export const silentAfterMs = 3_000

/** One process of the fleet: `silent` without an end or a successor is missing coverage. */
export interface FleetMember {
  readonly report: FleetReport
  readonly state: 'live' | 'silent' | 'ended'
}

/** Who is expected, who is there, and since when they all run the same release. */
export interface Fleet {
  readonly members: readonly FleetMember[]
  /** Instances that do not report what is expected of them, or are not expected at all, and why. */
  readonly missing: ReadonlyMap<string, string>
  /** The release that every live process runs. */
  readonly release: string | undefined
  /** When the last expected instance got that release and its predecessors had ended. */
  readonly deployedAt: number | undefined
}

/** Puts the reports together, at a moment of the wall clock. */
export function viewFleet(
  { reports, unreadable }: FleetReading,
  generation: GenerationRecord,
  killSwitch: KillSwitchRecord,
  wallNow: number,
): Fleet {
  const expected = generation.instances
  const members = reports.map((report) => ({
    report,
    state: stateOf(report, reports, expected, wallNow),
  }))
  const live = members.filter(({ state }) => state === 'live').map(({ report }) => report)
  const releases = [...new Set(live.map(({ release }) => release))]
  const release = releases.length === 1 ? releases[0] : undefined
  const missing = new Map<string, string>()
  for (const instance of expected) {
    const own = live.filter((report) => report.instance === instance)
    const why = whatIsMissing(own, generation, killSwitch)
    if (why !== undefined) missing.set(instance, why)
  }
  for (const { instance } of live.filter((report) => !expected.includes(report.instance))) {
    const own = live.filter((report) => report.instance === instance)
    // Its traffic counts, but nobody would miss it once it is silent: so it is declared, or it ends.
    missing.set(instance, whatIsMissing(own, generation, killSwitch) ?? 'is not expected')
  }
  for (const name of unreadable) missing.set(name, 'its report cannot be read')
  return { members, missing, release, deployedAt: deploymentOf(members, expected, release) }
}

function stateOf(
  report: FleetReport,
  all: readonly FleetReport[],
  expected: readonly string[],
  wallNow: number,
): FleetMember['state'] {
  if (report.endedAt !== undefined) return 'ended'
  // A report from the future tells as little about now as an old one.
  if (Math.abs(wallNow - report.wallAt) <= silentAfterMs) return 'live'
  const replaced = all.some(
    (other) => other.instance === report.instance && other.wallStartedAt > report.wallStartedAt,
  )
  return replaced || !expected.includes(report.instance) ? 'ended' : 'silent'
}

function whatIsMissing(
  live: readonly FleetReport[],
  generation: GenerationRecord,
  killSwitch: KillSwitchRecord,
): string | undefined {
  if (live.length === 0) return 'silent'
  // A number says little: after a backup was put back, another record may have the same.
  if (live.some((report) => report.generationHash !== generation.hash)) {
    return 'runs another generation'
  }
  if (live.some((report) => report.killSwitchHash !== killSwitch.hash)) {
    return 'has another kill switch'
  }
  const stuck = live.flatMap(({ problems }) => problems.filter(isOfRecords))
  if (stuck.length > 0) return `cannot follow the records: ${[...new Set(stuck)].join(', ')}`
  if (live.some((report) => !sameModels(report.models, generation.models))) {
    return 'declares other models than are on record'
  }
  return undefined
}

/** Whether whoever reports this problem may not know what is on record. */
function isOfRecords(code: string): boolean {
  return code.startsWith('state.') || ['rollout.chain_broken', 'rollout.no_state'].includes(code)
}

function sameModels(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): boolean {
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
  )
}

/**
 * A restart with the same release resets nothing, and neither does an earlier time of this release:
 * what counts is the first process of each instance since the last other release has ended.
 */
function deploymentOf(
  members: readonly FleetMember[],
  expected: readonly string[],
  release: string | undefined,
): number | undefined {
  if (release === undefined) return undefined
  const others = members.filter(({ report }) => report.release !== release)
  if (others.some(({ state }) => state !== 'ended')) return undefined
  const lastOther = Math.max(Number.NEGATIVE_INFINITY, ...others.map(lastSeen))
  let complete = lastOther
  for (const instance of expected) {
    const starts = members
      .filter(({ report }) => report.release === release && report.instance === instance)
      .filter((member) => lastSeen(member) >= lastOther)
      .map(({ report }) => report.startedAt)
    if (starts.length === 0) return undefined
    complete = Math.max(complete, Math.min(...starts))
  }
  return complete
}

function lastSeen({ report }: FleetMember): number {
  return report.endedAt ?? report.at
}
