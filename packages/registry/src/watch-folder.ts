import { type FSWatcher, watch } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

/** How long a folder must stay the same before it is read: a file written in place takes a moment. */
const settleMs = 50
const maxSettles = 20

export interface FolderWatch {
  readonly folder: string
  readonly pollMs: number
  /** What the folder looks like now; any change of its files changes it. */
  fingerprint(): Promise<string>
  /** What it looked like when it was last read. */
  lastRead(): string | undefined
  /** Reads it again. */
  changed(): Promise<void>
}

/**
 * Follows a folder by the file system's notices, and by looking at it from time to time: notices
 * get lost on network mounts, and end when a folder is replaced. Keeps no process alive.
 */
export function watchFolder(options: FolderWatch): () => void {
  const { folder, pollMs, fingerprint, lastRead, changed } = options
  let notices: FSWatcher | undefined
  let checking = false
  let noticed = false
  let stopped = false

  async function check(): Promise<void> {
    if (checking || stopped) {
      noticed = true
      return
    }
    checking = true
    noticed = false
    try {
      if ((await fingerprint()) !== lastRead() && !stopped) {
        await settle(fingerprint)
        await changed()
        // The folder itself may be another one now.
        listen()
      }
    } finally {
      checking = false
    }
    if (noticed) await check()
  }
  function listen(): void {
    notices?.close()
    notices = undefined
    if (stopped) return
    try {
      notices = watch(folder, { persistent: false }, look)
      notices.on('error', () => {
        notices?.close()
      })
    } catch {
      // No folder, or no notices left to have: looking from time to time goes on.
    }
  }
  // A fingerprint and a reading turn every error into a value, so nothing is lost here.
  const look = (): void => {
    check().catch(() => undefined)
  }

  const timer = setInterval(look, pollMs)
  timer.unref()
  listen()
  return () => {
    stopped = true
    clearInterval(timer)
    notices?.close()
  }
}

async function settle(fingerprint: () => Promise<string>): Promise<void> {
  let before = await fingerprint()
  for (let round = 0; round < maxSettles; round += 1) {
    await wait(settleMs, undefined, { ref: false })
    const after = await fingerprint()
    if (after === before) return
    before = after
  }
}
