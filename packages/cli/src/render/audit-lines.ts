import type { Finding, FindingSeverity } from '@partywall/sql/audit'
import { type Paint, pageWidth, printable, type Tone, wrap } from '../layout.ts'

const tones: Readonly<Record<FindingSeverity, Tone>> = {
  CRITICAL: 'bad',
  HIGH: 'bad',
  MEDIUM: 'warn',
  LOW: 'plain',
}

/** Each finding, why it is one, and below it the SQL that mends it, each statement in one line. */
export function auditLines(
  findings: readonly Finding[],
  counts: Readonly<Record<FindingSeverity, number>>,
  paint: Paint,
): readonly string[] {
  const total = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`)
  const isBad = counts.CRITICAL + counts.HIGH > 0
  const summary = total.length === 0 ? 'nothing found' : total.join(', ')
  return [
    ...findings.flatMap(({ severity, rule, object, reason, mend }) => [
      `${paint(severity.padEnd(indent), tones[severity])}${paint(printable(object), 'strong')}  ${rule}`,
      ...wrap(reason, pageWidth - indent).map((line) => `${margin}${line}`),
      // In one line each, however long: they are there to be copied.
      ...mend.map((statement) => `${margin}→ ${printable(statement)};`),
    ]),
    ...(findings.length === 0 ? [] : ['']),
    paint(summary, isBad ? 'bad' : 'good'),
  ]
}

const indent = 10
const margin = ' '.repeat(indent)
