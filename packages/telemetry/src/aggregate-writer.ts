import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CounterCells } from './counter-cells.ts'
import {
  aggregateFilePattern,
  type DayAggregate,
  dayMs,
  dayOf,
  type SlotCounts,
  slotMs,
} from './day-aggregate.ts'
import type { LossAccount } from './loss-account.ts'
import { overheadBoundsMs } from './overhead-histogram.ts'
import { slotCountsOf } from './slot-counts.ts'
import { TelemetryError } from './telemetry-error.ts'

export interface AggregateOptions {
  /** Made when it does not exist; several instances share it. */
  readonly folder: string
  /** How often the files are brought up to date, on the wall clock. @defaultValue `5000` */
  readonly flushEveryMs?: number | undefined
  /** Days kept: the newest so many that have a file. @defaultValue `35` */
  readonly keepDays?: number | undefined
}

/** Turns counters that only grow into daily files, by differences. */
export interface AggregateWriter {
  /** Call before counting: what was counted so far belongs to the slot before. */
  reach(atMs: number): void
  /** Writes every day that changed, each replaced atomically. Never rejects. */
  flush(): Promise<void>
}

export function createAggregateWriter(
  cells: CounterCells,
  { folder, keepDays = 35 }: AggregateOptions,
  name: { readonly instance: string; readonly release: string | undefined; readonly run: string },
  losses: LossAccount,
): AggregateWriter {
  if (!(keepDays >= 1)) {
    throw new TelemetryError('telemetry.invalid', 'aggregates: keepDays must be at least 1')
  }
  const baseline = cells.values.slice()
  const days = new Map<string, Map<number, SlotCounts>>()
  const changed = new Set<string>()
  let currentSlot: number | undefined
  let writing: Promise<void> = Promise.resolve()

  const settle = (): void => {
    if (currentSlot === undefined) return
    const difference = cells.values.map((value, index) => value - (baseline[index] ?? 0))
    if (difference.every((value) => value === 0)) return
    baseline.set(cells.values)
    const day = dayOf(currentSlot * slotMs)
    const slot = currentSlot % (dayMs / slotMs)
    const slots = days.get(day) ?? new Map<number, SlotCounts>()
    slots.set(slot, slotCountsOf(cells, difference, slots.get(slot)))
    days.set(day, slots)
    changed.add(day)
    forget(days, changed, keepDays)
  }

  const write = async (): Promise<void> => {
    for (const day of [...changed]) {
      changed.delete(day)
      const slots = days.get(day)
      if (slots === undefined) continue
      try {
        await replace(folder, aggregateOf(cells, name, day, slots))
        await prune(folder, keepDays)
      } catch (error) {
        // Nothing is lost yet: the day stays in memory and is tried again.
        changed.add(day)
        losses.lost(0, 'aggregates', error)
      }
    }
  }

  return {
    reach(atMs) {
      const slot = Math.floor(atMs / slotMs)
      if (slot === currentSlot || !isDay(atMs)) return
      settle()
      currentSlot = slot
    },
    flush() {
      settle()
      writing = writing.then(write)
      return writing
    },
  }
}

function isDay(atMs: number): boolean {
  // Years of four digits: a broken clock must not name files.
  return atMs >= 0 && atMs < 253_402_300_800_000
}

function forget(
  days: Map<string, Map<number, SlotCounts>>,
  changed: Set<string>,
  keepDays: number,
): void {
  if (days.size <= keepDays) return
  const [oldest] = [...days.keys()].sort()
  if (oldest === undefined) return
  days.delete(oldest)
  changed.delete(oldest)
}

function aggregateOf(
  { labels }: CounterCells,
  { instance, release, run }: Parameters<typeof createAggregateWriter>[2],
  day: string,
  slots: ReadonlyMap<number, SlotCounts>,
): DayAggregate {
  return {
    version: 1,
    day,
    instance,
    ...(release === undefined ? {} : { release }),
    run,
    boundsMs: overheadBoundsMs,
    severities: Object.fromEntries(labels.models.map(({ name, severity }) => [name, severity])),
    slots: Object.fromEntries(slots),
  }
}

async function replace(folder: string, aggregate: DayAggregate): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o750 })
  const { day, run, instance } = aggregate
  const file = join(folder, `${day}.${run}.${instance}.json`)
  const draft = `${file}.tmp`
  // Synced before it takes the old one's place: a power cut must not leave an empty day.
  await writeThrough(draft, JSON.stringify(aggregate))
  await rename(draft, file)
  await sync(folder)
}

async function writeThrough(path: string, text: string): Promise<void> {
  const handle = await open(path, 'w', 0o640)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Counted in days that have a file: a clock that jumps ahead costs one old day, not all. */
async function prune(folder: string, keepDays: number): Promise<void> {
  const files = (await readdir(folder)).filter((file) =>
    aggregateFilePattern.test(file.replace(/\.tmp$/, '')),
  )
  const days = [...new Set(files.map((file) => file.slice(0, 10)))].sort()
  const kept = new Set(days.slice(-keepDays))
  for (const file of files) {
    if (!kept.has(file.slice(0, 10))) await rm(join(folder, file), { force: true })
  }
}
