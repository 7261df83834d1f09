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
}

/** Policies, and the switches that put them in force, for one table that holds rows of tenants. */
export function enablingStatements(
  table: Named,
  relation: Relation,
  context: PolicyContext,
): readonly string[] {
  const own = conditionOf(relation, table, { context, path: [], reference: quoted(table.name) })
  const name = qualified(table)
  return [
    ...droppingStatements(table, context.policy),
    `CREATE POLICY ${quoted(context.policy)} ON ${name} USING (${own}) WITH CHECK (${own})`,
    ...sharedPolicy(table, relation, context),
    `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
  ]
}

export function droppingStatements(table: Named, policy: string): readonly string[] {
  return [policy, sharedName(policy)].map(
    (each) => `DROP POLICY IF EXISTS ${quoted(each)} ON ${qualified(table)}`,
  )
}

/** The name of the policy by which rows without an owner are read. */
export function sharedName(policy: string): string {
  return `${policy}_shared`
}

function sharedPolicy(
  table: Named,
  { table: declared }: Relation,
  { policy }: PolicyContext,
): readonly string[] {
  if (declared.kind !== 'owner' || declared.shared !== 'null') return []
  const name = quoted(sharedName(policy))
  const column = quoted(declared.column)
  return [`CREATE POLICY ${name} ON ${qualified(table)} FOR SELECT USING (${column} IS NULL)`]
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
