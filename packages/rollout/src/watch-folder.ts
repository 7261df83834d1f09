import { type FSWatcher, statSync, watch } from 'node:fs'

/** How often a folder is looked at although nobody said that it changed. */
const pollMs = 500

/**
 * Calls `look` whenever something in `folder` may have changed, and every {@link pollMs} in any
 * case: watching loses events on network file systems and when the folder itself is replaced.
 * Keeps no process alive.
 */
export function watchFolder(folder: string, look: () => void): () => void {
  let watcher: FSWatcher | undefined
  let watched: string | undefined

  function disarm(): void {
    watcher?.close()
    watcher = undefined
    watched = undefined
  }
  function arm(): void {
    const identity = identityOf(folder)
    if (watcher !== undefined && identity === watched) return
    disarm()
    if (identity === undefined) return
    try {
      watcher = watch(folder, { persistent: false }, (_event, name) => {
        // Whoever looks may write a draft, in vain where the name is taken: an endless loop.
        if (name?.endsWith('.draft')) return
        look()
      })
      watcher.on('error', disarm)
      watched = identity
    } catch {
      // Out of watches, or gone again: the poll is enough.
      disarm()
    }
  }

  arm()
  const timer = setInterval(() => {
    arm()
    look()
  }, pollMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    disarm()
  }
}

function identityOf(folder: string): string | undefined {
  try {
    const found = statSync(folder, { bigint: true, throwIfNoEntry: false })
    return found?.isDirectory() ? `${found.dev}:${found.ino}` : undefined
  } catch {
    return undefined
  }
}
