import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { hashOf } from './canonical-json.ts'
import { createDurably } from './durable-file.ts'
import { errnoOf, isErrno } from './errno.ts'
import { RolloutError, unreadable, unwritable } from './rollout-error.ts'

/** What every record of a chain has besides its content. */
export interface ChainLink {
  /** From 1, without a gap. */
  readonly number: number
  /** The hash of the record before it; `null` for the first. */
  readonly previous: string | null
  /** The hash of this record without this field. */
  readonly hash: string
}

/** Turns what was read into a record, or throws. */
export type ParseRecord<Content> = (value: unknown) => Content & ChainLink

/**
 * A folder of immutable, numbered JSON documents, each with the hash of the one before it.
 * Records are created exclusively and whole; nothing is ever changed or removed.
 */
export interface Chain<Content extends object> {
  /** Every record, first to last, verified. @throws {@link RolloutError} `rollout.chain_broken` */
  readAll(): readonly (Content & ChainLink)[]
  /** The record after `last`, verified, if it is there. */
  readNext(last: ChainLink | undefined): (Content & ChainLink) | undefined
  /** Adds the record after `last`. @throws {@link RolloutError} `rollout.superseded` when it exists */
  append(content: Content, last: ChainLink | undefined): Content & ChainLink
  /** Whether the file of this record is still where it was. */
  holds(link: ChainLink): boolean
}

export function openChain<Content extends object>(
  folder: string,
  parse: ParseRecord<Content>,
): Chain<Content> {
  const pathOf = (number: number): string => join(folder, `${String(number).padStart(8, '0')}.json`)

  function readNext(last: ChainLink | undefined): (Content & ChainLink) | undefined {
    const number = (last?.number ?? 0) + 1
    let text: string
    try {
      text = readFileSync(pathOf(number), 'utf8')
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined
      throw broken(number, `it cannot be read (${errnoOf(error)})`, error)
    }
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (error) {
      throw broken(number, 'it is no JSON', error)
    }
    if (typeof value !== 'object' || value === null) throw broken(number, 'it is no object')
    const { hash, ...unhashed } = value as Record<string, unknown>
    if (hash !== hashOf(unhashed)) throw broken(number, 'it was changed after it was written')
    let record: Content & ChainLink
    try {
      record = parse(value)
    } catch (error) {
      throw broken(number, 'it does not have the shape of one', error)
    }
    if (record.number !== number) throw broken(number, 'it has the number of another one')
    if (record.previous !== (last?.hash ?? null)) {
      throw broken(number, 'it does not follow the record before it')
    }
    return Object.freeze(record)
  }

  return {
    readAll() {
      // Counted first: a record that is added meanwhile is no gap.
      const found = countRecords(folder)
      const all: (Content & ChainLink)[] = []
      for (let next = readNext(undefined); next !== undefined; next = readNext(all.at(-1))) {
        all.push(next)
      }
      if (found > all.length) {
        throw broken(all.length + 1, `it is missing, although the folder holds ${found}`)
      }
      return all
    },
    readNext,
    append(content, last) {
      const unhashed = { ...content, number: (last?.number ?? 0) + 1, previous: last?.hash ?? null }
      const record = { ...unhashed, hash: hashOf(unhashed) }
      let created: boolean
      try {
        created = createDurably(pathOf(record.number), `${JSON.stringify(record, undefined, 2)}\n`)
      } catch (error) {
        throw unwritable('the state folder cannot be written, nothing was changed', error)
      }
      if (!created) {
        throw new RolloutError(
          'rollout.superseded',
          `record ${record.number} was written by somebody else in the meantime; nothing was changed by this call`,
        )
      }
      // Read back, so that what is returned is what everybody else will read.
      return readNext(last) ?? Object.freeze(record)
    },
    holds: (link) => statSync(pathOf(link.number), { throwIfNoEntry: false })?.isFile() ?? false,
  }
}

function countRecords(folder: string): number {
  try {
    return readdirSync(folder).filter((name) => /^\d{8,}\.json$/.test(name)).length
  } catch (error) {
    throw unreadable(error)
  }
}

function broken(number: number, why: string, cause?: unknown): RolloutError {
  return new RolloutError('rollout.chain_broken', `record ${number} of the state: ${why}`, {
    cause,
  })
}
