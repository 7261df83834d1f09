import { setTimeout as pause } from 'node:timers/promises'
import type { ChainLink } from './chain.ts'
import { silentAfterMs } from './fleet.ts'
import type { FleetReading, FleetReport } from './fleet-report.ts'
import { readState, type StateFolder } from './state-folder.ts'

/**
 * What to wait for: numbers of records. Where one is given, the other is not waited for: closing
 * waits for no generation. Times are of the wall clock.
 */
export interface FleetWaitOptions {
  /** @defaultValue the newest generation, where no record of the kill switch is given */
  readonly generation?: number | undefined
  /** @defaultValue the newest record of the kill switch, where no generation is given */
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
  { timeoutMs, ...wanted }: FleetWaitOptions,
): Promise<FleetWait> {
  const began = performance.now()
  let chains = readChains(state)
  const { generation, killSwitchRecord } = numbersOf(wanted, chains)
  for (;;) {
    const live = readFleet().reports.filter(isLive)
    // Somebody may have gone on meanwhile: whoever applied a successor has applied this one.
    if (live.some((report) => !knows(chains, report))) chains = readChains(state)
    const { generations, killSwitches, instances } = chains
    const applied = (report: FleetReport): boolean =>
      hasApplied(generations, generation, report.generationHash) &&
      hasApplied(killSwitches, killSwitchRecord, report.killSwitchHash)
    const absent = instances.filter(
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

/** Numbers of the verified records by their hashes, and who is expected to apply them. */
interface Chains {
  readonly generations: ReadonlyMap<string, number>
  readonly killSwitches: ReadonlyMap<string, number>
  readonly instances: readonly string[]
}

function readChains(state: StateFolder): Chains {
  const { generations, generation } = readState(state)
  return {
    generations: byHash(generations),
    killSwitches: byHash(state.killSwitch.readAll()),
    instances: generation.instances,
  }
}

function byHash(records: readonly ChainLink[]): ReadonlyMap<string, number> {
  return new Map(records.map(({ hash, number }) => [hash, number]))
}

function numbersOf(
  { generation, killSwitchRecord }: Omit<FleetWaitOptions, 'timeoutMs'>,
  { generations, killSwitches }: Chains,
): { readonly generation: number; readonly killSwitchRecord: number } {
  const isNamed = generation !== undefined || killSwitchRecord !== undefined
  return {
    generation: generation ?? (isNamed ? 0 : generations.size),
    killSwitchRecord: killSwitchRecord ?? (isNamed ? 0 : killSwitches.size),
  }
}

function knows({ generations, killSwitches }: Chains, report: FleetReport): boolean {
  return generations.has(report.generationHash) && killSwitches.has(report.killSwitchHash)
}

/** Whether it is that record or one that descends from it; a number alone would not tell. */
function hasApplied(
  numbers: ReadonlyMap<string, number>,
  wanted: number,
  applied: string,
): boolean {
  return wanted === 0 || (numbers.get(applied) ?? 0) >= wanted
}

function isLive({ endedAt, wallAt }: FleetReport): boolean {
  return endedAt === undefined && Math.abs(Date.now() - wallAt) <= silentAfterMs
}
