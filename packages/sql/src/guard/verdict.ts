import type { Severity, ViolationDetail, ViolationKind } from '@partywall/context/spi'
import { refuseNewer } from '../parse/newer-syntax.ts'
import { parse } from '../parse/parse.ts'
import { Unprovable } from '../parse/unprovable.ts'
import { append } from '../proof/append.ts'
import { wordsFor } from '../proof/constant-lists.ts'
import { effortFor, spend, withinEffort } from '../proof/effort.ts'
import { type GivenColumn, givenKeys } from '../proof/given-keys.ts'
import type { Constant, KeyNeed } from '../proof/model.ts'
import { prove } from '../proof/prove.ts'
import type { TenantKey, TenantSchema } from '../schema/tenant-schema.ts'
import {
  type Action,
  actionOfAll,
  type TransactionChange,
  translateAll,
} from '../translate/statement.ts'
import { isAnchoring, type Translation } from '../translate/translation.ts'

/** One mention of a relation, and what must be the tenant for it to be confined. */
export interface Claim {
  readonly model: string
  readonly severity: Severity
  readonly violation: ViolationKind
  readonly action: string
  readonly tenantKey: TenantKey
  /** `undefined` where nothing can confine it, whatever the parameters are. */
  readonly constants: readonly Constant[] | undefined
  /** What must be keys of rows that are known to be the tenant's. */
  readonly keys?: readonly KeyNeed[]
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
  /** What stood in the way of a proof. */
  readonly obstacle?: string
  /** Which columns of its reply are keys of rows that are the tenant's. */
  readonly gives?: readonly GivenColumn[]
  readonly transaction: readonly TransactionChange[]
  /** It takes changes back and does nothing else: whoever may do nothing must still do this. */
  readonly isRollback: boolean
}

/** Reads a text and finds the condition under which it is confined. */
export function judge(text: string, schema: TenantSchema, maxLength: number): Verdict {
  return withinEffort(effortFor(text.length), () => verdictOn(text, schema, maxLength))
}

function verdictOn(text: string, schema: TenantSchema, maxLength: number): Verdict {
  let action: Action = 'other'
  try {
    const parsed = parse(text, maxLength)
    action = actionOfAll(parsed.statements)
    if (schema.serverVersion !== undefined) {
      refuseNewer(parsed.statements, text, schema.serverVersion)
    }
    const { translation, queries, transaction } = translateAll(parsed, schema)
    const claims = new Map<string, Claim[]>()
    for (const { leaf, owner, constants, keys = [], written, because } of prove(queries)) {
      const { relation, mention } = leaf
      if (relation === undefined || relation.table.kind === 'global') continue
      const elsewhere = [...(constants ?? []), ...keys.flatMap((need) => need.constants)].find(
        (constant) => !isAnchoring(translation, constant),
      )
      const anchoring = constants !== undefined && elsewhere === undefined
      const why = elsewhere === undefined ? because : alsoElsewhere(elsewhere)
      const claim: Claim = {
        model: relation.model,
        severity: relation.table.severity,
        violation: mention.violation,
        action: mention.action,
        tenantKey: (owner ?? relation).tenantKey,
        constants: anchoring ? constants : undefined,
        ...(keys.length === 0 ? {} : { keys }),
        written,
        ...(why === undefined ? {} : { because: why }),
      }
      // One mention is one relation, however often the proof came by.
      const key = `${relation.name} ${mention.location}`
      const same = claims.get(key)
      if (same === undefined) claims.set(key, [claim])
      else same.push(claim)
    }
    const isRollback =
      queries.length === 0 &&
      transaction.length > 0 &&
      transaction.every((change) => change === 'rollback')
    const [query, ...others] = queries
    const gives = (query === undefined || others.length > 0 ? [] : givenKeys(query)).filter(
      (given) => isAnchored(given, translation),
    )
    const found = {
      action,
      claims: [...claims.values()].flatMap(strictest),
      transaction,
      isRollback,
    }
    return gives.length === 0 ? found : { ...found, gives }
  } catch (error) {
    if (!(error instanceof Unprovable)) throw error
    const { detail: unprovable, message: obstacle } = error
    return { action, claims: [], unprovable, obstacle, transaction: [], isRollback: false }
  }
}

/** Another place may decide its type, and with it what it is equal to. */
function alsoElsewhere(constant: Constant): string {
  const name = constant.kind === 'literal' ? 'it' : `$${constant.index}`
  return `${name} also stands where it may be of another type: cast it there, as in ${name}::text`
}

function isAnchored(
  { constants, keys = [] }: Pick<GivenColumn, 'constants' | 'keys'>,
  translation: Translation,
): boolean {
  const all = [...constants, ...keys.flatMap((need) => need.constants)]
  return all.every((constant) => isAnchoring(translation, constant))
}

/** All of what was found about one mention, or what leaves it open. */
function strictest(claims: readonly Claim[]): readonly Claim[] {
  const [first] = claims
  if (first === undefined || claims.length === 1) return claims
  // Mentions of one query of WITH say the same, each anew.
  const constants = new Map<string, Constant>()
  const keys: KeyNeed[] = []
  let written = false
  for (const claim of claims) {
    if (claim.constants === undefined) return [claim]
    written ||= claim.written
    // Two owners whose keys are made in different ways cannot be asked as one.
    if (claim.tenantKey !== first.tenantKey) return [{ ...first, constants: undefined }]
    spend('constants', claim.constants.length)
    for (const each of claim.constants) constants.set(wordsFor(each), each)
    append(keys, claim.keys ?? [])
  }
  const all = { ...first, written, constants: [...constants.values()] }
  return [keys.length === 0 ? all : { ...all, keys }]
}
