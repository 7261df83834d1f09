import { aCatalogue, aTenantSchema } from '../expected.ts'
import { inCatalogue, inSchema } from '../guard/given.ts'
import { SqlGuardError } from '../guard/sql-guard-error.ts'
import { functionKind, isBuiltinOperator } from '../translate/builtin-functions.ts'
import type {
  Catalogue,
  CatalogueColumn,
  CatalogueRoutine,
  CatalogueTable,
  UniqueIndex,
} from './catalogue.ts'
import { familyOfCast, ownerTypes } from './column-type.ts'
import type { DeclaredTable } from './declared-table.ts'
import { type CodeKind, isExtensionCode } from './extension-code.ts'
import type { LiveTable } from './live-table.ts'
import { namedTypes } from './named-types.ts'
import { referentialEffects } from './referential-effects.ts'
import { findingOf } from './search-path.ts'
import { type CodeSource, routineCode, tableCode, typeCode } from './stored-code.ts'
import { graphOf, keyOf, type TableGraph } from './table-graph.ts'
import type { Relation, TenantSchema } from './tenant-schema.ts'
import { refuseTextSettings } from './text-settings.ts'
import { throughKeys } from './through-keys.ts'
import { castDoubt } from './user-casts.ts'

/**
 * The schema as it really stands in a database: column lists, types, keys and what follows from
 * them come from the catalogue, and names mean what they mean there.
 * @throws {@link SqlGuardError} `sql.schema` naming everything that contradicts the declarations, or
 * where sessions begin with settings by which texts mean something else; `sql.catalogue` for what is no
 * catalogue.
 */
export function liveSchema(declared: TenantSchema, catalogue: Catalogue): TenantSchema {
  inSchema.value('declared', declared, aTenantSchema)
  inCatalogue.value('catalogue', catalogue, aCatalogue)
  refuseTextSettings(catalogue)
  const graph = graphOf(catalogue.tables)
  const ofType = typeCode(catalogue)
  const source: CodeSource = { graph, ofType }
  const problems: string[] = [
    ...confusions(catalogue.tables),
    ...pathProblems(catalogue),
    ...castProblems(declared, catalogue),
  ]
  const relations = new Map<string, Relation>()
  const declaredAs = (key: string): Relation | undefined =>
    declared.relations.get(key) ?? declared.relations.get(graph.root(key))
  for (const [key, relation] of declared.relations) {
    const table = graph.table(key)
    if (table === undefined) {
      problems.push(`${key} does not exist`)
      continue
    }
    problems.push(...contradictions(relation, table))
    const columns = table.columns.map(({ name }) => name)
    const owned = relation.table.kind === 'through' ? relation.table.through : []
    const through = throughKeys(table, owned, graph, (name) => declared.relations.get(name))
    problems.push(...through.problems, ...strangers(relation, key, graph, declared))
    const code = tableCode(key, source)
    const live = { ...liveTable(table, graph, declaredAs), code, through: through.keys }
    relations.set(key, { ...relation, table: { ...relation.table, columns }, live })
  }
  if (problems.length > 0) {
    throw new SqlGuardError(
      'sql.schema',
      `the declarations do not fit the database:\n${problems.join('\n')}`,
    )
  }
  const named = catalogue.routines.filter(({ schema }) => catalogue.searchPath.includes(schema))
  const shadowing = new Set(
    named
      .filter(({ extension }) => extension === null || !declared.trustsExtension(extension))
      .map(({ kind, name }) => `${kind} ${name}`),
  )
  const aggregates = new Set(named.filter(({ aggregate }) => aggregate).map(({ name }) => name))
  const plain = new Map<string, boolean>()
  for (const { schema, name, aggregate } of catalogue.routines) {
    const key = `${schema}.${name}`
    plain.set(key, plain.get(key) !== false && !aggregate)
  }
  const installed = new Set(named.flatMap(({ extension }) => extension ?? []))
  const types = namedTypes(declared, catalogue, ofType)
  const ofRoutine = routineCode(catalogue)
  const namesakes = new Set(catalogue.namesakes)
  function find(name: string, schema: string | undefined): CatalogueTable | undefined {
    // Such a name with its schema is the same as others'.
    if (name.includes('.') || schema?.includes('.') === true) return undefined
    // PostgreSQL looks into pg_catalog first.
    if (schema === undefined && name.startsWith('pg_')) return undefined
    const path = schema === undefined ? catalogue.searchPath : [schema]
    const keys = path.map((each) => keyOf({ schema: each, name }))
    // What is no table hides those that come after it.
    const found = keys.find((key) => namesakes.has(key) || graph.table(key) !== undefined)
    return found === undefined ? undefined : graph.table(found)
  }
  return Object.freeze({
    ...declared,
    relations,
    serverVersion: catalogue.serverVersion,
    ...findingOf(catalogue),
    relation: (name: string, schema?: string) => {
      const table = find(name, schema)
      return table && relations.get(keyOf(table))
    },
    view: (name: string, schema?: string) => {
      const view = find(name, schema)
      if (view?.kind !== 'view' || view.definition === null) return undefined
      const columns = view.columns.map((column) => column.name)
      return { key: keyOf(view), definition: view.definition, uses: view.uses, columns }
    },
    domain: types.codeOf,
    routineCode: (name: string) => [...ofRoutine(name), ...types.callCode(name)],
    declaresType: (name: string) => declared.declaresType(name) || types.isEnum(name),
    mayAggregate: (name: string) =>
      aggregates.has(name) || (name.includes('.') && plain.get(name) !== true),
    installs: (kind: CodeKind, name: string, schema?: string) => {
      if (kind === 'type') return types.isOfExtension(name, schema)
      return schema === undefined
        ? declared.installs(kind, name) || isExtensionCode(installed, kind, name)
        : isInstalledIn(schema, kind, name, { routines: catalogue.routines, declared })
    },
    shadows: (kind: 'function' | 'operator', name: string) => shadowing.has(`${kind} ${name}`),
  })
}

/**
 * Whether all that has this name in a schema is known code of the extensions there: what only they
 * have, or an overload of a built-in name, by which PostgreSQL prints what the path does not find.
 */
function isInstalledIn(
  schema: string,
  kind: CatalogueRoutine['kind'],
  name: string,
  { routines, declared }: { routines: Catalogue['routines']; declared: TenantSchema },
): boolean {
  const found = routines.filter(
    (each) => each.kind === kind && each.schema === schema && each.name === name,
  )
  const isBuiltin =
    kind === 'operator' ? isBuiltinOperator(name) : functionKind(name, false) === 'plain'
  const isKnown = ({ extension, aggregate }: CatalogueRoutine): boolean =>
    extension !== null &&
    (isExtensionCode(new Set([extension]), kind, name) ||
      (isBuiltin && !aggregate && declared.trustsExtension(extension)))
  return found.length > 0 && found.every(isKnown)
}

/** Tables that nobody can tell apart by their schema and name: `"a.b".c` and `a."b.c"`. */
function confusions(tables: readonly CatalogueTable[]): string[] {
  const keys = tables.map(keyOf)
  return keys
    .filter((key, i) => keys.indexOf(key) !== i)
    .map((key) => `${key} is two tables: rename those with a dot in their names`)
}

function pathProblems({ hidesBuiltins }: Catalogue): string[] {
  return hidesBuiltins === true
    ? ['the search path has schemas before pg_catalog: leave it out there, then it comes first']
    : []
}

/** Code that stands in for PostgreSQL's own wherever a value of one type is wanted as another. */
function castProblems(declared: TenantSchema, { casts }: Catalogue): string[] {
  return casts.flatMap((cast) => {
    const doubt = castDoubt(cast, declared)
    return doubt === undefined
      ? []
      : `the cast from ${cast.from} to ${cast.to} runs ${cast.function}: ${doubt}`
  })
}

/** Children whose rows are read with those of the table, but are not declared alike. */
function strangers(
  { name, table, tenantKey }: Relation,
  key: string,
  graph: TableGraph,
  declared: TenantSchema,
): string[] {
  const column = table.kind === 'owner' ? table.column : undefined
  const isPlain = graph.table(key)?.kind === 'table'
  return graph
    .family(key)
    .slice(1)
    .flatMap((child) => {
      const childKey = keyOf(child)
      if (child.kind === 'foreign_table' && !isTrusted(table)) {
        return [
          `${name} has the foreign table ${childKey}: declare { trusted: true } if you vouch for whose its rows are`,
        ]
      }
      if (!declared.relations.has(childKey) && table.kind === 'global' && isPlain) {
        return [`${name} is everybody's, and has the child ${childKey}: declare it alike`]
      }
      // A child has the rows of each of its parents.
      const kin = [childKey, ...graph.parents(childKey)].flatMap(
        (each) => declared.relations.get(each) ?? [],
      )
      const isAlike = (other: Relation): boolean =>
        other.table.kind === table.kind &&
        (other.table.kind === 'owner' ? other.table.column : undefined) === column &&
        other.tenantKey === tenantKey
      return kin.every(isAlike)
        ? []
        : [`${name} has the child ${childKey}, which is declared otherwise`]
    })
}

function liveTable(
  table: CatalogueTable,
  graph: TableGraph,
  declaredAs: (key: string) => Relation | undefined,
): Omit<LiveTable, 'through' | 'code'> {
  const key = keyOf(table)
  const family = graph.family(key)
  return {
    key,
    columns: table.columns,
    isStored: family.every(({ kind }) => kind === 'table' || kind === 'partitioned_table'),
    isPlain: table.kind === 'table' && table.children.length === 0,
    uniques: family.flatMap(({ uniques }) => uniques),
    rowKeys: rowKeysOf(table),
    rules: family.flatMap(({ rules }) => rules),
    effects: referentialEffects(key, graph, declaredAs),
  }
}

/** Children of a plain table have rows that its indexes do not know. */
function rowKeysOf({ kind, children, columns, uniques }: CatalogueTable): LiveTable['rowKeys'] {
  if (kind !== 'partitioned_table' && children.length > 0) return []
  return columns.flatMap(({ name, type, deterministic }) => {
    const family = familyOfCast(type)
    const isUnique = uniques.some((index) => index.holds && isKeyOf(index, name))
    return family !== undefined && deterministic && isUnique ? [{ column: name, family }] : []
  })
}

function isKeyOf({ kind, keys, partial }: UniqueIndex, column: string): boolean {
  const [key] = keys
  const isAlone = keys.length === 1 && key?.plain === true && key.column === column
  return kind === 'unique' && !partial && isAlone
}

/** What speaks against a declaration, each with what would mend it. */
function contradictions({ name, table }: Relation, found: CatalogueTable): string[] {
  const kind = found.kind.replace('_', ' ')
  if (found.kind === 'view')
    return [
      `${name} is a view; declare the tables that it reads, and leave it out: it is proved as its query`,
    ]
  if (found.kind !== 'table' && found.kind !== 'partitioned_table' && !isTrusted(table)) {
    return [`${name} is a ${kind}; declare { trusted: true } if you vouch for whose its rows are`]
  }
  const problems: string[] = []
  const names = new Set(found.columns.map((column) => column.name))
  for (const column of table.columns ?? []) {
    if (!names.has(column)) problems.push(`${name} has no column ${column}`)
  }
  if (table.kind !== 'owner') return problems
  const owner = found.columns.find((column) => column.name === table.column)
  if (owner === undefined) return [...problems, `${name} has no owner column ${table.column}`]
  return [...problems, ...ownerProblems(name, owner, table.type)]
}

/** Whether somebody vouches for the rows of what is no table of this database. */
export function isTrusted(table: DeclaredTable): boolean {
  return table.kind !== 'through' && table.trusted
}

function ownerProblems(name: string, owner: CatalogueColumn, declared: string): string[] {
  const column = `the owner column ${owner.name} of ${name}`
  const alter = (type: string): string =>
    `ALTER TABLE ${name} ALTER COLUMN ${owner.name} TYPE ${type}`
  if (!ownerTypes.some((type) => type === owner.type)) {
    return [`${column} is of type ${owner.type}; ${alter('text')}, or ${ownerTypes.join(', ')}`]
  }
  if (owner.type !== declared) {
    return [
      `${column} is of type ${owner.type}, declared as ${declared}; declare { type: '${owner.type}' }`,
    ]
  }
  if (!owner.deterministic) {
    return [`${column} has a nondeterministic collation; ${alter(`${owner.type} COLLATE "C"`)}`]
  }
  return []
}
