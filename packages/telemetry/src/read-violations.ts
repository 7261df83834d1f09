import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DecisionAction, Severity } from '@partywall/context/spi'
import { type LoggedViolation, parseLoggedViolation } from './logged-violation.ts'
import { violationFilePattern } from './violation-log-bound.ts'

/** Which violations to read; what is left out does not restrict. */
export interface ViolationFilter {
  readonly model?: string | undefined
  readonly severity?: Severity | undefined
  readonly endpoint?: string | undefined
  readonly decision?: DecisionAction | undefined
  readonly signature?: string | undefined
  readonly tenantId?: string | undefined
  /** Epoch milliseconds, inclusive. */
  readonly from?: number | undefined
  /** Epoch milliseconds, exclusive. */
  readonly to?: number | undefined
  /** The newest so many. @defaultValue `1000` */
  readonly limit?: number | undefined
}

/** What a folder of violation logs holds. */
export interface ViolationReading {
  /** The newest last. */
  readonly violations: readonly LoggedViolation[]
  /** How many matched, those beyond the limit included. */
  readonly matched: number
  /** Lines that are no whole record, such as the torn last line of a process that was killed. */
  readonly torn: number
  /** Files that could not be read. */
  readonly unreadable: readonly string[]
}

/**
 * Reads the violation logs of every instance in `folder`, which may be growing meanwhile.
 * Rejects when the folder itself cannot be read.
 */
export async function readViolations(
  folder: string,
  filter: ViolationFilter = {},
): Promise<ViolationReading> {
  const { limit = 1000 } = filter
  const files = (await readdir(folder)).filter((file) => violationFilePattern.test(file)).sort()
  let violations: LoggedViolation[] = []
  const unreadable: string[] = []
  let matched = 0
  let torn = 0
  for (const file of files) {
    try {
      for await (const line of linesOf(join(folder, file))) {
        if (line === '') continue
        const found = parseLoggedViolation(line)
        if (found === undefined) torn += 1
        else if (matches(found, filter)) {
          matched += 1
          violations.push(found)
          // Keeps memory at twice the limit, however long the log is.
          if (violations.length >= limit * 2 + 100) violations = newest(violations, limit)
        }
      }
    } catch {
      unreadable.push(file)
    }
  }
  return { violations: newest(violations, limit), matched, torn, unreadable }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    yield* lines
    // No line of ours is that long: a file that is something else must not fill the memory.
    if (rest.length > 1_048_576) rest = '?'
  }
  yield rest
}

function newest(violations: readonly LoggedViolation[], limit: number): LoggedViolation[] {
  const sorted = violations.toSorted((a, b) => momentOf(a) - momentOf(b))
  return limit > 0 ? sorted.slice(-limit) : []
}

function momentOf({ record }: LoggedViolation): number {
  return Date.parse(record.timestamp)
}

function matches(found: LoggedViolation, filter: ViolationFilter): boolean {
  const { record } = found
  const at = momentOf(found)
  return (
    same(filter.model, record.model) &&
    same(filter.severity, record.severity) &&
    same(filter.endpoint, record.endpoint) &&
    same(filter.decision, found.decision) &&
    same(filter.signature, found.signature) &&
    (filter.tenantId === undefined || String(record.tenantId) === filter.tenantId) &&
    (filter.from === undefined || at >= filter.from) &&
    (filter.to === undefined || at < filter.to)
  )
}

function same(wanted: string | undefined, actual: string): boolean {
  return wanted === undefined || wanted === actual
}
