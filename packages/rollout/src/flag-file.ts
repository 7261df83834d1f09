import { type BigIntStats, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { errnoOf, isErrno } from './errno.ts'
import { watchFolder } from './watch-folder.ts'

/** What was found where the flag file should be. */
export type FlagFileReading =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly code: FlagFileFault; readonly message: string }

export const flagFileFaults = [
  'file.missing',
  'file.not_a_file',
  'file.too_large',
  'file.unreadable',
] as const
export type FlagFileFault = (typeof flagFileFaults)[number]

/** A flag file holds a few lines; what is longer is something else. */
const largestBytes = 256 * 1024

/** A file whose last change is younger than this may change again without its times showing it. */
const settledAfterMs = 100n

/** A flag file that is followed: read once by `readNow`, and again whenever it changes. */
export interface FlagFile {
  readNow(): FlagFileReading
  /** Stops following. */
  close(): void
}

/**
 * Follows the file at `path` through writes in place, renames, deletions and swapped symlinks.
 * `onReading` hears of every reading that differs from the one before it.
 */
export function followFlagFile(
  path: string,
  onReading: (reading: FlagFileReading) => void,
): FlagFile {
  let seen: string | undefined
  let last = ''
  function readNow(): FlagFileReading {
    const before = identify(path)
    const reading = read(path)
    const after = identify(path)
    // What changed while it was read, or just before, is read again at the next look.
    seen = before.settled && before.key === after.key ? before.key : undefined
    last = describe(reading)
    return reading
  }
  function look(): void {
    if (seen !== undefined && identify(path).key === seen) return
    const known = last
    const reading = readNow()
    if (describe(reading) !== known) onReading(reading)
  }
  const close = watchFolder(dirname(path), look)
  return { readNow, close }
}

function describe(reading: FlagFileReading): string {
  return reading.ok ? `text:${reading.text}` : `fault:${reading.code}`
}

function identify(path: string): { readonly key: string; readonly settled: boolean } {
  let found: BigIntStats | undefined
  try {
    // Follows symlinks: a swapped ConfigMap is another inode.
    found = statSync(path, { bigint: true, throwIfNoEntry: false })
  } catch {
    return { key: 'unreadable', settled: true }
  }
  if (found === undefined) return { key: 'missing', settled: true }
  const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = found
  const age = BigInt(Date.now()) - ctimeMs
  return { key: [dev, ino, size, mtimeNs, ctimeNs].join(':'), settled: age > settledAfterMs }
}

function read(path: string): FlagFileReading {
  try {
    // Opening a pipe would wait for a writer.
    const found = statSync(path)
    if (!found.isFile()) {
      return { ok: false, code: 'file.not_a_file', message: 'the flag file is no regular file' }
    }
    if (found.size > largestBytes) {
      const message = `the flag file has ${found.size} bytes; expected at most ${largestBytes}`
      return { ok: false, code: 'file.too_large', message }
    }
    return { ok: true, text: readFileSync(path, 'utf8') }
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) {
      return { ok: false, code: 'file.missing', message: 'the flag file is not there' }
    }
    return {
      ok: false,
      code: 'file.unreadable',
      message: `the flag file cannot be read (${errnoOf(error)})`,
    }
  }
}
