import { measure as sample } from 'mitata'
import type { Row } from './table.ts'

/** Measures one call of `work`, synchronous or not. */
export async function measure(name: string, work: () => unknown, goalNs?: number): Promise<Row> {
  const { p50, p99 } = await sample(work, { min_cpu_time: 300e6 })
  return { name, medianNs: p50, p99Ns: p99, ...(goalNs === undefined ? {} : { goalNs }) }
}
