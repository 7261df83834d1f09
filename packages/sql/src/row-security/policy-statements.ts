import { SqlGuardError } from '../guard/sql-guard-error.ts'
import type { CatalogueTable } from '../schema/catalogue.ts'
import type { TableGraph } from '../schema/table-graph.ts'
import type { Relation, TenantSchema } from '../schema/tenant-schema.ts'
import { qualified, quoted } from './quoted.ts'

/** A table by its name in the database. */
export type Named = Pick<CatalogueTable, 'schema' | 'name'>

export interface PolicyContext {
  /** With what a live database says of it, where tables are owned through others. */
  readonly schema: TenantSchema
  readonly graph: TableGraph | undefined
  readonly setting: string
  readonly policy: string
  /** Whether a table has policies that are not these: what any of them passes, PostgreSQL passes. */
  readonly hasOthers: (table: Named) => boolean
}

/** Policies, and the switches that put them in force, for one table that holds rows of tenants. */
export function enablingStatements(
  table: Named,
  relation: Relation,
  context: PolicyContext,
): readonly string[] {
  const own = conditionOf(relation, table, { context, path: [], reference: quoted(table.name) })
  const shared = sharedCondition(relation)
  const policies: readonly (readonly [ending: string, clauses: string])[] = [
    ['', `USING (${own}) WITH CHECK (${own})`],
    ...(shared === undefined ? [] : [[sharedEnding, `FOR SELECT USING (${shared})`] as const]),
    ...(context.hasOthers(table) ? restrictions(own, shared) : []),
  ]
  const name = qualified(table)
  return [
    ...droppingStatements(table, context),
    ...policies.map(
      ([ending, clauses]) =>
        `CREATE POLICY ${quoted(context.policy + ending)} ON ${name} ${clauses}`,
    ),
    `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
  ]
}

export function droppingStatements(
  table: Named,
  { policy, hasOthers }: Pick<PolicyContext, 'policy' | 'hasOthers'>,
): readonly string[] {
  const endings = hasOthers(table) ? [...policyEndings, ...restrictionEndings] : policyEndings
  return endings.map(
    (ending) => `DROP POLICY IF EXISTS ${quoted(policy + ending)} ON ${qualified(table)}`,
  )
}

/** Of the policy by which rows without an owner are read. */
const sharedEnding = '_shared'
/** How the names of our policies end. */
export const policyEndings: readonly string[] = ['', sharedEnding]
/** The same of those that stand beside policies of others. */
export const restrictionEndings: readonly string[] = ['_only', '_insert', '_update', '_delete']

function sharedCondition({ table }: Relation): string | undefined {
  if (table.kind !== 'owner' || table.shared !== 'null') return undefined
  return `${quoted(table.column)} IS NULL`
}

/** By the ending of its name, what a policy says that no other one can widen. */
function restrictions(
  own: string,
  shared: string | undefined,
): readonly (readonly [ending: string, clauses: string])[] {
  if (shared === undefined) {
    return [['_only', `AS RESTRICTIVE USING (${own}) WITH CHECK (${own})`]]
  }
  return [
    ['_only', `AS RESTRICTIVE FOR SELECT USING (${own} OR ${shared})`],
    ['_insert', `AS RESTRICTIVE FOR INSERT WITH CHECK (${own})`],
    ['_update', `AS RESTRICTIVE FOR UPDATE USING (${own}) WITH CHECK (${own})`],
    ['_delete', `AS RESTRICTIVE FOR DELETE USING (${own})`],
  ]
}

interface Place {
  readonly context: PolicyContext
  /** How the table is called where the condition stands. */
  readonly reference: string
  /** The tables around it, outermost first. */
  readonly path: readonly string[]
}

/** What is true of the rows of one tenant alone. */
function conditionOf(
  relation: Relation,
  table: Named,
  { context, reference, path }: Place,
): string {
  const { setting, schema, graph } = context
  const declared = relation.table
  if (declared.kind === 'owner') {
    const type = declared.type === 'varchar' ? 'text' : declared.type
    // The subquery is evaluated once for a statement, not once for a row.
    const tenant = `(SELECT nullif(pg_catalog.current_setting('${setting}', true), '')::${type})`
    return `${reference}.${quoted(declared.column)} = ${tenant}`
  }
  const key = `${table.schema}.${table.name}`
  const keys = schema.relations.get(graph?.root(key) ?? key)?.live?.through ?? []
  if (keys.length === 0)
    throw invalid(`${relation.name} is owned through others: give the catalogue`)
  return keys
    .map(({ column, parent, parentColumn }) => {
      const above = schema.relations.get(parent)
      const found = graph?.table(parent)
      if (above === undefined || found === undefined) throw invalid(`${parent} is not declared`)
      // PostgreSQL would evaluate the policy of the table within itself.
      if ([key, ...path].includes(parent)) throw invalid(`${parent} is owned through itself`)
      const alias = quoted(`partywall_parent_${path.length + 1}`)
      const inner = { context, reference: alias, path: [key, ...path] }
      const join = `${alias}.${quoted(parentColumn)} = ${reference}.${quoted(column)}`
      const from = `${qualified(found)} AS ${alias}`
      return `EXISTS (SELECT 1 FROM ${from} WHERE ${join} AND ${conditionOf(above, found, inner)})`
    })
    .join(' AND ')
}

function invalid(message: string): SqlGuardError {
  return new SqlGuardError('sql.schema', message)
}
