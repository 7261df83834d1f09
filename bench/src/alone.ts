import { measure } from 'mitata'
import { isShort } from './run.ts'
import type { Row } from './table.ts'

/** One thing to measure. */
export interface Case {
  readonly name: string
  /** Makes what is needed, and returns the call that is measured; a promise is awaited. */
  readonly prepare: () => (() => unknown) | Promise<() => unknown>
  /** What we promise, where we promise something. */
  readonly goalNs?: number
}

/** Calls of one sample: below that, the clock's own steps would be what is measured. */
const calls = 1_000

/**
 * Measures one case. Hooks and shapes that it leaves behind change the speed of the next: each
 * belongs into a process of its own.
 */
export async function measureHere({ name, prepare, goalNs }: Case): Promise<Row> {
  const work = await prepare()
  const many = work() instanceof Promise ? awaitMany(work) : callMany(work)
  const { p50, p99 } = await measure(many, { min_cpu_time: isShort ? 100e6 : 500e6 })
  const goal = goalNs === undefined ? {} : { goalNs }
  return { name, medianNs: p50 / calls, p99Ns: p99 / calls, ...goal }
}

function callMany(work: () => unknown): () => unknown {
  let last: unknown
  return () => {
    for (let call = 0; call < calls; call += 1) last = work()
    return last
  }
}

function awaitMany(work: () => unknown): () => Promise<void> {
  return async () => {
    for (let call = 0; call < calls; call += 1) await work()
  }
}
