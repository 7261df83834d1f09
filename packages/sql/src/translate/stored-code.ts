import { parse } from '../parse/parse.ts'
import { type Body, bodyOf, fields, list, only } from '../parse/syntax-tree.ts'
import { Unprovable, unsupported } from '../parse/unprovable.ts'
import { emptyBlock, type Leaf, type Query } from '../proof/model.ts'
import { nameOfCode, type StoredCode } from '../schema/stored-code.ts'
import type { TenantSchema } from '../schema/tenant-schema.ts'
import { strangerAmong } from '../schema/used-routines.ts'
import { type Item, itemOf } from './namespace.ts'
import { readsParentRows } from './parent-rows.ts'
import { createTranslation, type QuerySite, type Translation } from './translation.ts'
import { expression } from './walk.ts'

/** What is known of the expressions of a schema, by their texts. */
interface Judged {
  /** `null` where one is harmless, else why it is not. */
  readonly verdicts: Map<string, string | null>
  /** Those that are being looked at: by domains, one may come back to itself. */
  readonly pending: Set<string>
}

const judged = new WeakMap<TenantSchema, Judged>()

/** Refuses what would run code of the database that nobody knows to be harmless. */
export function refuseStoredCode(codes: readonly StoredCode[], translation: Translation): void {
  for (const code of codes) {
    const because = verdictOn(code.expression, translation)
    if (because !== null) throw unsupported(`${nameOfCode(code)}: ${because}`)
    refuseStrangers(nameOfCode(code), code.uses, translation)
  }
}

/** Refuses a view or stored code that runs more of somebody's own than its text shows. */
export function refuseStrangers(
  what: string,
  uses: StoredCode['uses'],
  { schema }: Translation,
): void {
  const because = strangerAmong(uses, schema)
  if (because !== undefined) throw unsupported(`${what}: ${because}`)
}

/**
 * A policy is part of every query of its table: what it reads by queries of its own is proved where
 * the table stands, but for the rows that those of the table refer to as their owners.
 */
export function policySites(leaf: Leaf, item: Item, site: QuerySite): readonly Query[] {
  return (leaf.relation?.live?.code.policies ?? []).flatMap((code) => {
    const sites: Query[] = []
    try {
      const scope = { parent: undefined, items: [item], block: emptyBlock() }
      const { translation, action } = site
      expression(treeOf(code.expression), {
        translation,
        action,
        stored: 'condition',
        ctes: undefined,
        seen: [],
        level: 0,
        scope,
        sites,
      })
    } catch (error) {
      if (!(error instanceof Unprovable)) throw error
      throw unsupported(`${nameOfCode(code)}: ${error.message}`)
    }
    refuseStrangers(nameOfCode(code), code.uses, site.translation)
    return sites.filter((query) => !readsParentRows(query, leaf))
  })
}

/** Such an expression sees nothing but the row that it is computed for: one verdict holds everywhere. */
function verdictOn(text: string, { schema, grammar }: Translation): string | null {
  const known: Judged = judged.get(schema) ?? { verdicts: new Map(), pending: new Set() }
  judged.set(schema, known)
  const { verdicts, pending } = known
  const found = verdicts.get(text)
  if (found !== undefined) return found
  // What comes back to itself says nothing more by that.
  if (pending.has(text)) return null
  pending.add(text)
  const verdict = judge(text, createTranslation(schema, grammar, []))
  pending.delete(text)
  // Within another one, what is harmless may have left that other one out.
  if (verdict !== null || pending.size === 0) verdicts.set(text, verdict)
  return verdict
}

function judge(text: string, translation: Translation): string | null {
  const scope = {
    parent: undefined,
    items: [itemOf(undefined, undefined, new Map())],
    block: emptyBlock(),
  }
  const around = {
    translation,
    action: 'select',
    stored: 'value',
    ctes: undefined,
    seen: [],
    level: 0,
  } as const
  const sites: Query[] = []
  try {
    expression(treeOf(text), { ...around, scope, sites })
  } catch (error) {
    if (!(error instanceof Unprovable)) throw error
    return error.message
  }
  return sites.length === 0 ? null : 'it reads other tables'
}

function treeOf(text: string): unknown {
  const { statements } = parse(`SELECT ${text}`, Number.POSITIVE_INFINITY)
  const select: Body = only(statements[0], 'SelectStmt')
  const [target] = list(select['targetList'])
  return fields(bodyOf(only(target, 'ResTarget')), ['val']).val
}
