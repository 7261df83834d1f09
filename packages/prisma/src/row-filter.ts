import type { Relation, TenantKey, TenantSchema } from '@partywall/sql'
import { quoted, quotedKey } from './statement-words.ts'

/** A parameter of a statement that stands for the tenant. */
export interface KeyParameter {
  readonly number: number
  readonly tenantKey: TenantKey
}

/** The parameters that stand for the tenant, one for each way to make a key. */
export interface KeyParameters {
  readonly all: readonly KeyParameter[]
  /** The parameter for a relation's owner column, such as `$4`. */
  parameterOf(relation: Relation): string
}

/** Numbers them behind those that the statement has already. */
export function keyParameters(after: number): KeyParameters {
  const all: (KeyParameter & { readonly type: string })[] = []
  return {
    all,
    parameterOf({ table, tenantKey }) {
      const type = table.kind === 'owner' ? table.type : ''
      let found = all.find((each) => each.tenantKey === tenantKey && each.type === type)
      if (found === undefined) {
        found = { number: after + all.length + 1, tenantKey, type }
        all.push(found)
      }
      return `$${found.number}`
    },
  }
}

/**
 * The condition under which a row is the tenant's; `undefined` where rows are everybody's, or where
 * the database did not say whose they are.
 */
export function rowFilter(
  relation: Relation,
  {
    schema,
    keys,
    forWriting = false,
    prefix = '',
  }: {
    readonly schema: TenantSchema
    readonly keys: KeyParameters
    readonly forWriting?: boolean
    readonly prefix?: string
  },
): string | undefined {
  const { table, live } = relation
  if (table.kind === 'global') return undefined
  if (table.kind === 'owner') {
    const column = `${prefix}${quoted(table.column)}`
    const own = `${column} = ${keys.parameterOf(relation)}`
    return table.shared === 'null' && !forWriting ? `(${own} OR ${column} IS NULL)` : own
  }
  const conditions = (live?.through ?? []).map(({ column, parent, parentColumn }) => {
    const found = schema.relations.get(parent)
    const filter = found && rowFilter(found, { schema, keys, forWriting: true })
    if (filter === undefined) return undefined
    const rows = `SELECT ${quoted(parentColumn)} FROM ${quotedKey(parent)} WHERE ${filter}`
    return `${prefix}${quoted(column)} IN (${rows})`
  })
  if (conditions.length === 0 || conditions.includes(undefined)) return undefined
  return conditions.join(' AND ')
}
