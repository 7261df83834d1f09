import { parse } from '../parse/parse.ts'
import { bodyOf } from '../parse/syntax-tree.ts'
import { Unprovable } from '../parse/unprovable.ts'
import type { Constant } from '../proof/model.ts'
import { prove } from '../proof/prove.ts'
import type { TenantSchema } from '../schema/tenant-schema.ts'
import { translateAll } from '../translate/statement.ts'
import { isAnchoring } from '../translate/translation.ts'
import { withPlainCondition } from './policy-condition.ts'
import type { Named } from './policy-statements.ts'
import { qualified, quoted } from './quoted.ts'
import { withTenantParameters } from './tenant-expression.ts'

/** Where a policy stands. */
export interface PolicySite {
  /** As the database has it. */
  readonly schema: TenantSchema
  readonly setting: string
  /** The declared table. */
  readonly table: Named
  /** The name of the table that has the policy: a partition has its own. */
  readonly alias: string
  /** Whether rows that all tenants share may be seen. */
  readonly mayShare: boolean
}

/**
 * Whether rows for which all the expressions are true are the tenant's: they are proved as the WHERE
 * of the table, with the setting of the transaction as the tenant. The parser must be loaded.
 */
export function confines(expressions: readonly string[], site: PolicySite): boolean {
  const known = expressions.filter((each) => isReadable(each, site))
  return known.length > 0 && isProved(known, site)
}

/** What cannot be read is left out: with it, fewer rows would pass. */
function isReadable(expression: string, site: PolicySite): boolean {
  try {
    translated([expression], site)
    return true
  } catch (error) {
    if (error instanceof Unprovable) return false
    throw error
  }
}

function isProved(expressions: readonly string[], site: PolicySite): boolean {
  const { translation, queries } = translated(expressions, site)
  const [query] = queries
  const leaf = query?.kind === 'block' && query.from?.kind === 'leaf' ? query.from.leaf : undefined
  if (leaf === undefined) return false
  const isTenant = (constant: Constant): boolean =>
    constant.kind === 'parameter' && constant.orNull !== true && isAnchoring(translation, constant)
  // Queries in a policy see what the policies of their own tables let them see.
  const own = prove(queries).filter((obligation) => obligation.leaf === leaf)
  return (
    own.length > 0 &&
    own.every(
      ({ constants }) =>
        constants?.every(isTenant) === true && (constants.length > 0 || site.mayShare),
    )
  )
}

function translated(
  expressions: readonly string[],
  { schema, setting, table, alias, mayShare }: PolicySite,
): ReturnType<typeof translateAll> {
  const where = expressions.map((each) => `(${each})`).join(' AND ')
  const text = `SELECT 1 FROM ${qualified(table)} AS ${quoted(alias)} WHERE ${where}`
  const tenant = { setting, isShadowed: schema.shadows('function', 'current_setting') }
  const parsed = parse(text, Number.POSITIVE_INFINITY)
  const statements = parsed.statements.map((each) =>
    bodyOf(withPlainCondition(withTenantParameters(each, tenant))),
  )
  return translateAll({ ...parsed, statements }, mayShare ? schema : withoutShared(schema))
}

/** The schema with every table's rows each in one tenant's hand. */
function withoutShared(schema: TenantSchema): TenantSchema {
  return {
    ...schema,
    relation: (name, inSchema) => {
      const relation = schema.relation(name, inSchema)
      if (relation?.table.kind !== 'owner' || relation.table.shared === undefined) return relation
      return { ...relation, table: { ...relation.table, shared: undefined } }
    },
  }
}
