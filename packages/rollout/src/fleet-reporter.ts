import { randomUUID } from 'node:crypto'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Observations } from '@partywall/context/spi'
import { createBucketStore } from './buckets.ts'
import { countsOf } from './counts.ts'
import { errnoOf } from './errno.ts'
import { type FleetReport, writeReport } from './fleet-report.ts'

/** How often a process says that it is there, on the wall clock. */
export const reportEveryMs = 500

/** Reports of processes that ended longer ago than any window reaches are removed. */
const keepReportsMs = 40 * 24 * 3_600_000

/** What a process knows of itself at the moment of a report. */
export type Self = Pick<
  FleetReport,
  | 'generation'
  | 'generationHash'
  | 'killSwitchRecord'
  | 'killSwitchHash'
  | 'killSwitch'
  | 'always'
  | 'models'
  | 'problems'
>

export interface FleetReporterOptions {
  readonly folder: string
  readonly instance: string
  readonly release: string
  readonly observations: Observations
  readonly clock: () => number
  readonly self: () => Self
  readonly onProblem: (problem: { code: string; message: string } | undefined) => void
}

/** Counts into buckets, and reports them. */
export interface FleetReporter {
  /** Puts what was counted since the last time where it belongs. */
  settle(): void
  /** Writes the report. */
  report(): void
  /** Writes the last report: this process has ended. */
  end(): void
}

export function createFleetReporter(options: FleetReporterOptions): FleetReporter {
  const { folder, instance, release, observations, clock, self, onProblem } = options
  const incarnation = randomUUID()
  const startedAt = clock()
  const wallStartedAt = Date.now()
  const store = createBucketStore()
  const passedMs = stopwatchOf(clock)
  let wasClosed = self().killSwitch === 'on'
  // What was counted before the rollout was there belongs to it all the same.
  settle(startedAt)
  prune(folder)

  function settle(now: number): void {
    const { generationHash: generation, killSwitch } = self()
    const isClosed = killSwitch === 'on'
    store.settle(countsOf(observations.totals()), {
      now,
      generation,
      passedMs: passedMs(),
      // A flip is told after it took effect: what came before it was counted under the other.
      closed: isClosed || wasClosed,
    })
    wasClosed = isClosed
  }

  function write(endedAt?: number): void {
    const { blockedSignatures } = observations.totals()
    try {
      writeReport(folder, {
        ...self(),
        instance,
        incarnation,
        release,
        startedAt,
        at: clock(),
        ...(endedAt === undefined ? {} : { endedAt }),
        wallStartedAt,
        wallAt: Date.now(),
        buckets: store.buckets(),
        slices: store.slices(),
        signatures: blockedSignatures,
      })
      onProblem(undefined)
    } catch (error) {
      // Whoever waits for this report sees silence, and silence is never green.
      onProblem({
        code: 'fleet.unwritable',
        message: `the report of this process cannot be written (${errnoOf(error)})`,
      })
    }
  }
  return {
    settle: () => settle(clock()),
    report: () => write(),
    end: () => write(clock()),
  }
}

/**
 * Measures what really passed between two calls, beside the time of day, which jumps when it is set.
 * A clock that was passed in is its driver's: nothing else can say how fast it should go.
 */
function stopwatchOf(clock: () => number): () => number {
  if (clock !== Date.now) return () => Number.POSITIVE_INFINITY
  let last = performance.now()
  return () => {
    const before = last
    last = performance.now()
    // The time of day has whole milliseconds.
    return Math.ceil(last - before)
  }
}

function prune(folder: string): void {
  try {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name)
      const found = statSync(path, { throwIfNoEntry: false })
      if (found && Date.now() - found.mtimeMs > keepReportsMs) rmSync(path, { force: true })
    }
  } catch {
    // Old reports take room and do no harm.
  }
}
