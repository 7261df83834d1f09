import type { TenantContext } from '@partywall/context'
import { type ClientModels, oppositeOf } from './owned-models.ts'
import type { PrismaField, PrismaModel } from './prisma-schema.ts'

type Args = Readonly<Record<string, unknown>>

/** Actions that make rows, or refer to rows by their keys. */
const actions: ReadonlySet<string> = new Set([
  'create',
  'createMany',
  'createManyAndReturn',
  'update',
  'updateMany',
  'updateManyAndReturn',
  'upsert',
])

/**
 * Writes the tenant into what a call makes and connects, as the data model says: rows made at any
 * depth get it, rows that are connected must have it. A tenant that is there already stays, and is
 * proved.
 */
export function confineArgs(
  {
    model: name,
    action,
    args,
  }: {
    readonly model: string
    readonly action: string
    readonly args: unknown
  },
  models: ClientModels,
  { tenantId, env }: TenantContext,
): unknown {
  const model = models.models.get(name)
  if (model === undefined || !actions.has(action) || !isArgs(args)) return args
  const isCreation = action.startsWith('create')
  const confined: Record<string, unknown> = { ...args }
  const make = (data: unknown) => eachOf(data, (row) => confineRow(model, row))
  if (isCreation) confined['data'] = make(args['data'])
  if (action.startsWith('update')) confined['data'] = confineRelations(model, args['data'])
  if (action === 'upsert') {
    // With it, ON CONFLICT names a key that has the tenant in it.
    confined['where'] = confineKey(model, args['where'])
    confined['create'] = make(args['create'])
    confined['update'] = confineRelations(model, args['update'])
  }
  return confined

  /** A new row; `parent` is the field that refers to the row that it is made under. */
  function confineRow(of: PrismaModel, row: unknown, parent?: PrismaField): unknown {
    const made = confineRelations(of, row)
    const owned = models.owned(of.name)
    const key = owned?.keyOf(tenantId, env)
    if (!isArgs(made) || owned === undefined || key === undefined || owned.field in made)
      return made
    const { field } = owned
    const relations = [...of.fields.values()].filter(({ relation }) => relation !== undefined)
    const holding = relations.filter(({ relation }) => relation?.fields.includes(field))
    const direct = holding.find(({ relation }) => relation?.fields.length === 1)
    const [referred] = direct?.relation?.references ?? []
    // Where the key of a relation is not a field of its own, no other one may be.
    const isChecked = relations.some(
      ({ name: other, relation }) => other in made && relation?.fields.length !== 0,
    )
    if (isChecked && direct !== undefined && referred !== undefined) {
      if (direct.name in made || direct.name === parent?.name) return made
      return { ...made, [direct.name]: { connect: { [referred]: key } } }
    }
    // The row that another relation refers to brings the tenant along.
    const isBrought = isChecked
      ? holding.length > 0
      : holding.some(({ name: other }) => other === parent?.name)
    return isBrought ? made : { ...made, [field]: key }
  }

  /** The key of a row, with its tenant. */
  function confineKey(of: PrismaModel, where: unknown): unknown {
    const owned = models.owned(of.name)
    const key = owned?.keyOf(tenantId, env)
    if (!isArgs(where) || owned === undefined || key === undefined) return where
    return owned.field in where ? where : { ...where, [owned.field]: key }
  }

  function confineRelations(of: PrismaModel, data: unknown): unknown {
    if (!isArgs(data)) return data
    const confinedData: Record<string, unknown> = { ...data }
    for (const [fieldName, writes] of Object.entries(data)) {
      const field = of.fields.get(fieldName)
      const related = field && models.models.get(field.type)
      if (field === undefined || related === undefined || !isArgs(writes)) continue
      const opposite = oppositeOf(models.models, of, field)
      confinedData[fieldName] = confineWrites(related, opposite, writes)
    }
    return confinedData
  }

  /** The writes nested in a relation field, by their names. */
  function confineWrites(of: PrismaModel, parent: PrismaField | undefined, writes: Args): Args {
    const makeRow = (row: unknown) => confineRow(of, row, parent)
    const confinedWrites: Record<string, unknown> = { ...writes }
    const change = (write: string, by: (given: Args) => unknown) => {
      if (write in writes) confinedWrites[write] = eachOf(writes[write], by)
    }
    change('create', makeRow)
    change('createMany', (given) => ({ ...given, data: eachOf(given['data'], makeRow) }))
    change('connect', (where) => confineKey(of, where))
    change('connectOrCreate', (given) => ({
      ...given,
      where: confineKey(of, given['where']),
      create: makeRow(given['create']),
    }))
    change('upsert', (given) => ({
      ...given,
      create: makeRow(given['create']),
      update: confineRelations(of, given['update']),
    }))
    change('update', (given) =>
      'data' in given && !of.fields.has('data')
        ? { ...given, data: confineRelations(of, given['data']) }
        : confineRelations(of, given),
    )
    change('updateMany', (given) => ({ ...given, data: confineRelations(of, given['data']) }))
    return confinedWrites
  }
}

function eachOf(value: unknown, change: (given: Args) => unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => (isArgs(each) ? change(each) : each))
  return isArgs(value) ? change(value) : value
}

function isArgs(value: unknown): value is Args {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
