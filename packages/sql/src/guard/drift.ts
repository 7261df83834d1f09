import type { Guard } from './guard.ts'

/** Undefined column, and undefined table. */
const missing: ReadonlySet<unknown> = new Set(['42703', '42P01'])
const unsupported = '0A000'

const watchers = new WeakMap<Guard, Set<() => void>>()

/**
 * Told of what a server answers to statements that the guard let pass: where it says that a column or
 * a table is not there, or that a prepared plan does not fit any more, whoever watches the catalogue
 * looks at once. Anything may be told; it costs nothing, and never throws.
 *
 * @param error - as drivers give it: with the SQLSTATE as its `code`, and the server's `routine` or
 * `message`
 */
export function reportFailure(guard: Guard, error: unknown): void {
  if (!isDrift(error)) return
  for (const tell of watchers.get(guard) ?? []) tell()
}

/** Has `tell` called for each failure that a drifted catalogue can explain, until it is taken back. */
export function onDrift(guard: Guard, tell: () => void): () => void {
  const all = watchers.get(guard) ?? new Set()
  watchers.set(guard, all.add(tell))
  return () => void all.delete(tell)
}

function isDrift(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false
  if (missing.has(error.code)) return true
  if (error.code !== unsupported) return false
  // The message may be in another language; not every client has the routine.
  if ('routine' in error && error.routine === 'RevalidateCachedQuery') return true
  return 'message' in error && String(error.message).includes('cached plan must not change')
}
