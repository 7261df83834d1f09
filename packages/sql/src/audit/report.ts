import type { Finding, FindingSeverity } from '../row-security/finding.ts'
import { findingSeverities } from '../row-security/finding.ts'

/** Findings as a document for programs. */
export interface AuditJson {
  readonly format: 'partywall.sql.audit/1'
  readonly counts: Readonly<Record<FindingSeverity, number>>
  readonly findings: readonly Finding[]
}

export function auditJson(findings: readonly Finding[]): AuditJson {
  const count = (severity: FindingSeverity): number =>
    findings.filter((finding) => finding.severity === severity).length
  const [critical, high, medium, low] = findingSeverities
  return {
    format: 'partywall.sql.audit/1',
    counts: {
      [critical]: count(critical),
      [high]: count(high),
      [medium]: count(medium),
      [low]: count(low),
    },
    findings,
  }
}

/** Findings for a person: what, why, and the SQL, as comments and statements that `psql` runs. */
export function auditText(findings: readonly Finding[]): string {
  if (findings.length === 0) return '-- nothing found\n'
  const parts = findings.map(({ severity, rule, object, reason, mend }) =>
    [
      `-- ${severity} ${rule}: ${oneLine(object)}`,
      `-- ${oneLine(reason)}`,
      ...mend.map((statement) => `${statement};`),
    ].join('\n'),
  )
  return `${parts.join('\n\n')}\n`
}

/** A name with a line break in it must not end a comment. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\u2028\u2029]+/g, ' ')
}
