import { unknownModel, type ViolationDetail } from '@partywall/context/spi'
import { aTenantSchema, textOf } from '../expected.ts'
import { inOptions, inSchema } from '../guard/given.ts'
import { howToConfine } from '../guard/mend-hint.ts'
import { type Claim, judge } from '../guard/verdict.ts'
import { loadParser, parse } from '../parse/parse.ts'
import type { TenantSchema } from '../schema/tenant-schema.ts'
import { translateAll } from '../translate/statement.ts'
import { comparisonsOf, type NameOf, spelling } from './comparisons.ts'
import { type Mentions, mentionsOf } from './mentions.ts'
import type { Leaf } from './model.ts'
import { inWords } from './obstacle-words.ts'
import { type Obligation, prove } from './prove.ts'

/** What was found out about one relation of a statement. */
export interface ProofLine {
  readonly model: string
  /** Its alias in the statement, where it has one. */
  readonly alias?: string
  /** The view whose query it stands in, with the alias of that. */
  readonly view?: string
  /** Nothing confines it to a tenant, whatever the parameters are. */
  readonly open: boolean
  /** What must be the tenant when it is executed, such as `$1`; none of rows that all share. */
  readonly tenantIs: readonly string[]
  /** The comparisons that say so, such as `o.tenant_id = u.tenant_id = $1`, where they have names. */
  readonly by?: readonly string[]
  /** As the guard would record it. */
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
    return [
      {
        model: unknownModel,
        open: true,
        tenantIs: [],
        detail: unprovable,
        obstacle: inWords(obstacle),
        says,
      },
    ]
  }
  if (claims.length === 0) return []
  const { queries } = translateAll(parse(text, Number.POSITIVE_INFINITY), schema)
  const mentions = mentionsOf(text, queries, schema)
  const shown = byMention(prove(queries))
  return claims.map((claim, i) => lineOf(claim, shown[i] ?? [], mentions))
}

/** What was asked of each mention of a tenant's relation, in the order of the claims. */
function byMention(obligations: readonly Obligation[]): readonly (readonly Obligation[])[] {
  const found = new Map<string, Obligation[]>()
  for (const obligation of obligations) {
    const { relation, mention } = obligation.leaf
    if (relation === undefined || relation.table.kind === 'global') continue
    const key = `${relation.name} ${mention.location}`
    found.set(key, [...(found.get(key) ?? []), obligation])
  }
  return [...found.values()]
}

const hints: Partial<Record<ViolationDetail, string>> = {
  unparsable: 'PostgreSQL does not read this text',
  unknown_relation: 'it names a table that the schema does not declare',
  unsupported: 'it holds something that the proof does not model',
  tenant_write: 'it would write rows that are not of one tenant alone',
}

function lineOf(
  { model, constants, keys, written, because }: Claim,
  obligations: readonly Obligation[],
  mentions: Mentions,
): ProofLine {
  const leaf = obligations[0]?.leaf
  const alias = leaf && mentions.alias(leaf)
  const view = leaf && mentions.view(leaf)
  const called = alias === undefined || alias === leaf?.relation?.name ? model : `${model} ${alias}`
  const name = view === undefined ? called : `${called} in the view ${view}`
  const about = {
    model,
    ...(alias === undefined ? {} : { alias }),
    ...(view === undefined ? {} : { view }),
  }
  if (constants !== undefined && keys === undefined) {
    const tenantIs = [...new Set(constants.map(spelling))]
    const by = comparisons(obligations, mentions)
    const when =
      tenantIs.length === 0
        ? `${name} is confined to rows that all tenants share`
        : `${name} is confined when ${tenantIs.join(', ')} ${tenantIs.length === 1 ? 'is' : 'are'} the tenant`
    const says = by.length === 0 ? when : `${when}: ${by.join(' and ')}`
    return { ...about, open: false, tenantIs, ...(by.length === 0 ? {} : { by }), says }
  }
  const open: Omit<ProofLine, 'says'> = {
    ...about,
    open: true,
    tenantIs: [],
    ...(written ? { detail: 'tenant_write' } : {}),
  }
  const why = needsCatalogue(leaf) ?? because
  if (why !== undefined) return { ...open, says: `${name} is open: ${why}` }
  const is = written ? 'is written without its tenant' : 'is open'
  return { ...open, says: `${name} ${is}: ${howToConfine(written)}` }
}

function comparisons(obligations: readonly Obligation[], mentions: Mentions): readonly string[] {
  const nameOf: NameOf = (leaf) =>
    mentions.alias(leaf) ?? mentions.name(leaf) ?? leaf.relation?.name
  const found = obligations.flatMap(({ leaf, at }) =>
    at === undefined ? [] : comparisonsOf(leaf, at, nameOf),
  )
  return [...new Set(found)]
}

function needsCatalogue(leaf: Leaf | undefined): string | undefined {
  const relation = leaf?.relation
  return relation?.table.kind === 'through' && relation.live === undefined
    ? 'it is owned through others, which only the catalogue of a live database can tell (liveSchema(), or --live)'
    : undefined
}
