import {
  type Finding,
  type FindingSeverity,
  findingRules,
  ruleTitles,
} from '../row-security/finding.ts'
import { mendLines } from './report.ts'

export interface AuditSarifOptions {
  /**
   * A file of the repository to show findings beside, such as the one that makes the schema: its path
   * from the root, with slashes, or a URL. Some services take no result without one.
   */
  readonly artifact?: string | undefined
}

/** Findings as SARIF 2.1.0 has them: as much of that format as is used here, to be written as it is. */
export interface SarifLog {
  readonly $schema: string
  readonly version: '2.1.0'
  readonly runs: readonly SarifRun[]
}

interface SarifRun {
  readonly tool: {
    readonly driver: {
      readonly name: string
      readonly rules: readonly SarifRule[]
    }
  }
  readonly columnKind: 'utf16CodeUnits'
  readonly results: readonly SarifResult[]
}

interface SarifRule {
  readonly id: string
  readonly shortDescription: { readonly text: string }
}

interface SarifResult {
  readonly ruleId: string
  readonly ruleIndex: number
  readonly level: 'error' | 'warning' | 'note'
  readonly message: { readonly text: string }
  readonly locations: readonly SarifLocation[]
  readonly partialFingerprints: Readonly<Record<string, string>>
  readonly properties: {
    readonly severity: FindingSeverity
    readonly mend: readonly string[]
  }
}

interface SarifLocation {
  readonly physicalLocation?: { readonly artifactLocation: { readonly uri: string } }
  readonly logicalLocations: readonly { readonly fullyQualifiedName: string }[]
}

const levels: Readonly<Record<FindingSeverity, SarifResult['level']>> = {
  CRITICAL: 'error',
  HIGH: 'error',
  MEDIUM: 'warning',
  LOW: 'note',
}

/** Findings for code scanning: one run, each rule named once, the same fingerprint each time. */
export function auditSarif(
  findings: readonly Finding[],
  { artifact }: AuditSarifOptions = {},
): SarifLog {
  const rules = findingRules.map((id) => ({ id, shortDescription: { text: ruleTitles[id] } }))
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'partywall sql audit', rules } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => resultOf(finding, artifact)),
      },
    ],
  }
}

function resultOf(finding: Finding, artifact: string | undefined): SarifResult {
  const { rule, severity, object, reason, mend } = finding
  const logicalLocations = [{ fullyQualifiedName: object }]
  const location: SarifLocation =
    artifact === undefined
      ? { logicalLocations }
      : { physicalLocation: { artifactLocation: { uri: uriOf(artifact) } }, logicalLocations }
  return {
    ruleId: rule,
    ruleIndex: findingRules.indexOf(rule),
    level: levels[severity],
    message: { text: [reason, ...mendLines(finding)].join('\n') },
    locations: [location],
    partialFingerprints: { 'partywall/1': `${rule} ${object}` },
    properties: { severity, mend },
  }
}

/** A path may hold what means something else in a URI. */
function uriOf(artifact: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(artifact)) return artifact
  return artifact.split('/').map(encodeURIComponent).join('/')
}
