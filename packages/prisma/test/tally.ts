/** What a run of random statements tells besides passing; `pnpm fuzz:sql` adds it up. */
export interface Tally {
  readonly accepted: number
  readonly refused: number
  readonly failed: number
  /** Statements with which other tenants' rows made a difference. */
  readonly leaks: readonly string[]
}

declare module 'vitest' {
  interface TaskMeta {
    tally?: Tally
  }
}
