import type { Finding, FindingSeverity } from '../finding.ts'
import { type Paint, pageWidth, type Tone, wrap } from '../layout.ts'

const tones: Readonly<Record<FindingSeverity, Tone>> = {
  error: 'bad',
  warning: 'warn',
  info: 'plain',
}

/** Each finding, and below it what to do. */
export function findingLines(findings: readonly Finding[], paint: Paint): readonly string[] {
  const counts = (['error', 'warning'] as const).map((severity) => {
    const count = findings.filter((each) => each.severity === severity).length
    return `${count} ${severity}${count === 1 ? '' : 's'}`
  })
  return [
    ...findings.flatMap(({ severity, finding, todo }) => [
      ...indented(finding, `${severity.padEnd(9)}`, tones[severity], paint),
      ...indented(`→ ${todo}`, ' '.repeat(9), 'plain', paint),
    ]),
    ...(findings.length === 0 ? [] : ['']),
    paint(
      counts.join(', '),
      findings.some(({ severity }) => severity === 'error') ? 'bad' : 'good',
    ),
  ]
}

function indented(text: string, start: string, tone: Tone, paint: Paint): readonly string[] {
  return wrap(text, pageWidth - start.length).map((line, index) =>
    index === 0 ? `${paint(start, tone)}${line}` : `${' '.repeat(start.length)}${line}`,
  )
}
