// The folder for temporary files of one run of the launcher. Whoever is killed cannot clean up, so
// the next run does.
import { createHash } from 'node:crypto'
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { strays } from './owned-processes.mjs'

/** The file that names who owns the folder; nothing is removed without it. */
const ownerFile = '.partywall-run'
const ownerPattern = /^(\d+) (\d*) (PARTYWALL_RUN=[0-9a-f]+)\n$/

/** Machines and containers may share a folder, and cannot see each other's processes. */
const prefix = `partywall-${createHash('sha256').update(hostname()).update(processSpace()).digest('hex').slice(0, 6)}-`

/**
 * Makes the folder of this run below `parent`, after it has removed those of runs that were killed:
 * ours, with an owner that is dead, and with no process left that bears its mark.
 */
export function makeRunFolder(parent, mark) {
  sweep(parent)
  const path = mkdtempSync(join(parent, prefix))
  writeFileSync(join(path, ownerFile), `${process.pid} ${startOf(process.pid)} ${mark}\n`)
  return path
}

/** Why no folder can be made below TMPDIR, in one sentence; `undefined` for an error of another kind. */
export function withoutRoom(parent, error) {
  if (!['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS'].includes(error?.code)) return undefined
  return `TMPDIR: no folder can be made in ${parent} (${error.code}). Please make that folder writable, or let TMPDIR name another one.`
}

function sweep(parent) {
  for (const name of readdirSync(parent)) {
    const path = join(parent, name)
    if (name.startsWith(prefix) && isAbandoned(path)) {
      rmSync(path, { recursive: true, force: true })
    }
  }
}

function isAbandoned(path) {
  try {
    const found = lstatSync(path)
    if (!found.isDirectory() || found.uid !== process.getuid?.()) return false
    const [, id, start, mark] = ownerPattern.exec(readFileSync(join(path, ownerFile), 'utf8')) ?? []
    return id !== undefined && isDead(Number(id), start) && strays(mark).length === 0
  } catch {
    return false
  }
}

/** A number may be somebody else's by now: then another start stands beside it. */
function isDead(id, start) {
  try {
    process.kill(id, 0)
    return start !== '' && startOf(id) !== '' && startOf(id) !== start
  } catch (error) {
    return error?.code === 'ESRCH'
  }
}

/** When a process began, in ticks since the machine did; empty where nobody can say. */
function startOf(id) {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'latin1')
    // The name may hold spaces and parentheses; the start is the 20th field behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function processSpace() {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}
