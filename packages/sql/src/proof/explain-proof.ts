import type { ViolationDetail } from '@partywall/context/spi'
import { aTenantSchema, textOf } from '../expected.ts'
import { inOptions, inSchema } from '../guard/given.ts'
import { type Claim, judge } from '../guard/verdict.ts'
import { loadParser } from '../parse/parse.ts'
import type { TenantSchema } from '../schema/tenant-schema.ts'
import type { Constant } from './model.ts'

/** What was found out about one relation of a statement. */
export interface ProofLine {
  readonly model: string
  /** Nothing confines it to a tenant, whatever the parameters are. */
  readonly open: boolean
  /** What must be the tenant when it is executed, such as `$1`; none of rows that all share. */
  readonly tenantIs: readonly string[]
  readonly detail?: ViolationDetail
  /** What stood in the way, where nothing could be proved of the whole statement. */
  readonly obstacle?: string
  /** The same for a person, with what would close it. */
  readonly says: string
}

/**
 * Says for a person which condition confines which relation of a text, or which one is open.
 * @throws {@link SqlGuardError} `sql.options` for what is no text, `sql.schema` for what is no schema
 */
export async function explainProof(
  text: string,
  schema: TenantSchema,
): Promise<readonly ProofLine[]> {
  inOptions.value('text', text, textOf('a statement'))
  inSchema.value('schema', schema, aTenantSchema)
  await loadParser()
  const { unprovable, obstacle = '', claims } = judge(text, schema, Number.POSITIVE_INFINITY)
  if (unprovable !== undefined) {
    const says = hints[unprovable] ?? 'nothing could be proved'
    return [{ model: '(unknown)', open: true, tenantIs: [], detail: unprovable, obstacle, says }]
  }
  return claims.map(lineOf)
}

const hints: Partial<Record<ViolationDetail, string>> = {
  unparsable: 'PostgreSQL does not read this text',
  unknown_relation: 'it names a table that the schema does not declare',
  unsupported: 'it holds something that the proof does not model',
  tenant_write: 'it would write rows that are not of one tenant alone',
}

function lineOf({ model, constants, keys, written, because }: Claim): ProofLine {
  const open = { model, open: true, tenantIs: [] } as const
  if (constants !== undefined && keys === undefined) {
    const tenantIs = [...new Set(constants.map(nameOf))]
    const says =
      tenantIs.length === 0
        ? `${model} is confined to rows that all tenants share`
        : `${model} is confined when ${tenantIs.join(', ')} is the tenant`
    return { model, open: false, tenantIs, says }
  }
  if (because !== undefined) return { ...open, says: `${model} is open: ${because}` }
  const says = written
    ? `${model} is written without its tenant: list the owner column with a constant, also in ON CONFLICT`
    : `${model} is open: compare its owner column itself with the tenant in WHERE, or in ON of the JOIN or LEFT JOIN that adds it`
  return { ...open, says }
}

function nameOf(constant: Constant): string {
  if (constant.kind === 'literal') return `'${constant.text.replaceAll(`'`, `''`)}'`
  return constant.kind === 'parameter'
    ? `$${constant.index}`
    : `every element of $${constant.index}`
}
