import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { PartywallError } from '@partywall/context'

/** The folder of one run, which nobody sweeps while its owner lives. */
export interface RunFolder {
  readonly path: string
  remove(): void
}

/** Temporary folders may be shared by machines and containers, whose processes nobody else can see. */
const prefix = `partywall-journey-${createHash('sha256').update(hostname()).digest('hex').slice(0, 8)}-`

/** The file that holds the number of the owner's process. */
const owner = 'owner'

/**
 * Makes the folder of a run below `parent`, and first removes what runs left there that were killed
 * before they could clean up. A folder that does not tell who its owner is is left alone.
 * @throws {@link PartywallError} `journey.no_room` when `parent` is no folder to write to.
 */
export function makeRunFolder(parent: string): RunFolder {
  const path = makeFolder(parent)
  writeFileSync(join(path, owner), String(process.pid))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

function makeFolder(parent: string): string {
  try {
    sweep(parent)
    return mkdtempSync(join(parent, prefix))
  } catch (error) {
    throw noRoom(parent, error)
  }
}

function noRoom(parent: string, cause: unknown): PartywallError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
  return new PartywallError(
    'journey.no_room',
    `TMPDIR: no folder can be made in ${parent} (${code}). Please make that folder writable, or let TMPDIR name another one.`,
    { cause },
  )
}

function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefix)) continue
    const path = join(parent, name)
    if (isDead(join(path, owner))) rmSync(path, { recursive: true, force: true })
  }
}

/** Only a process that is not there is dead. Its number may be somebody else's by now: then it stays. */
function isDead(path: string): boolean {
  try {
    const id = Number(readFileSync(path, 'utf8'))
    if (!Number.isSafeInteger(id) || id <= 0) return false
    process.kill(id, 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
