import type { Severity, ViolationDetail, ViolationKind } from '@partywall/context/spi'
import { parse } from '../parse/parse.ts'
import { Unprovable } from '../parse/unprovable.ts'
import type { Constant } from '../proof/model.ts'
import { prove } from '../proof/prove.ts'
import type { TenantKey, TenantSchema } from '../schema/tenant-schema.ts'
import {
  type Action,
  actionOfAll,
  type TransactionChange,
  translateAll,
} from '../translate/statement.ts'
import { isAnchoring } from '../translate/translation.ts'

/** One mention of a relation, and what must be the tenant for it to be confined. */
export interface Claim {
  readonly model: string
  readonly severity: Severity
  readonly violation: ViolationKind
  readonly action: string
  readonly tenantKey: TenantKey
  /** `undefined` where nothing can confine it, whatever the parameters are. */
  readonly constants: readonly Constant[] | undefined
  readonly written: boolean
  /** Why nothing can, where that is not plain. */
  readonly because?: string
}

/** What was found out about a text: a condition on its parameters, never a tenant. */
export interface Verdict {
  readonly action: Action
  readonly claims: readonly Claim[]
  /** Set where no proof was possible: nobody can say which relations are touched. */
  readonly unprovable?: ViolationDetail
  readonly transaction: readonly TransactionChange[]
  /** It takes changes back and does nothing else: whoever may do nothing must still do this. */
  readonly isRollback: boolean
}

/** Reads a text and finds the condition under which it is confined. */
export function judge(text: string, schema: TenantSchema, maxLength: number): Verdict {
  let action: Action = 'other'
  try {
    const parsed = parse(text, maxLength)
    action = actionOfAll(parsed.statements)
    const { translation, queries, transaction } = translateAll(parsed, schema)
    const claims = new Map<string, Claim>()
    for (const { leaf, owner, constants, written, because } of prove(queries)) {
      const { relation, mention } = leaf
      if (relation === undefined || relation.table.kind === 'global') continue
      const anchoring = constants?.every((constant) => isAnchoring(translation, constant)) === true
      const claim: Claim = {
        model: relation.model,
        severity: relation.table.severity,
        violation: mention.violation,
        action: mention.action,
        tenantKey: (owner ?? relation).tenantKey,
        constants: anchoring ? constants : undefined,
        written,
        ...(because === undefined ? {} : { because }),
      }
      // One mention is one relation, however often the proof came by.
      const key = `${relation.name} ${mention.location}`
      claims.set(key, strictest(claims.get(key), claim))
    }
    const isRollback =
      queries.length === 0 &&
      transaction.length > 0 &&
      transaction.every((change) => change === 'rollback')
    return { action, claims: [...claims.values()], transaction, isRollback }
  } catch (error) {
    if (!(error instanceof Unprovable)) throw error
    return { action, claims: [], unprovable: error.detail, transaction: [], isRollback: false }
  }
}

function strictest(known: Claim | undefined, claim: Claim): Claim {
  if (known === undefined || known.constants === undefined) return known ?? claim
  if (claim.constants === undefined) return claim
  const written = known.written || claim.written
  // Two owners whose keys are made in different ways cannot be asked as one.
  if (known.tenantKey !== claim.tenantKey) return { ...known, constants: undefined }
  return { ...known, written, constants: [...known.constants, ...claim.constants] }
}
