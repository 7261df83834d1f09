import type { Finding, FindingRule, FindingSeverity } from '../row-security/finding.ts'
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

/**
 * Findings for a person: what, why, and the SQL, as comments and statements that `psql` runs. Each is
 * mended whole or not at all; columns are added and changed before what else needs them.
 */
export function auditText(findings: readonly Finding[]): string {
  if (findings.length === 0) return '-- nothing found\n'
  const isFirst = ({ rule }: Finding): boolean => makesColumns.includes(rule)
  const inOrder = [...findings.filter(isFirst), ...findings.filter((each) => !isFirst(each))]
  const parts = inOrder.map((finding) =>
    [
      `-- ${finding.severity} ${finding.rule}: ${oneLine(finding.object)}`,
      `-- ${oneLine(finding.reason)}`,
      ...mendLines(finding),
    ].join('\n'),
  )
  return `${parts.join('\n\n')}\n`
}

/** Policies and keys of other findings may be made of these columns. */
const makesColumns: readonly FindingRule[] = ['table-without-owner', 'owner-type']

/** What mends a finding: several statements in one transaction, so that none takes away what does not come again. */
export function mendLines({ mend }: Finding): readonly string[] {
  const lines = mend.map((statement) => `${statement};`)
  // The server takes no ALTER SYSTEM in a transaction; nothing is lost between that and what follows.
  const isApart =
    lines.length < 2 || mend.some((statement) => statement.startsWith('ALTER SYSTEM '))
  return isApart ? lines : ['BEGIN;', ...lines, 'COMMIT;']
}

/** A name with a line break in it must not end a comment. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\u2028\u2029]+/g, ' ')
}
