/** A clock that stands still until somebody moves it: a phase's days pass in seconds. */
export interface VirtualClock {
  now(): number
  set(now: number): void
}

export const hourMs = 3_600_000
export const dayMs: number = 24 * hourMs

/** When the story begins: the first hour after the seeded data ends. */
export const storyBeginsAt: number = Date.parse('2026-11-02T00:00:00.000Z')

export function virtualClock(start: number): VirtualClock {
  let current = start
  return {
    now: () => current,
    set(now) {
      current = now
    },
  }
}
