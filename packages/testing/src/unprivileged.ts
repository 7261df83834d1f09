import { execFileSync } from 'node:child_process'
import { chownSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TestingError } from './testing-error.ts'

/** How a program that refuses root is run, and where. */
export interface Unprivileged {
  /** Put before the command. */
  readonly prefix: readonly string[]
  /** The user to run as, when it is not this one. */
  readonly uid?: number
  /** An empty folder of that user, for data and socket. */
  readonly folder: string
  /** Where its binaries can be executed by that user. */
  readonly home: string
}

/** Belongs to nobody on usual systems; no account is made for it. */
const spareUid = 65_432

/**
 * PostgreSQL refuses to run as root. A user namespace in which root is called 1000 changes nothing
 * outside and reads folders of mode 0700. Where that is forbidden, a spare uid and a folder that it
 * can reach; the binaries are copied there when it cannot reach them.
 * @throws {@link TestingError} `testing.postgres_unavailable` when neither works.
 */
export function unprivileged(home: string): Unprivileged {
  if (process.getuid?.() !== 0) return { prefix: [], folder: newFolder(tmpdir()), home }
  const prefix = ['unshare', '--user', '--map-user=1000', '--map-group=1000']
  if (runs([...prefix, 'true'])) return { prefix, folder: newFolder(tmpdir()), home }
  for (const parent of new Set([tmpdir(), '/dev/shm', '/var/tmp', '/tmp'])) {
    const folder = folderOfSpareUser(parent)
    if (folder === undefined) continue
    if (runs([join(home, 'bin/postgres'), '--version'], spareUid)) {
      return { prefix: [], uid: spareUid, folder, home }
    }
    const copy = join(folder, 'native')
    cpSync(home, copy, { recursive: true, verbatimSymlinks: true })
    if (runs([join(copy, 'bin/postgres'), '--version'], spareUid)) {
      return { prefix: [], uid: spareUid, folder, home: copy }
    }
    rmSync(folder, { recursive: true, force: true })
  }
  throw new TestingError(
    'testing.postgres_unavailable',
    'PostgreSQL refuses to run as root, and neither user namespaces nor another uid are allowed here: run as a normal user, or set DATABASE_URL to a server',
  )
}

function newFolder(parent: string): string {
  return mkdtempSync(join(parent, 'partywall-pg-'))
}

function folderOfSpareUser(parent: string): string | undefined {
  let folder: string | undefined
  try {
    folder = newFolder(parent)
    chownSync(folder, spareUid, spareUid)
    if (runs(['test', '-w', folder], spareUid)) return folder
  } catch {
    // Not there, or not for us.
  }
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  return undefined
}

function runs([file = '', ...args]: readonly string[], uid?: number): boolean {
  try {
    execFileSync(file, args, {
      stdio: 'ignore',
      timeout: 10_000,
      cwd: '/',
      ...(uid === undefined ? {} : { uid, gid: uid }),
    })
    return true
  } catch {
    return false
  }
}
