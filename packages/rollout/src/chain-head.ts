import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import * as z from 'zod'
import { replaceDurably } from './durable-file.ts'
import { isErrno } from './errno.ts'

/** The newest record of a chain that somebody has seen: a chain that is shorter has lost some. */
export interface ChainHead {
  readonly number: number
  readonly hash: string
}

const head: z.ZodType<ChainHead> = z.strictObject({
  number: z.number().int().positive(),
  hash: z.string().min(1),
})

/** The head that was kept at `path`; none in folders of before there were heads. Throws otherwise. */
export function readHead(path: string): ChainHead | undefined {
  try {
    return head.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

/**
 * Keeps `seen` where nothing newer is kept. A head only ever says "at least": whoever may not write
 * it, or dies before, leaves the older one, and the next to see the record makes up for it.
 */
export function raiseHead(path: string, { number, hash }: ChainHead): void {
  try {
    const kept = readHead(path)
    if (kept !== undefined && kept.number >= number) return
    // Folders of before there were heads have no room for them; a folder that is gone stays gone.
    if (!existsSync(dirname(path))) mkdirSync(dirname(path))
    replaceDurably(path, `${JSON.stringify({ number, hash })}\n`)
  } catch {
    // A folder that is read-only to this process, or a head that every reader will complain about.
  }
}
