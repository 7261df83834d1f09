import { codeFindings } from '../audit/code-findings.ts'
import { truncateFindings, viewFindings } from '../audit/view-findings.ts'
import { loadParser } from '../parse/parse.ts'
import type { CatalogueTable } from '../schema/catalogue.ts'
import type { CatalogueReader } from '../schema/catalogue-reader.ts'
import { mendNullEquals, placeOfNullEquals } from '../schema/null-equals.ts'
import { keyOf } from '../schema/table-graph.ts'
import type { Relation, TenantSchema } from '../schema/tenant-schema.ts'
import { strangerAmong } from '../schema/used-routines.ts'
import { type Finding, type FindingRule, sorted } from './finding.ts'
import { type Inspection, type InspectionOptions, inspect, isTable } from './inspection.ts'
import { passesNothing } from './policy-condition.ts'
import { confines, type PolicySite } from './policy-proof.ts'
import { enablingStatements } from './policy-statements.ts'
import { everybody, grantee, qualified, quoted } from './quoted.ts'
import { roleFindings } from './role-findings.ts'
import { isGranted } from './roles.ts'
import { defaultPolicy } from './row-security-statements.ts'
import type { RowPolicy, TableSecurity } from './security-catalogue.ts'
import { settingFindings } from './setting-findings.ts'

/**
 * Whether row-level security really keeps tenants apart in a live database: every policy of every
 * table that holds rows of tenants is parsed and proved, whatever it is called, and what goes around
 * policies is looked for: roles, a setting that sessions begin with, views, rules and functions with
 * the rights of their owner, TRUNCATE. A policy that is for none of the roles that serve tenants is
 * passed over. No finding: reading and writing stays in the tenant that the session names. Keys,
 * triggers, and tables that nobody declared are not looked at; the audit knows keys and such tables.
 */
export async function verifyRowSecurity(
  reader: CatalogueReader,
  schema: TenantSchema,
  options: InspectionOptions = {},
): Promise<readonly Finding[]> {
  await loadParser()
  const inspection = await inspect(reader, schema, options)
  return sorted([...rowSecurityFindings(inspection), ...bypassFindings(inspection)])
}

/** Code that runs with the rights of somebody else, or in the place of what was asked. */
const bypasses: readonly FindingRule[] = ['definer-function', 'rule-on-table']

/** What reads and writes rows of tenants without their policies. */
function bypassFindings(inspection: Inspection): readonly Finding[] {
  return [
    ...viewFindings(inspection),
    ...truncateFindings(inspection),
    ...codeFindings(inspection).filter(({ rule }) => bypasses.includes(rule)),
  ]
}

/** Policies, roles and settings of a database that was read. The parser must be loaded. */
export function rowSecurityFindings(inspection: Inspection): readonly Finding[] {
  const { declared, graph } = inspection
  const keys = new Set(
    [...declared.relations.keys()]
      .filter(inspection.isOwned)
      .flatMap((key) => graph.family(key).map(keyOf)),
  )
  return [
    ...[...keys].flatMap((key) => tableFindings(key, inspection)),
    ...roleFindings(inspection),
    ...nobodyFindings(inspection),
    ...settingFindings(inspection),
    ...nullFindings(inspection),
  ]
}

function tableFindings(key: string, inspection: Inspection): readonly Finding[] {
  const table = inspection.graph.table(key)
  const security = inspection.security(key)
  const relation = inspection.declaredAs(key)
  if (table === undefined || security === undefined || relation === undefined) return []
  const mend = mended(table, relation, inspection)
  const findings = [...policyFindings(security, { table, relation, inspection, mend })]
  if (!security.enabled) {
    const reason = isTable(table)
      ? `${key} has no row-level security: one statement without its tenant reads everybody's rows`
      : `${key} is a foreign table and can have no policies: it must not be within reach of tenants`
    const isReached =
      isTable(table) ||
      security.grants.some((grant) => isGranted(grant.grantee, inspection.serving))
    if (!isReached) return []
    findings.push({ rule: 'row-security-disabled', severity: 'HIGH', object: key, reason, mend })
    // Policies are in force once row-level security is.
    return findings
  }
  if (!security.forced) {
    findings.push({
      rule: 'row-security-not-forced',
      severity: 'HIGH',
      object: key,
      reason: `no policy of ${key} holds for ${security.owner}, its owner, and whoever is a member of it`,
      mend: [`ALTER TABLE ${qualified(table)} FORCE ROW LEVEL SECURITY`],
    })
  }
  return findings
}

/** Our own policy for the table, where one can be made. */
function mended(
  table: CatalogueTable,
  relation: Relation,
  { live, graph, setting, security, serving }: Inspection,
): readonly string[] {
  const key = keyOf(table)
  if (!isTable(table)) {
    const granted = security(key)?.grants.map((grant) => grant.grantee) ?? []
    const reached = [...new Set(granted)].filter((each) => isGranted(each, serving))
    return reached.map((each) => `REVOKE ALL ON ${qualified(table)} FROM ${grantee(each)}`)
  }
  const root = live.relations.get(key) ?? live.relations.get(graph.root(key))
  if (root === undefined && relation.table.kind === 'through') return []
  // Open ones are findings of their own.
  const hasOthers = (): boolean => false
  const context = { schema: live, graph, setting, policy: defaultPolicy, hasOthers }
  return enablingStatements(table, root ?? relation, context)
}

interface PolicyContext {
  readonly table: CatalogueTable
  readonly relation: Relation
  readonly inspection: Inspection
  readonly mend: readonly string[]
}

const commands = ['select', 'insert', 'update', 'delete'] as const
type Command = (typeof commands)[number]

function policyFindings(security: TableSecurity, context: PolicyContext): readonly Finding[] {
  const { table, inspection, mend } = context
  const key = keyOf(table)
  const serving = security.policies.filter(({ roles }) =>
    roles.some((role) => isGranted(role, inspection.serving)),
  )
  return serving.flatMap((policy): readonly Finding[] => {
    if (!policy.permissive) return []
    const open = commands.flatMap((command) => openUses(policy, command, { security, context }))
    if (open.length === 0) return []
    const says = `the policy ${policy.name} of ${key} is not proved to pass the tenant's rows alone`
    const common = { rule: 'policy-does-not-confine', severity: 'CRITICAL' } as const
    const object = `${key} ${policy.name}`
    // Nothing can be proved of a table that is not what it is declared to be.
    if (siteOf(context, 'select') === undefined) {
      const reason = `${says}: the declaration of the table does not fit the database`
      return [{ ...common, object, reason, mend: [] }]
    }
    const reason = `${says}, for ${open.join(' and ')}: it must compare the owner with ${inspection.setting}`
    const dropped = `DROP POLICY ${quoted(policy.name)} ON ${qualified(table)}`
    return [{ ...common, object, reason, mend: [dropped, ...mend] }]
  })
}

/** How a policy lets a command get at rows that are not proved to be the tenant's. */
function openUses(
  policy: RowPolicy,
  command: Command,
  { security, context }: { readonly security: TableSecurity; readonly context: PolicyContext },
): readonly string[] {
  if (!isFor(policy, command)) return []
  const beside = security.policies.filter(
    (each) => !each.permissive && isFor(each, command) && isForAllOf(each, policy),
  )
  const { live } = context.inspection
  // What others say by code of somebody's own, their text may not show.
  const plain = [policy, ...beside].filter(({ uses }) => strangerAmong(uses, live) === undefined)
  const site = siteOf(context, command)
  const isOpen = (expressionOf: (each: RowPolicy) => string | null): boolean => {
    const own = expressionOf(policy)
    // A permissive policy without an expression passes nothing.
    if (own === null || passesNothing(own)) return false
    const said = plain.flatMap((each) => expressionOf(each) ?? [])
    return site === undefined || !confines(said, site)
  }
  const uses: string[] = []
  if (command !== 'insert' && isOpen(({ using }) => using)) uses.push(command.toUpperCase())
  const written = ({ check, using }: RowPolicy): string | null => check ?? using
  if ((command === 'insert' || command === 'update') && isOpen(written)) {
    uses.push(`rows that ${command.toUpperCase()} writes`)
  }
  return uses
}

/** Where the policies of a table are proved; `undefined` where the declarations do not fit it. */
function siteOf({ table, inspection }: PolicyContext, command: Command): PolicySite | undefined {
  const { live, graph, setting } = inspection
  const key = keyOf(table)
  const root = live.relations.has(key) ? table : graph.table(graph.root(key))
  const relation = root && live.relations.get(keyOf(root))
  if (root === undefined || relation === undefined) return undefined
  const mayShare =
    command === 'select' && relation.table.kind === 'owner' && relation.table.shared === 'null'
  return { schema: live, setting, table: root, alias: table.name, mayShare }
}

function isFor({ command }: RowPolicy, wanted: Command): boolean {
  return command === 'all' || command === wanted
}

/** Whether a restrictive policy holds for everybody for whom the other one does. */
function isForAllOf(restrictive: RowPolicy, { roles }: RowPolicy): boolean {
  const { roles: own } = restrictive
  return own.includes(everybody) || roles.every((role) => own.includes(role))
}

/** Who serves tenants then is the superuser that the cluster began with. */
function nobodyFindings({ serving, catalogue }: Inspection): readonly Finding[] {
  if (serving.length > 0) return []
  const { name = 'a superuser' } = catalogue.roles.find(({ bootstrap }) => bootstrap) ?? {}
  const reason = `no role but ${name} was found that serves tenants, and no policy holds for it: make one that can log in and owns no table`
  return [{ rule: 'role-is-superuser', severity: 'CRITICAL', object: name, reason, mend: [] }]
}

/** Views, policies and statements mean something else to such sessions. */
function nullFindings({ catalogue }: Inspection): readonly Finding[] {
  return catalogue.nullEquals.map((found) => ({
    rule: 'null-equals',
    severity: 'HIGH',
    object: placeOfNullEquals(found),
    reason: 'x = NULL means x IS NULL there: no statement is what the guard takes it for',
    mend: mendNullEquals(found),
  }))
}
