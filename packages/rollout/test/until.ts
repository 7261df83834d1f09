import { setTimeout as pause } from 'node:timers/promises'

/** Looks until something outside has happened, at most for `withinMs`. */
export async function until(happened: () => boolean, withinMs = 20_000): Promise<void> {
  const end = performance.now() + withinMs
  while (!happened()) {
    if (performance.now() > end) throw new Error('it did not happen in time')
    await pause(5)
  }
}
