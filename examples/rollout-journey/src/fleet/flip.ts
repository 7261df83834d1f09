import { setTimeout as wait } from 'node:timers/promises'

/** When each instance first answered differently, in milliseconds since the flip was begun. */
export interface FlipTiming {
  readonly byInstance: Readonly<Record<string, number>>
  /** The last instance's first changed answer. */
  readonly lastMs: number
  /** The same on the clock of `performance.now()`. */
  readonly completedAt: number
  readonly begunAt: number
  /** Settles when whoever flipped is done: a command may go on after its change has arrived. */
  readonly flipped: Promise<unknown>
}

export interface FlipOptions {
  readonly instances: readonly string[]
  /** Asks one instance once; whether its answer is the new one. */
  readonly changed: (instance: string) => Promise<boolean>
  /**
   * Whether what was flipped is there to be noticed: asking earlier would only add requests that
   * are answered in the old way.
   */
  readonly mayHaveChanged: () => boolean
  /** Begins the flip: spawns the command, renames the file. */
  readonly flip: () => Promise<unknown>
  readonly timeoutMs: number
}

/**
 * Flips a switch from outside and asks every instance, again and again, until each has answered in
 * the new way once. Resolves at that moment, whatever the one who flipped still does.
 */
export async function timeFlip(options: FlipOptions): Promise<FlipTiming> {
  const { instances, changed, mayHaveChanged, flip, timeoutMs } = options
  const late = (): boolean => performance.now() - begunAt >= timeoutMs
  const begunAt = performance.now()
  const flipped = flip()
  // Its failure is for who awaits it later.
  flipped.catch(() => undefined)
  const byInstance: Record<string, number> = {}
  let completedAt = begunAt
  await Promise.all(
    instances.map(async (instance) => {
      while (!mayHaveChanged() && !late()) await wait(1)
      while (!late()) {
        if (await changed(instance)) {
          completedAt = Math.max(completedAt, performance.now())
          byInstance[instance] = performance.now() - begunAt
          return
        }
      }
      completedAt = performance.now()
      byInstance[instance] = Number.POSITIVE_INFINITY
    }),
  )
  const lastMs = Math.max(...Object.values(byInstance))
  return { byInstance, lastMs, completedAt, begunAt, flipped }
}
