import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { setReference } from './guarded-process.ts'

/** A folder that never outlives this process. */
export interface GuardedFolder {
  readonly path: string
  /** Another guardian has the folder from now on: this one leaves it alone. */
  handOver(): void
  remove(): void
}

/** Removes the folder when its standard input closes: that happens however the owner ends, SIGKILL included. */
const guardian = `
trap : HUP INT QUIT TERM
read -r order
[ "$order" = keep ] || rm -rf "$1"
`

/**
 * Makes a folder that only this user reaches. Its guardian is there before it is: between a folder
 * and the guardian of the server in it lies time, and an owner may be killed at any moment of it.
 * @throws the system's error when `parent` is no folder to write to
 */
export function newGuardedFolder(parent: string, prefix: string): GuardedFolder {
  // The guardian stands elsewhere, where the same name would be another folder.
  const path = resolve(parent, `${prefix}${randomBytes(6).toString('hex')}`)
  const child = spawn('/bin/sh', ['-c', guardian, 'partywall-guardian', path], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  })
  // Without a guardian the folder is as safe as any other; that there is no shell, its server says.
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  child.unref()
  setReference(child.stdin, 'unref')
  const handOver = (): void => void child.stdin.end('keep\n')
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    handOver()
    throw error
  }
  return {
    path,
    handOver,
    remove() {
      rmSync(path, { recursive: true, force: true })
      handOver()
    },
  }
}
