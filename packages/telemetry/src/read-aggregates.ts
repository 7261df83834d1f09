import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { aggregateFilePattern, type DayAggregate, parseDayAggregate } from './day-aggregate.ts'

/** What a folder of daily aggregates holds. */
export interface AggregateReading {
  /** One per day and process, by day. */
  readonly aggregates: readonly DayAggregate[]
  /** Files that are no aggregate: what they counted is missing from every sum. */
  readonly unreadable: readonly string[]
}

/**
 * Reads the daily aggregates of every instance. Rejects when the folder cannot be read.
 * @param days - the first and the last day, both included, such as `2026-01-28`
 */
export async function readAggregates(
  folder: string,
  days: { readonly from?: string | undefined; readonly to?: string | undefined } = {},
): Promise<AggregateReading> {
  const aggregates: DayAggregate[] = []
  const unreadable: string[] = []
  for (const file of (await readdir(folder)).sort()) {
    if (!aggregateFilePattern.test(file)) continue
    const day = file.slice(0, 10)
    if ((days.from !== undefined && day < days.from) || (days.to !== undefined && day > days.to)) {
      continue
    }
    const found = await readOne(join(folder, file))
    if (found === undefined) unreadable.push(file)
    else aggregates.push(found)
  }
  return { aggregates, unreadable }
}

async function readOne(path: string): Promise<DayAggregate | undefined> {
  try {
    return parseDayAggregate(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}
