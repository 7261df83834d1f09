import {
  defineTenantSchema,
  type GlobalTable,
  global,
  type OwnerTable,
  type OwnerType,
  ownedThrough,
  owner,
  type TenantSchema,
  type TenantSchemaOptions,
  type ThroughTable,
} from '@partywall/sql'
import {
  aDeclaration,
  type Expected,
  type KnownOptions,
  names,
  optional,
  recordOf,
  schemaOptions,
} from '@partywall/sql/door'
import { inOptions } from './given.ts'
import { type LinkTable, linkTables } from './link-tables.ts'
import { PrismaGuardError } from './prisma-guard-error.ts'
import {
  type PrismaField,
  type PrismaModel,
  type PrismaModels,
  readPrismaEnums,
  readPrismaSchema,
} from './prisma-schema.ts'

type DeclaredTable = OwnerTable | ThroughTable | GlobalTable

export interface PrismaTenantSchemaOptions extends TenantSchemaOptions {
  /** The field that names the tenant, or how to find it for a model. */
  readonly ownerField: string | ((model: string, fields: readonly string[]) => string | undefined)
  /**
   * What the Prisma schema does not tell, by model: whose rows are everybody's, or owned through
   * others, how severe a violation is. Columns are named as in the database.
   */
  readonly models?: Readonly<Record<string, OwnerTable | ThroughTable | GlobalTable>> | undefined
}

const prismaOptions: KnownOptions<PrismaTenantSchemaOptions> = {
  ownerField: {
    words: 'the name of a field, or a function',
    fits: (value) => typeof value === 'function' || names.fits([value]),
  },
  models: optional(recordOf('an object with a declaration for each model')),
  ...schemaOptions,
}

const aPrismaSchema: Expected = {
  words: 'the text of a Prisma schema, or a list of texts',
  fits: (value) => [value].flat().every((text) => typeof text === 'string'),
}

/**
 * The declarations of a Prisma schema: models by their tables, owner columns with their types, the
 * tables of implicit many-to-many relations by both keys, enums as types. Views are none: the live
 * catalogue tells what they read.
 * @param schema - The text that Prisma has accepted, or the texts of its files.
 * @throws {@link PrismaGuardError} `prisma.schema` with the models that have no such field and are
 * not declared, or whose field has a type that no owner column may have; `prisma.options` when
 * an option is misspelt or does not fit, or `models` names one that the schema has not.
 * @throws {@link SqlGuardError} `sql.schema` when a declaration contradicts another.
 */
export function tenantSchemaFromPrisma(
  schema: string | readonly string[],
  options: PrismaTenantSchemaOptions,
): TenantSchema {
  inOptions.value('schema', schema, aPrismaSchema)
  inOptions.options<PrismaTenantSchemaOptions>('options', options, prismaOptions)
  const { ownerField, models: declared = {}, types = [], ...rest } = options
  for (const [name, table] of Object.entries(declared)) {
    inOptions.value(`the model ${name}`, table, aDeclaration)
  }
  const text = typeof schema === 'string' ? schema : schema.join('\n')
  const all = readPrismaSchema(text)
  const links = linkTables(all)
  refuseUnknown(declared, all, links)
  const owned = new Map<string, DeclaredTable>()
  const missing: string[] = []
  for (const [name, model] of all) {
    if (model.isView && !Object.hasOwn(declared, name)) continue
    const table = named(name, declared) ?? ownTable(model, ownerField)
    if (table === undefined) missing.push(name)
    else owned.set(name, table)
  }
  if (missing.length > 0) {
    throw new PrismaGuardError(
      'prisma.schema',
      `no field names the tenant of ${missing.join(', ')}; declare them in models: owner('id') for the tenants themselves, ownedThrough(…), or global() where rows are everybody's`,
    )
  }
  const tables = new Map([...owned].map(([name, table]) => [tableOf(all, name), table]))
  for (const link of links) {
    tables.set(keyOf(link), named(link.table, declared) ?? linkTable(link, owned))
  }
  const { defaultSchema = 'public' } = rest
  const enums = readPrismaEnums(text).map((each) => `${each.schema ?? defaultSchema}.${each.name}`)
  return defineTenantSchema<Record<string, Record<string, unknown>>>(Object.fromEntries(tables), {
    ...rest,
    types: [...enums, ...types],
  })
}

function refuseUnknown(
  declared: Readonly<Record<string, DeclaredTable>>,
  models: PrismaModels,
  links: readonly LinkTable[],
): void {
  const isKnown = (name: string): boolean =>
    models.has(name) || links.some(({ table }) => table === name)
  if (Object.keys(declared).every(isKnown)) return
  throw new PrismaGuardError('prisma.options', 'models names a model that the schema has not')
}

/** A declaration by hand, under the name of its model. */
function named(
  name: string,
  declared: Readonly<Record<string, DeclaredTable>>,
): DeclaredTable | undefined {
  const table = Object.hasOwn(declared, name) ? declared[name] : undefined
  if (table === undefined || table.kind === 'global') return table
  return Object.freeze({ ...table, model: table.model ?? name })
}

function ownTable(
  { name, fields }: PrismaModel,
  ownerField: PrismaTenantSchemaOptions['ownerField'],
): OwnerTable | undefined {
  const wanted = typeof ownerField === 'string' ? ownerField : ownerField(name, [...fields.keys()])
  if (wanted === undefined) return undefined
  const field = fields.get(wanted)
  if (field === undefined && typeof ownerField === 'string') return undefined
  const type = field && ownerTypeOf(field)
  if (field === undefined || type === undefined) {
    throw new PrismaGuardError(
      'prisma.schema',
      `the field that names the tenant of ${name} is none that can: make it a String, an Int, a BigInt or a @db.Uuid`,
    )
  }
  return owner(field.column, { model: name, type })
}

const ownerTypeNames: ReadonlyMap<string, OwnerType> = new Map([
  ['String', 'text'],
  ['String Text', 'text'],
  ['String VarChar', 'varchar'],
  ['String Uuid', 'uuid'],
  ['Int', 'int4'],
  ['Int Integer', 'int4'],
  ['Int SmallInt', 'int2'],
  ['BigInt', 'int8'],
  ['BigInt BigInt', 'int8'],
])

function ownerTypeOf({ type, native, isList }: PrismaField): OwnerType | undefined {
  if (isList) return undefined
  return ownerTypeNames.get(native === undefined ? type : `${type} ${native}`)
}

/** A link belongs to whoever owns what it links; between everybody's rows it is everybody's. */
function linkTable(
  { table, columns }: LinkTable,
  declared: ReadonlyMap<string, DeclaredTable>,
): DeclaredTable {
  const through = columns
    .filter(({ model }) => declared.get(model)?.kind !== 'global')
    .map(({ column }) => column)
  return through.length === 0 ? global() : ownedThrough(through, { model: table.slice(1) })
}

function tableOf(models: PrismaModels, name: string): string {
  const model = models.get(name)
  return keyOf({ table: model?.table ?? name, schema: model?.schema })
}

function keyOf({ table, schema }: Pick<PrismaModel, 'table' | 'schema'>): string {
  return schema === undefined ? table : `${schema}.${table}`
}
