/** How bad it is, worst first. */
export const findingSeverities = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'] as const
export type FindingSeverity = (typeof findingSeverities)[number]

/** What is looked for, by the id that a finding carries. Ids are stable. */
export const findingRules = [
  'row-security-disabled',
  'row-security-not-forced',
  'policy-does-not-confine',
  'setting-has-default',
  'null-equals',
  'role-is-superuser',
  'role-bypasses-row-security',
  'role-owns-table',
  'role-owns-schema',
  'declaration-contradicts',
  'table-undeclared',
  'table-without-owner',
  'owner-type',
  'owner-nullable',
  'unique-without-owner',
  'foreign-key-without-owner',
  'owner-not-indexed',
  'index-not-led-by-owner',
  'definer-function',
  'view-without-invoker',
  'materialized-view',
  'rule-on-table',
  'truncate-granted',
  'overload-in-path',
  'stored-code',
  'cast-by-function',
] as const
export type FindingRule = (typeof findingRules)[number]

/** What each rule is about. */
export const ruleTitles: Readonly<Record<FindingRule, string>> = {
  'row-security-disabled': 'A table of tenants has no row-level security.',
  'row-security-not-forced': 'Row-level security does not hold for the owner of the table.',
  'policy-does-not-confine': "A policy lets rows through that are not the tenant's.",
  'setting-has-default': 'Sessions have a tenant before anybody has set one.',
  'null-equals': 'Sessions read x = NULL as x IS NULL.',
  'role-is-superuser': 'A role that serves tenants is a superuser, for whom no policy holds.',
  'role-bypasses-row-security': 'A role that serves tenants goes past row-level security.',
  'role-owns-table': 'A role that serves tenants owns their tables, and can switch policies off.',
  'role-owns-schema':
    'A role that serves tenants owns the schema of their tables, or the database, and can drop them.',
  'declaration-contradicts': 'The declared schema does not fit the database.',
  'table-undeclared': 'A table that nobody declared is within reach of tenants.',
  'table-without-owner': 'A table does not say whose its rows are.',
  'owner-type': 'The owner column has a type or a collation that calls different values equal.',
  'owner-nullable': 'Rows may have no owner.',
  'unique-without-owner': 'A unique key tells one tenant which values another one has.',
  'foreign-key-without-owner': 'A foreign key refers to rows of other tenants.',
  'owner-not-indexed': 'No index finds the rows of one tenant.',
  'index-not-led-by-owner': "An index holds all tenants' rows in one order.",
  'definer-function': 'A function runs with the rights of its owner.',
  'view-without-invoker': 'A view reads with the rights of its owner.',
  'materialized-view': 'A materialised view holds rows of all tenants, and has no policies.',
  'rule-on-table': 'A rewrite rule puts another statement in the place of the one that was proved.',
  'truncate-granted': 'TRUNCATE removes rows of all tenants; policies do not hold for it.',
  'overload-in-path': "Code of the database's own stands in for something built in.",
  'stored-code': 'The server computes by itself what nobody knows to be harmless.',
  'cast-by-function':
    "A function of the database's own runs wherever one type is wanted as another.",
}

/** One thing that is wrong in a database. */
export interface Finding {
  readonly rule: FindingRule
  readonly severity: FindingSeverity
  /** What it is about: `schema.table`, a policy, a key, a role. With the rule it is an identity. */
  readonly object: string
  readonly reason: string
  /**
   * Statements that mend it, in order, to be run in one transaction: some take away first what they make
   * again. None where a person must decide, or something else must be mended first: the reason says what.
   */
  readonly mend: readonly string[]
}

/** The worst first, else by rule and object: the same database gives the same list. */
export function sorted(findings: readonly Finding[]): readonly Finding[] {
  const weight = ({ severity }: Finding): number => findingSeverities.indexOf(severity)
  const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  return [...findings].sort(
    (a, b) => weight(a) - weight(b) || byText(a.rule, b.rule) || byText(a.object, b.object),
  )
}
