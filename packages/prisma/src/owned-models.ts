import type { TenantKey, TenantSchema } from '@partywall/sql'
import type { PrismaField, PrismaModel, PrismaModels } from './prisma-schema.ts'

/** A model whose rows name their tenant. */
export interface OwnedModel {
  readonly model: PrismaModel
  /** The field that names the tenant. */
  readonly field: string
  /** The value of that field; `undefined` where the tenant has no rows. */
  readonly keyOf: TenantKey
}

/** The models of a client, and which of them are confined. */
export interface ClientModels {
  readonly models: PrismaModels
  /** `undefined` where rows of the model do not name their tenant, or are not confined. */
  owned(name: string): OwnedModel | undefined
}

/** Finds the field that stands for the owner column of each model's table. */
export function ownedModels(
  models: PrismaModels,
  schema: TenantSchema,
  confined: ReadonlySet<string>,
): ClientModels {
  const owned = new Map<string, OwnedModel>()
  for (const [name, model] of models) {
    const relation = schema.relation(model.table, model.schema)
    if (relation?.table.kind !== 'owner' || !confined.has(relation.model)) continue
    const { column } = relation.table
    const field = [...model.fields.values()].find((each) => isColumn(each, column))
    if (field !== undefined) {
      owned.set(name, { model, field: field.name, keyOf: relation.tenantKey })
    }
  }
  return { models, owned: (name) => owned.get(name) }
}

function isColumn(field: PrismaField, column: string): boolean {
  return field.relation === undefined && field.column === column
}

/** The field on the other side of a relation. */
export function oppositeOf(
  models: PrismaModels,
  model: PrismaModel,
  field: PrismaField,
): PrismaField | undefined {
  const others = [...(models.get(field.type)?.fields.values() ?? [])].filter(
    (each) =>
      each.type === model.name &&
      each.relation !== undefined &&
      each.relation.name === field.relation?.name,
  )
  return others.find((each) => field.type !== model.name || each.name !== field.name)
}
