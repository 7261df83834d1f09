import { isPartywallError } from '@partywall/context'
import { aTenantSchema, names, optional } from '../expected.ts'
import { inOptions, inSchema } from '../guard/given.ts'
import type { KnownOptions } from '../known-options.ts'
import type { CatalogueTable } from '../schema/catalogue.ts'
import type { CatalogueReader } from '../schema/catalogue-reader.ts'
import type { DeclaredTable } from '../schema/declared-table.ts'
import { liveSchema } from '../schema/live-schema.ts'
import { graphOf, keyOf, type TableGraph } from '../schema/table-graph.ts'
import type { Relation, TenantSchema } from '../schema/tenant-schema.ts'
import { throughKeys } from '../schema/through-keys.ts'
import { loadSecurityCatalogue } from './load-security-catalogue.ts'
import { type ServingRole, servingRoles } from './roles.ts'
import type { SecurityCatalogue, TableSecurity } from './security-catalogue.ts'
import { loadServerSetting, type ServerSetting } from './server-setting.ts'
import { aSetting, checkedSetting } from './setting.ts'

export interface InspectionOptions {
  /**
   * The roles by which tenants reach the database.
   * @defaultValue all that can log in, but for the superuser that the cluster began with
   */
  readonly roles?: readonly string[] | undefined
  /** The setting that holds the tenant. @defaultValue `'partywall.tenant'` */
  readonly setting?: string | undefined
}

const inspectionOptions: KnownOptions<InspectionOptions> = {
  roles: optional(names),
  setting: optional(aSetting),
}

/** A database beside its declarations: what verification and audit look at. */
export interface Inspection {
  readonly declared: TenantSchema
  /** The part of the declarations that fits the database, as it stands there. */
  readonly live: TenantSchema
  readonly catalogue: SecurityCatalogue
  readonly graph: TableGraph
  readonly serving: readonly ServingRole[]
  readonly setting: string
  /** Where the server itself gives sessions a value of it, if it does. */
  readonly serverSetting: ServerSetting | undefined
  /** Of a table by `schema.name`. */
  readonly security: (key: string) => TableSecurity | undefined
  /** As what a table is declared, or the one that it is a partition or child of. */
  readonly declaredAs: (key: string) => Relation | undefined
  /** Whether a table holds rows of tenants: declared so, itself or above. */
  readonly isOwned: (key: string) => boolean
}

/** Reads a database and lays the declarations beside it. */
export async function inspect(
  reader: CatalogueReader,
  declared: TenantSchema,
  options: InspectionOptions,
): Promise<Inspection> {
  inSchema.value('schema', declared, aTenantSchema)
  inOptions.options<InspectionOptions>('options', options, inspectionOptions)
  const setting = checkedSetting(options.setting)
  const catalogue = await loadSecurityCatalogue(reader)
  const serverSetting = await loadServerSetting(reader, setting)
  return inspectionOf(declared, catalogue, { ...options, setting, serverSetting })
}

function inspectionOf(
  declared: TenantSchema,
  catalogue: SecurityCatalogue,
  {
    roles,
    setting,
    serverSetting,
  }: InspectionOptions & Pick<Inspection, 'setting' | 'serverSetting'>,
): Inspection {
  const graph = graphOf(catalogue.tables)
  const security = new Map(catalogue.security.map((table) => [keyOf(table), table]))
  const declaredAs = (key: string): Relation | undefined =>
    declared.relations.get(key) ?? declared.relations.get(graph.root(key))
  return {
    declared,
    live: fitting(declared, catalogue, graph),
    catalogue,
    graph,
    serving: servingRoles(catalogue, roles),
    setting,
    serverSetting,
    security: (key) => security.get(key),
    declaredAs,
    isOwned: (key) => (declaredAs(key)?.table.kind ?? 'global') !== 'global',
  }
}

/** Whether the owner column of a table is what it must be, if it has one. */
export function hasItsOwner(table: DeclaredTable, found: CatalogueTable): boolean {
  if (table.kind !== 'owner') return true
  const column = found.columns.find(({ name }) => name === table.column)
  // A declared type is one that owners can have.
  return column?.deterministic === true && column.type === table.type
}

export function isTable({ kind }: CatalogueTable): boolean {
  return kind === 'table' || kind === 'partitioned_table'
}

/** Leaves out what contradicts the database, and what is owned through that. */
function fitting(
  declared: TenantSchema,
  catalogue: SecurityCatalogue,
  graph: TableGraph,
): TenantSchema {
  const kept = new Map<string, Relation>()
  for (const [key, relation] of declared.relations) {
    const table = graph.table(key)
    if (table === undefined || !isTable(table) || !hasItsOwner(relation.table, table)) continue
    kept.set(key, { ...relation, table: { ...relation.table, columns: undefined } })
  }
  dropUnbound(kept, graph)
  // Those are findings of their own.
  const tables = catalogue.tables.map((table) => ({ ...table, policies: [] }))
  const { hidesBuiltins: _, ...visible } = catalogue
  const readable = { ...visible, nullEquals: [], textSettings: [], casts: [], tables }
  try {
    return liveSchema({ ...declared, relations: kept }, readable)
  } catch (error) {
    if (!isPartywallError(error, 'sql.schema')) throw error
    // Only children that are declared in another way are left to contradict.
    for (const key of [...kept.keys()]) if (graph.family(key).length > 1) kept.delete(key)
    dropUnbound(kept, graph)
    return liveSchema({ ...declared, relations: kept }, readable)
  }
}

/** Takes out tables whose keys to their owners do not hold, until all that are left do. */
function dropUnbound(kept: Map<string, Relation>, graph: TableGraph): void {
  for (let before = -1; before !== kept.size; ) {
    before = kept.size
    for (const [key, { table }] of kept) {
      const found = graph.table(key)
      if (table.kind !== 'through' || found === undefined) continue
      const { problems } = throughKeys(found, table.through, graph, (name) => kept.get(name))
      if (problems.length > 0) kept.delete(key)
    }
  }
}
