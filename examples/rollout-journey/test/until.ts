import { setTimeout as pause } from 'node:timers/promises'

/** Waits for something outside; fails when it does not happen in time. */
export async function until(
  done: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error(`it did not happen within ${timeoutMs} ms`)
    await pause(20)
  }
}
