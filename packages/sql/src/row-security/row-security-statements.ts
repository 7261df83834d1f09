import { aSecurityCatalogue, aTenantSchema, optional } from '../expected.ts'
import { inOptions, inSchema } from '../guard/given.ts'
import { SqlGuardError } from '../guard/sql-guard-error.ts'
import type { KnownOptions } from '../known-options.ts'
import { liveSchema } from '../schema/live-schema.ts'
import { graphOf, keyOf, type TableGraph } from '../schema/table-graph.ts'
import type { Relation, TenantSchema } from '../schema/tenant-schema.ts'
import { isTable } from './inspection.ts'
import {
  droppingStatements,
  enablingStatements,
  type Named,
  type PolicyContext,
  policyEndings,
  restrictionEndings,
} from './policy-statements.ts'
import { qualified } from './quoted.ts'
import type { SecurityCatalogue, TableSecurity } from './security-catalogue.ts'
import { aSetting, checkedSetting } from './setting.ts'

export interface RowSecurityOptions {
  /**
   * The live database: it knows partitions, views, and by which keys tables are owned through others.
   * Without it the declared tables alone are confined.
   */
  readonly catalogue?: SecurityCatalogue | undefined
  /** The setting that holds the tenant; it must have a dot. @defaultValue `'partywall.tenant'` */
  readonly setting?: string | undefined
  /** The name of the policy. @defaultValue `'partywall_tenant'` */
  readonly policy?: string | undefined
}

/** Statements in order, each whole; the reader runs them, in one transaction. */
export interface RowSecurityStatements {
  readonly enable: readonly string[]
  /** Takes back what `enable` does. A table with policies of others keeps row-level security on. */
  readonly disable: readonly string[]
}

const rowSecurityOptions: KnownOptions<RowSecurityOptions> = {
  catalogue: optional(aSecurityCatalogue),
  setting: optional(aSetting),
  policy: optional({
    words: 'a short plain name',
    fits: (value) => typeof value === 'string' && /^[A-Za-z_][A-Za-z0-9_]{0,54}$/.test(value),
  }),
}

/** The name of our policies. */
export const defaultPolicy = 'partywall_tenant'

/**
 * The SQL that has PostgreSQL itself keep tenants apart, and the SQL that takes it back. It runs
 * nothing. Where the catalogue has policies of others for a table, ours are restrictive, too: none of
 * theirs passes a row of another tenant then, to whatever role. Without it, look for them by
 * {@link verifyRowSecurity}. Global tables are left as they are, and views of a server before 15, where they can only
 * read with the rights of their owner: the audit names those that tenants reach.
 * @throws {@link SqlGuardError} `sql.schema` when the declarations do not fit the catalogue, when a
 * table is owned through others and there is none, or when tables have tenant keys of different
 * making: one setting holds one key. `sql.options` for a name that cannot be used.
 */
export function rowSecurityStatements(
  declared: TenantSchema,
  options: RowSecurityOptions = {},
): RowSecurityStatements {
  inSchema.value('schema', declared, aTenantSchema)
  inOptions.options<RowSecurityOptions>('options', options, rowSecurityOptions)
  const { catalogue, policy = defaultPolicy } = options
  const setting = checkedSetting(options.setting)
  oneTenantKey(declared)
  const schema = catalogue === undefined ? declared : liveSchema(declared, catalogue)
  const graph = catalogue && graphOf(catalogue.tables)
  const security = new Map(catalogue?.security.map((table) => [keyOf(table), table]))
  const hasOthersThan = (endings: readonly string[], table: Named): boolean => {
    const names = endings.map((ending) => policy + ending)
    return security.get(keyOf(table))?.policies.some(({ name }) => !names.includes(name)) === true
  }
  // Restrictive ones of ours from before are made again, so that they can be taken back.
  const hasOthers = (table: Named): boolean => hasOthersThan(policyEndings, table)
  const context: PolicyContext = { schema, graph, setting, policy, hasOthers }
  const enable: string[] = []
  const disable: string[] = []
  for (const [table, relation] of ownedTables(schema, graph)) {
    enable.push(...enablingStatements(table, relation, context))
    disable.push(...droppingStatements(table, context))
    if (hasOthersThan([...policyEndings, ...restrictionEndings], table)) continue
    disable.push(
      `ALTER TABLE ${qualified(table)} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY`,
    )
  }
  for (const view of catalogue === undefined ? [] : viewsToTurn(catalogue, schema, graph)) {
    enable.push(`ALTER VIEW ${qualified(view)} SET (security_invoker = true)`)
    disable.push(`ALTER VIEW ${qualified(view)} RESET (security_invoker)`)
  }
  return { enable, disable }
}

/** Every table whose rows belong to tenants, partitions and children included, once. */
function ownedTables(
  { relations }: TenantSchema,
  graph: TableGraph | undefined,
): readonly (readonly [table: Named, relation: Relation])[] {
  const found = new Map<string, readonly [Named, Relation]>()
  for (const [key, relation] of relations) {
    if (relation.table.kind === 'global') continue
    const family = graph?.family(key) ?? [namedBy(key)]
    for (const table of family) {
      const known = keyOf(table)
      // What is no table takes no policies; a child that is declared itself comes by itself.
      const isOther = known !== key && relations.has(known)
      const hasPolicies = !('kind' in table) || isTable(table)
      if (!isOther && hasPolicies) found.set(known, [table, relation])
    }
  }
  return [...found.values()]
}

/** A declared name of a table has no dot in it. */
function namedBy(key: string): Named {
  const dot = key.lastIndexOf('.')
  return { schema: key.slice(0, dot), name: key.slice(dot + 1) }
}

const invokerSince = 150_000

/** Views over rows of tenants that do not read with the rights of whoever asks yet. */
function viewsToTurn(
  catalogue: SecurityCatalogue,
  { relations }: TenantSchema,
  graph: TableGraph | undefined,
): readonly TableSecurity[] {
  if (catalogue.serverVersion < invokerSince) return []
  const isOwned = (key: string): boolean =>
    (relations.get(graph?.root(key) ?? key)?.table.kind ?? 'global') !== 'global'
  return catalogue.security.filter(
    (view) =>
      !view.invoker &&
      graph?.table(keyOf(view))?.kind === 'view' &&
      readBy(keyOf(view), catalogue.security).some(isOwned),
  )
}

/** What a view reads, itself and through other views. */
export function readBy(view: string, security: readonly TableSecurity[]): readonly string[] {
  const byKey = new Map(security.map((table) => [keyOf(table), table]))
  const read = new Set([view])
  for (const key of read) for (const next of byKey.get(key)?.reads ?? []) read.add(next)
  read.delete(view)
  return [...read]
}

function oneTenantKey({ relations }: TenantSchema): void {
  const keys = new Set<unknown>()
  for (const { table, tenantKey } of relations.values())
    if (table.kind === 'owner') keys.add(tenantKey)
  if (keys.size < 2) return
  throw new SqlGuardError('sql.schema', 'tables have different tenant keys; one setting holds one')
}
