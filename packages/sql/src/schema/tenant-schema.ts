import type { Environment, TenantId } from '@partywall/context'
import { type Severity, severities, shapeOf, unknownModel } from '@partywall/context/spi'
import { aDeclaration, recordOf } from '../expected.ts'
import { inSchema } from '../guard/given.ts'
import { SqlGuardError } from '../guard/sql-guard-error.ts'
import type { CatalogueRoutine } from './catalogue.ts'
import { ownerTypes } from './column-type.ts'
import { schemaOptions } from './declaration-options.ts'
import type { DeclaredTable, GlobalTable, OwnerTable, ThroughTable } from './declared-table.ts'
import { type CodeKind, isExtensionCode } from './extension-code.ts'
import { harm, isHarmful } from './harmful-functions.ts'
import type { LiveTable, LiveView } from './live-table.ts'
import type { StoredCode } from './stored-code.ts'
import { isTrustedExtension } from './trusted-extensions.ts'

/**
 * The value of the owner column for a tenant, in the environment of the scope where those share
 * tables; `undefined` where the tenant has no rows at all.
 */
export type TenantKey = (
  tenantId: TenantId,
  env: Environment,
) => string | number | bigint | undefined

/** One entry for each table of `Database`: a missing or misspelt one does not compile. */
export type TablesOf<Database> = {
  readonly [Table in keyof Database & string]:
    | OwnerTable<keyof Database[Table] & string>
    | ThroughTable<keyof Database[Table] & string>
    | GlobalTable
}

export interface TenantSchemaOptions {
  /** The value of owner columns for a tenant. @defaultValue the tenant's id */
  readonly tenantKey?: TenantKey | undefined
  /** Where tables without a schema in their name live. @defaultValue `'public'` */
  readonly defaultSchema?: string | undefined
  /**
   * Types of your own that casts may name: enums, or domains whose checks read no table. A live
   * catalogue tells both by itself, and the checks are read, whatever is declared.
   */
  readonly types?: readonly string[] | undefined
  /**
   * Functions of your own or of extensions that read no table and change nothing, by name: one without
   * a schema is what the search path finds. Nor may the defaults of their arguments, nor, where no live
   * catalogue tells them, the checks of domains that they take or give. PostgreSQL's own that read or
   * change more are refused; one of yours that is called alike is declared with its schema.
   */
  readonly functions?: readonly string[] | undefined
  /**
   * Extensions that the database has: what is known to be harmless of pg_trgm, vector, postgis, citext
   * and some others may be named, and no overload of theirs is taken for somebody else's. A live
   * catalogue tells those by itself, and which types are theirs, whatever is declared.
   */
  readonly extensions?: readonly string[] | undefined
}

/** What a server says of where a session looks names up; what it does not say is missing. */
export interface SessionPath {
  /** The role for `"$user"`. */
  readonly user?: string | undefined
  /** The search path, as a text. */
  readonly path?: string | undefined
}

/** A table as the proof sees it. */
export interface Relation {
  readonly name: string
  /** `schema.name`: the key under which it stands. */
  readonly key: string
  readonly model: string
  readonly table: DeclaredTable
  readonly tenantKey: TenantKey
  /** What the database says of it, where a catalogue was read. */
  readonly live?: LiveTable
}

/**
 * Which tables exist, and whose their rows are. What the guard alone asks of it (views, code, what the
 * database says of a table) it is given whole: those types have no names outside.
 */
export interface TenantSchema {
  /** The declared models with their severities, as `createRollout` and the flags take them. */
  readonly models: Readonly<Record<string, Severity>>
  /** The declared tables by `schema.name`. */
  readonly relations: ReadonlyMap<string, Relation>
  /** The version of the server, as it says it, where a catalogue was read: `170002` is 17.2. */
  readonly serverVersion?: number
  /** The table of this name, case-exact; `undefined` where it is not declared. */
  relation(name: string, schema?: string): Relation | undefined
  /** The query and the columns of a view of the database; `undefined` where there is none. */
  view(name: string, schema?: string): LiveView | undefined
  /** Whether a session finds by names what the one found that read the catalogue, if any. */
  findsFor?(session: SessionPath): boolean
  /** Whether casts may name this type of your own. */
  declaresType(name: string): boolean
  /**
   * What a cast to the domain of this name computes, or to a declared type that holds domains;
   * `undefined` where it is neither.
   */
  domain(name: string): readonly StoredCode[] | undefined
  /** What is computed beside a function of this name: checks of the domains that it takes or gives. */
  routineCode(name: string): readonly StoredCode[]
  /** Whether statements may call this function of your own. */
  declaresFunction(name: string): boolean
  /** Whether overloads of built-in names that this extension brings are taken to be harmless. */
  trustsExtension(name: string): boolean
  /** Whether a function that is not built in can be an aggregate. */
  mayAggregate(name: string): boolean
  /**
   * Whether an extension of the database brings this name, in a schema or by itself, and it is known to
   * be harmless.
   */
  installs(kind: CodeKind, name: string, schema?: string): boolean
  /** Whether the database has code of its own under the name of something built in. */
  shadows(kind: CatalogueRoutine['kind'], name: string): boolean
}

/**
 * Declares every table that statements may name. With `Database`, the interface that Kysely takes,
 * tables and owner columns are checked by the compiler.
 * @throws {@link SqlGuardError} `sql.schema` when a declaration contradicts another or itself, or calls
 * a function harmless that is not.
 */
export function defineTenantSchema<Database = Record<string, Record<string, unknown>>>(
  tables: TablesOf<Database>,
  options: TenantSchemaOptions = {},
): TenantSchema {
  inSchema.value('tables', tables, recordOf('an object with a declaration for each table'))
  inSchema.options<TenantSchemaOptions>('options of defineTenantSchema()', options, schemaOptions)
  const {
    tenantKey = (tenantId) => tenantId,
    defaultSchema = 'public',
    types = [],
    functions = [],
    extensions = [],
  } = options
  const relations = new Map<string, Relation>()
  const models = new Map<string, Severity>()
  for (const [name, table] of Object.entries<DeclaredTable>(tables)) {
    inSchema.value(`the table ${name}`, table, aDeclaration)
    const key = name.includes('.') ? name : `${defaultSchema}.${name}`
    const relation = { ...relationOf(name, table, tenantKey), key }
    if (relations.has(key)) throw invalid(`the table ${name} is declared twice`)
    relations.set(key, relation)
    if (table.kind !== 'global') declareModel(models, relation.model, table.severity)
  }
  const declaredTypes = new Set(types)
  const declaredFunctions = new Set(functions)
  const harmful = functions.filter(isHarmful)
  if (harmful.length > 0) {
    throw invalid(
      `\`functions\` names ${harmful.join(', ')}, which ${harm}; name one of yours that is called alike with its schema`,
    )
  }
  const installed = new Set(extensions)
  // One of them wins over the built-in one where its schema is on the search path.
  const withSchema = new Set(
    functions.flatMap((name) => (name.includes('.') ? (name.split('.').at(-1) ?? []) : [])),
  )
  return Object.freeze({
    models: Object.freeze(Object.fromEntries(models)),
    relations,
    relation: (name: string, schema: string = defaultSchema) => relations.get(`${schema}.${name}`),
    declaresType: (name: string) => declaredTypes.has(name),
    domain: () => undefined,
    routineCode: () => [],
    declaresFunction: (name: string) => declaredFunctions.has(name),
    trustsExtension: (name: string) => extensions.includes(name) || isTrustedExtension(name),
    installs: (kind: CodeKind, name: string, schema?: string) =>
      schema === undefined && isExtensionCode(installed, kind, name),
    mayAggregate: () => true,
    view: () => undefined,
    shadows: (kind: CatalogueRoutine['kind'], name: string) =>
      kind === 'function' && withSchema.has(name),
  })
}

type Keyless = Omit<Relation, 'key'>
function relationOf(name: string, table: DeclaredTable, tenantKey: TenantKey): Keyless {
  if (!/^[^.]+(?:\.[^.]+)?$/.test(name)) {
    throw invalid(`a table's name is ${shapeOf(name)}; expected table or schema.table`)
  }
  const { columns } = table
  if (columns !== undefined && new Set(columns).size !== columns.length) {
    throw invalid(`a column of ${name} is declared twice`)
  }
  if (table.kind === 'global') return { name, model: name, table, tenantKey }
  if (table.kind === 'through') {
    if (table.through.length === 0) throw invalid(`${name} is owned through no column`)
    return { name, model: table.model ?? name, table, tenantKey }
  }
  if (!ownerTypes.includes(table.type)) {
    throw invalid(
      `the owner column of ${name} has an unusable type; make it one of ${ownerTypes.join(', ')}`,
    )
  }
  if (columns !== undefined && !columns.includes(table.column)) {
    throw invalid(`the owner column of ${name} is not among its columns`)
  }
  return { name, model: table.model ?? name, table, tenantKey: table.tenantKey ?? tenantKey }
}

function declareModel(models: Map<string, Severity>, model: string, severity: Severity): void {
  if (model === '' || model === unknownModel || !severities.includes(severity)) {
    throw invalid(`a model is blank or ${unknownModel}, or its severity is none`)
  }
  const declared = models.get(model)
  if (declared !== undefined && declared !== severity) {
    throw invalid(`the model ${model} is declared with two severities`)
  }
  models.set(model, severity)
}

function invalid(message: string): SqlGuardError {
  return new SqlGuardError('sql.schema', message)
}
