import { setTimeout as pause } from 'node:timers/promises'
import { silentAfterMs } from './fleet.ts'
import type { FleetReading, FleetReport } from './fleet-report.ts'
import { readState, type StateFolder } from './state-folder.ts'

/** What to wait for: numbers of records. Times are of the wall clock. */
export interface FleetWaitOptions {
  /** @defaultValue the newest generation */
  readonly generation?: number | undefined
  /** @defaultValue the newest record of the kill switch */
  readonly killSwitchRecord?: number | undefined
  readonly timeoutMs: number
}

export type FleetWait =
  | { readonly ok: true; readonly elapsedMs: number }
  | { readonly ok: false; readonly elapsedMs: number; readonly laggards: readonly string[] }

const lookEveryMs = 20

/** Waits until every live process, and one of each expected instance, has applied the records. */
export async function waitForFleet(
  state: StateFolder,
  readFleet: () => FleetReading,
  options: FleetWaitOptions,
): Promise<FleetWait> {
  const onRecord = readState(state)
  const {
    generation = onRecord.generation.number,
    killSwitchRecord = onRecord.killSwitch.number,
    timeoutMs,
  } = options
  const began = performance.now()
  for (;;) {
    const live = readFleet().reports.filter(isLive)
    const applied = (report: FleetReport): boolean =>
      report.generation >= generation && report.killSwitchRecord >= killSwitchRecord
    const absent = onRecord.generation.instances.filter(
      (instance) => !live.some((report) => report.instance === instance),
    )
    const behind = live.filter((report) => !applied(report)).map(({ instance }) => instance)
    const laggards = [...new Set([...absent, ...behind])].sort()
    const elapsedMs = performance.now() - began
    if (laggards.length === 0) return { ok: true, elapsedMs }
    if (elapsedMs >= timeoutMs) return { ok: false, elapsedMs, laggards }
    await pause(lookEveryMs)
  }
}

function isLive({ endedAt, wallAt }: FleetReport): boolean {
  return endedAt === undefined && Math.abs(Date.now() - wallAt) <= silentAfterMs
}
