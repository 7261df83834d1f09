import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { severities } from '@partywall/context/spi'
import * as z from 'zod'
import type { Bucket, Slice } from './buckets.ts'
import { replaceFile } from './durable-file.ts'
import { unreadable } from './rollout-error.ts'
import type { DeclaredModels } from './rollout-options.ts'

/** A blocked signature as a process knows it, with its blocks since the process began. */
export interface ReportedSignature {
  readonly model: string
  readonly action: string
  readonly endpoint: string
  readonly statement: string
  readonly severity: (typeof severities)[number]
  readonly blocks: number
}

/** What one process says of itself, replaced as a whole every half second. */
export interface FleetReport {
  readonly instance: string
  /** Another one at each start. */
  readonly incarnation: string
  readonly release: string
  /** Times of the rollout's clock. */
  readonly startedAt: number
  readonly at: number
  /** There once the process has ended of itself; without it, what it saw last is not counted. */
  readonly endedAt?: number | undefined
  /** Times of the wall clock: what liveness goes by. */
  readonly wallStartedAt: number
  readonly wallAt: number
  /** The generation and the kill switch record that it applied. */
  readonly generation: number
  readonly killSwitchRecord: number
  /** Their hashes: after a backup was put back, another record may have the same number. */
  readonly generationHash: string
  readonly killSwitchHash: string
  /** Whether it is closed, whichever of its sources says so. */
  readonly killSwitch: 'on' | 'off'
  readonly always: boolean
  readonly models: DeclaredModels
  /** The codes of its problems. */
  readonly problems: readonly string[]
  readonly buckets: readonly Bucket[]
  readonly slices: readonly Slice[]
  readonly signatures: Readonly<Record<string, ReportedSignature>>
}

const count = z.number().nonnegative()
const tally = z.record(z.string(), count)
const report = z.object({
  instance: z.string().min(1),
  incarnation: z.string().min(1),
  release: z.string(),
  startedAt: z.number(),
  at: z.number(),
  endedAt: z.number().optional(),
  wallStartedAt: z.number(),
  wallAt: z.number(),
  generation: count,
  killSwitchRecord: count,
  generationHash: z.string().min(1),
  killSwitchHash: z.string().min(1),
  killSwitch: z.enum(['on', 'off']),
  always: z.boolean(),
  models: z.record(z.string(), z.enum(severities)),
  problems: z.array(z.string()),
  buckets: z.array(
    z.object({
      generation: z.string(),
      start: z.number(),
      lengthMs: z.number(),
      from: z.number(),
      to: z.number(),
      observedMs: count,
      counts: z.object({
        guarded: count,
        operations: count,
        operationsBlocked: count,
        operationsFailed: count,
        blocksOutside: count,
        guardFaults: count,
        lost: count,
        unlistedBlocks: count,
        overhead: tally,
        models: z.record(z.string(), z.tuple([count, count, count])),
        bypasses: tally,
        signatures: tally,
      }),
    }),
  ),
  slices: z.array(
    z.object({
      generation: z.string(),
      from: z.number(),
      to: z.number(),
      operations: count,
      blocked: count,
      failed: count,
      outside: count,
      closed: z.boolean(),
    }),
  ),
  signatures: z.record(
    z.string(),
    z.object({
      model: z.string(),
      action: z.string(),
      endpoint: z.string(),
      statement: z.string(),
      severity: z.enum(severities),
      blocks: count,
    }),
  ),
})

/** What an instance may be called: it is part of a file's name. */
export const instancePattern: RegExp = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

export function writeReport(folder: string, content: FleetReport): void {
  const name = `${content.instance}~${content.incarnation}.json`
  replaceFile(join(folder, name), JSON.stringify(content))
}

/** All that the fleet reports, and the names of files that are none. */
export interface FleetReading {
  readonly reports: readonly FleetReport[]
  readonly unreadable: readonly string[]
}

/** Reads every report; one that did not change since the last time is not parsed again. */
export function createFleetReader(folder: string): () => FleetReading {
  let known = new Map<string, { readonly key: string; readonly report: FleetReport | undefined }>()
  return () => {
    const next: typeof known = new Map()
    for (const name of listReports(folder)) {
      const key = keyOf(join(folder, name))
      const before = known.get(name)
      if (key === undefined) continue
      next.set(name, before?.key === key ? before : { key, report: readReport(join(folder, name)) })
    }
    known = next
    const entries = [...next]
    return {
      reports: entries.flatMap(([, { report: found }]) => (found === undefined ? [] : [found])),
      unreadable: entries.filter(([, { report: found }]) => !found).map(([name]) => name),
    }
  }
}

function listReports(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'))
  } catch (error) {
    throw unreadable(error)
  }
}

function keyOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found && [found.ino, found.size, found.mtimeNs].join(':')
}

function readReport(path: string): FleetReport | undefined {
  try {
    return report.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined
  }
}
