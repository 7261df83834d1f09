import { execFileSync } from 'node:child_process'
import { chownSync, cpSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type GuardedFolder, newGuardedFolder } from './guarded-folder.ts'
import { TestingError } from './testing-error.ts'

/** How a program that refuses root is run, and where. */
export interface Unprivileged {
  /** Put before the command. */
  readonly prefix: readonly string[]
  /** An empty folder of that user, for data and socket. */
  readonly folder: GuardedFolder
  /** Where its binaries can be executed by that user. */
  readonly home: string
}

const namespace = ['unshare', '--user', '--map-user=1000', '--map-group=1000']

/** `nobody`: initdb wants a user that has a name, and no account is made for it. */
const spareUid = 65_534
const spareUser = [
  'setpriv',
  `--reuid=${spareUid}`,
  `--regid=${spareUid}`,
  '--clear-groups',
  '--inh-caps=-all',
]

/**
 * PostgreSQL refuses to run as root. A user namespace in which root is called 1000 changes nothing
 * outside and reads folders of mode 0700. Where that is forbidden, `nobody` and a folder that it
 * can reach; the binaries are copied there when it cannot reach them.
 * @throws {@link TestingError} `testing.postgres_unavailable` when neither works.
 */
export function unprivileged(home: string): Unprivileged {
  if (process.getuid?.() !== 0) return { prefix: [], folder: newFolder(tmpdir()), home }
  if (runs([...namespace, 'true'])) {
    return { prefix: namespace, folder: newFolder(tmpdir()), home }
  }
  for (const parent of new Set([tmpdir(), '/dev/shm', '/var/tmp', '/tmp'])) {
    const folder = folderOfSpareUser(parent)
    if (folder === undefined) continue
    const copy = join(folder.path, 'native')
    if (canExecute(home)) return { prefix: spareUser, folder, home }
    cpSync(home, copy, { recursive: true, verbatimSymlinks: true })
    if (canExecute(copy)) return { prefix: spareUser, folder, home: copy }
    folder.remove()
  }
  throw new TestingError(
    'testing.postgres_unavailable',
    'PostgreSQL refuses to run as root, and neither user namespaces nor another uid are allowed here: run as a normal user, or set DATABASE_URL to a server',
  )
}

function newFolder(parent: string): GuardedFolder {
  return newGuardedFolder(parent, 'partywall-pg-')
}

function folderOfSpareUser(parent: string): GuardedFolder | undefined {
  let folder: GuardedFolder | undefined
  try {
    folder = newFolder(parent)
    chownSync(folder.path, spareUid, spareUid)
    if (runs([...spareUser, 'test', '-w', folder.path])) return folder
  } catch {
    // Not there, or not for us.
  }
  folder?.remove()
  return undefined
}

function canExecute(home: string): boolean {
  return runs([...spareUser, join(home, 'bin/postgres'), '--version'])
}

function runs([file = '', ...args]: readonly string[]): boolean {
  try {
    execFileSync(file, args, { stdio: 'ignore', timeout: 10_000, cwd: '/' })
    return true
  } catch {
    return false
  }
}
