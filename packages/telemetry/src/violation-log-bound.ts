import type { Stats } from 'node:fs'
import { createReadStream } from 'node:fs'
import { lstat, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from './loss-account.ts'

/** Violation logs are called `violations.<run>.<instance>.<number>.ndjson`. */
export const violationFilePattern: RegExp =
  /^violations\.[0-9a-z-]+\.[A-Za-z0-9_-]+\.\d{6}\.ndjson$/

/** Only a process that starts over and over again makes so many files: they are small then. */
const fileLimit = 2000
// Which process runs cannot be asked of another machine; the time of its last record tells.
const inUseMs = 3_600_000

interface LogFile {
  readonly name: string
  /** The process that writes it, or did. */
  readonly owner: string
  readonly bytes: number
  readonly writtenAtMs: number
  readonly regular: boolean
}

/** What the bound took away. */
export interface Removed {
  readonly files: number
  readonly records: number
}

/**
 * Makes room until the violation logs of every process in `folder` hold at most `maxBytes`. First
 * go the files that their process has left behind, and those without a record for an hour, the
 * oldest record first; the file that a process other than `own` is writing goes only when none of
 * these is left.
 */
export async function makeRoom(folder: string, maxBytes: number, own: string): Promise<Removed> {
  const files = await filesOf(folder)
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  let count = files.length
  let records = 0
  for (const file of expendableFirst(files, own)) {
    if (bytes <= maxBytes && count < fileLimit) break
    records += await remove(join(folder, file.name), file)
    bytes -= file.bytes
    count -= 1
  }
  return { files: files.length - count, records }
}

async function filesOf(folder: string): Promise<readonly LogFile[]> {
  const names = (await readdir(folder)).filter((name) => violationFilePattern.test(name))
  const files = await Promise.all(
    names.map(async (name): Promise<LogFile | undefined> => {
      const found = await statOf(join(folder, name))
      if (found === undefined || found.isDirectory()) return undefined
      const owner = name.slice(0, -'.000000.ndjson'.length)
      const { size, mtimeMs } = found
      return { name, owner, bytes: size, writtenAtMs: mtimeMs, regular: found.isFile() }
    }),
  )
  return files.filter((file) => file !== undefined)
}

function expendableFirst(files: readonly LogFile[], own: string): readonly LogFile[] {
  const newestOf = new Map<string, string>()
  let lastMs = 0
  for (const { name, owner, writtenAtMs } of files) {
    if (name > (newestOf.get(owner) ?? '')) newestOf.set(owner, name)
    lastMs = Math.max(lastMs, writtenAtMs)
  }
  const inUse = ({ name, owner, writtenAtMs }: LogFile): boolean =>
    owner !== own && newestOf.get(owner) === name && writtenAtMs > lastMs - inUseMs
  return files.toSorted(
    (a, b) =>
      Number(inUse(a)) - Number(inUse(b)) ||
      a.writtenAtMs - b.writtenAtMs ||
      (a.name < b.name ? -1 : 1),
  )
}

/** The records that went with the file; none where another process removed it first. */
async function remove(path: string, { regular }: LogFile): Promise<number> {
  try {
    const records = regular ? await countLines(path) : 0
    await unlink(path)
    return records
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0
    throw error
  }
}

async function countLines(path: string): Promise<number> {
  let lines = 0
  for await (const chunk of createReadStream(path, { encoding: 'latin1' })) {
    lines += String(chunk).split('\n').length - 1
  }
  return lines
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
