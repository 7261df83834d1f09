/** What a run of random statements tells besides passing; `pnpm fuzz:sql` adds it up. */
export interface Tally {
  readonly accepted: number
  readonly refused: number
  readonly failed: number
  /** Statements with which other tenants' rows made a difference. */
  readonly leaks: readonly string[]
}

/** How many statements had a construct, and how many of these were accepted and executed. */
export interface Share {
  readonly met: number
  readonly accepted: number
}

declare module 'vitest' {
  interface TaskMeta {
    tally?: Tally
    constructs?: Readonly<Record<string, Share>>
  }
}
