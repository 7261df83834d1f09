import { cpus } from 'node:os'

/** One measured thing, beside the raw or peer way of doing the same. */
export interface Row {
  readonly name: string
  readonly medianNs: number
  readonly p99Ns: number
  /** What we promise, where we promise something. */
  readonly goalNs?: number
}

/** A table in Markdown: every row also as a ratio to the first one, which is the raw way. */
export function renderTable(title: string, rows: readonly Row[]): string {
  const raw = rows[0]?.medianNs ?? Number.NaN
  const lines = rows.map(({ name, medianNs, p99Ns, goalNs }) => {
    const goal =
      goalNs === undefined ? '' : `≤ ${format(goalNs)} ${medianNs <= goalNs ? 'met' : 'missed'}`
    return `| ${name} | ${format(medianNs)} | ${format(p99Ns)} | ${(medianNs / raw).toFixed(2)}× | ${goal} |`
  })
  return [
    `## ${title}`,
    '',
    '| what | median | p99 | to the first row | goal |',
    '|-|-|-|-|-|',
    ...lines,
    '',
  ].join('\n')
}

/** Where and when a result was measured. */
export function machine(at: Date): string {
  const [cpu] = cpus()
  return `${cpu?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.versions.node}, ${at.toISOString().slice(0, 10)}`
}

function format(ns: number): string {
  if (ns < 1_000) return `${ns.toFixed(1)} ns`
  return ns < 1_000_000 ? `${(ns / 1_000).toFixed(2)} µs` : `${(ns / 1_000_000).toFixed(2)} ms`
}
