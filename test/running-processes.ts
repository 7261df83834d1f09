import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** The numbers of processes whose arguments hold the text, this one apart. */
export function running(text: string): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => {
      if (!/^\d+$/.test(entry) || Number(entry) === process.pid) return false
      try {
        return readFileSync(`/proc/${entry}/cmdline`, 'latin1').split('\0').includes(text)
      } catch {
        return false
      }
    })
    .map(Number)
}

/** Looks until something outside has happened. */
export async function until(done: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!done()) {
    if (Date.now() > deadline) throw new Error('it did not happen within 20 s')
    await pause(20)
  }
}
