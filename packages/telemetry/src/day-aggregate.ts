import { type Severity, severities } from '@partywall/context/spi'
import * as z from 'zod'

/** What was counted in one slot of ten minutes. Only what is not 0 is named. */
export interface SlotCounts {
  readonly guarded: number
  readonly requests: number
  readonly requestsBlocked: number
  readonly requestsFailed: number
  readonly jobs: number
  readonly jobsBlocked: number
  readonly jobsFailed: number
  /** Blocked statements outside of any operation: they are in no share. */
  readonly blocksOutside: number
  readonly guardFaults: number
  readonly lost: number
  /** Records that the bound of the violation log took away. */
  readonly removed: number
  /** Counts per bucket of `boundsMs`, the rest last. */
  readonly overhead: readonly number[]
  /** By model and endpoint. */
  readonly violations: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** By model and endpoint. */
  readonly blocks: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Uses by reason. */
  readonly bypasses: Readonly<Record<string, number>>
}

/** One day of one process: unsampled counters, without any tenant, user or statement. */
export interface DayAggregate {
  readonly version: 1
  /** `2026-01-28`, UTC on the recorder's clock. */
  readonly day: string
  readonly instance: string
  readonly release?: string
  /** Tells two processes of one instance apart. */
  readonly run: string
  readonly boundsMs: readonly number[]
  readonly severities: Readonly<Record<string, Severity>>
  /** By the number of the slot within the day, `0`–`143`. */
  readonly slots: Readonly<Record<string, SlotCounts>>
}

/** The length of a slot. */
export const slotMs = 600_000
export const dayMs = 86_400_000

/** The day of a moment, UTC. */
export function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10)
}

/** Aggregates are called `<day>.<run>.<instance>.json`. */
export const aggregateFilePattern: RegExp = /^\d{4}-\d{2}-\d{2}\.[0-9a-z-]+\.[A-Za-z0-9_-]+\.json$/

const count = z.number().min(0)
const cube = z.record(z.string(), z.record(z.string(), count))

const schema: z.ZodType<DayAggregate> = z.object({
  version: z.literal(1),
  day: z.iso.date(),
  instance: z.string(),
  release: z.string().exactOptional(),
  run: z.string(),
  boundsMs: z.array(z.number()),
  severities: z.record(z.string(), z.enum(severities)),
  slots: z.record(
    z.string().regex(/^\d{1,3}$/),
    z.object({
      guarded: count,
      requests: count,
      requestsBlocked: count,
      requestsFailed: count,
      jobs: count,
      jobsBlocked: count,
      jobsFailed: count,
      blocksOutside: count,
      guardFaults: count,
      lost: count,
      removed: count,
      overhead: z.array(count),
      violations: cube,
      blocks: cube,
      bypasses: z.record(z.string(), count),
    }),
  ),
})

/** `undefined` for text that is no aggregate. */
export function parseDayAggregate(text: string): DayAggregate | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
