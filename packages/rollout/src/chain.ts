import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { hashOf } from './canonical-json.ts'
import { type ChainHead, raiseHead, readHead } from './chain-head.ts'
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
  /** Whether there ever was a record, damaged or not. @throws {@link RolloutError} `rollout.no_state` */
  isBegun(): boolean
  /** Every record, first to last, verified. @throws {@link RolloutError} `rollout.chain_broken` */
  readAll(): readonly (Content & ChainLink)[]
  /** The newest record that can be reached from `last`, what is wrong behind it, and whether `last` stands. */
  readOn(last: Content & ChainLink): ReadOn<Content>
  /** The record after `last`, verified, if it is there. */
  readNext(last: ChainLink | undefined): (Content & ChainLink) | undefined
  /**
   * Adds the record after `last`, which has to be where it was.
   * @throws {@link RolloutError} `rollout.superseded` when it exists, `rollout.chain_broken`
   */
  append(content: Content, last: ChainLink | undefined): Content & ChainLink
}

/** How far a reader came. */
export interface ReadOn<Content> {
  readonly newest: Content & ChainLink
  readonly fault?: unknown
  /** The folder of the chain is not there. */
  readonly isGone?: true
  /** The newest record of a whole, good chain that the last one is no part of: another history. */
  readonly elsewhere?: Content & ChainLink
}

/** Opens the chain in `folder`, whose newest known record is kept at `headPath`. */
export function openChain<Content extends object>(
  folder: string,
  headPath: string,
  parse: ParseRecord<Content>,
): Chain<Content> {
  const name = basename(folder)
  const pathOf = (number: number): string => join(folder, `${String(number).padStart(8, '0')}.json`)

  function broken(which: number | 'head', why: string, cause?: unknown): RolloutError {
    const what = which === 'head' ? 'the head' : `record ${which}`
    const message = `${what} of the chain ${name}: ${why}`
    return new RolloutError('rollout.chain_broken', message, { cause })
  }

  function keptHead(): ChainHead | undefined {
    try {
      return readHead(headPath)
    } catch (error) {
      throw broken('head', 'it is damaged or cannot be read; restore it from a backup', error)
    }
  }

  /** Without this, a chain that lost its newest records would look like an older state. */
  function checkHead(head: ChainHead | undefined, reached: readonly ChainLink[]): void {
    if (head === undefined) return
    const next = (reached.at(-1)?.number ?? 0) + 1
    if (head.number >= next) {
      const lost = head.number - next + 1
      const which = lost === 1 ? 'it is missing' : `it and the ${lost - 1} after it are missing`
      throw broken(next, `${which}, although it was there; restore the newest records`)
    }
    const seen = reached.find(({ number }) => number === head.number)
    if (seen !== undefined && seen.hash !== head.hash) {
      throw broken(head.number, 'it is not the one that was there before')
    }
  }

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

  /** Whether this very record is where it was. */
  function stands({ number, hash }: ChainLink): boolean {
    try {
      const value: unknown = JSON.parse(readFileSync(pathOf(number), 'utf8'))
      if (typeof value !== 'object' || value === null) return false
      const { hash: written, ...unhashed } = value as Record<string, unknown>
      return written === hash && hashOf(unhashed) === hash
    } catch {
      return false
    }
  }

  function readAll(): readonly (Content & ChainLink)[] {
    // Both first: a record that is added meanwhile is neither a gap nor lost.
    const head = keptHead()
    const found = countRecords(folder)
    const all: (Content & ChainLink)[] = []
    for (let next = readNext(undefined); next !== undefined; next = readNext(all.at(-1))) {
      all.push(next)
    }
    if (found > all.length) {
      throw broken(all.length + 1, `it is missing, although the folder holds ${found} records`)
    }
    checkHead(head, all)
    const last = all.at(-1)
    if (last !== undefined && last.number !== head?.number) raiseHead(headPath, last)
    return all
  }

  /** Where nothing follows `last` and it is not where it was: only the whole chain can say why. */
  function readAfresh(last: Content & ChainLink, fault: unknown): ReadOn<Content> {
    if (!existsSync(folder)) return { newest: last, isGone: true }
    try {
      const all = readAll()
      const newest = all.at(-1)
      if (newest === undefined) return { newest: last, isGone: true }
      // It was put back in the meantime.
      if (all.some(({ hash }) => hash === last.hash)) return { newest }
      return { newest: last, elsewhere: newest }
    } catch (error) {
      return { newest: last, fault: fault ?? error }
    }
  }

  return {
    isBegun: () => countRecords(folder) > 0 || existsSync(headPath),
    readAll,
    readOn(last) {
      const reached = [last]
      let fault: unknown
      try {
        const head = keptHead()
        for (let next = readNext(last); next !== undefined; next = readNext(next))
          reached.push(next)
        checkHead(head, reached)
      } catch (error) {
        fault = error
      }
      const newest = reached.at(-1) ?? last
      if (newest !== last) raiseHead(headPath, newest)
      else if (!stands(last)) return readAfresh(last, fault)
      return fault === undefined ? { newest } : { newest, fault }
    },
    readNext,
    append(content, last) {
      const head = keptHead()
      const taken = existsSync(pathOf((last?.number ?? 0) + 1))
      // Nobody goes on over a hole, or behind another record than the one that was seen.
      if (!taken) checkHead(head, last === undefined ? [] : [last])
      if (last !== undefined && !stands(last)) {
        throw broken(last.number, 'it is not the one that was there before')
      }
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
      raiseHead(headPath, record)
      // Read back, so that what is returned is what everybody else will read.
      return readNext(last) ?? Object.freeze(record)
    },
  }
}

function countRecords(folder: string): number {
  try {
    return readdirSync(folder).filter((name) => /^\d{8,}\.json$/.test(name)).length
  } catch (error) {
    throw unreadable(error)
  }
}
