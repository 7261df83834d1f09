import type { TenantId } from '@partywall/context'
import {
  blockAlways,
  currentScope,
  isObserved,
  publish,
  type Scope,
  type Violation,
} from '@partywall/context/spi'
import { aTenantSchema, optional } from '../expected.ts'
import { loadParser } from '../parse/parse.ts'
import { defineTenantSchema, type TenantSchema } from '../schema/tenant-schema.ts'
import { isConfined } from './condition.ts'
import { inOptions, inSchema } from './given.ts'
import { type GuardOptions, guardOptions } from './guard-options.ts'
import type { OwnKeys, Receipt } from './own-keys.ts'
import { tellSchema } from './session-path.ts'
import { SqlGuardError } from './sql-guard-error.ts'
import { statementShape } from './statement-shape.ts'
import { tenantVerdict } from './tenant-statement.ts'
import { createTextCache } from './text-cache.ts'
import {
  createTransactionTenant,
  type SessionState,
  type TransactionTenant,
} from './transaction-tenant.ts'
import { judge, type Verdict } from './verdict.ts'
import { type ClientCall, type Execution, unknownViolation, violationsOf } from './violations.ts'

/** One statement as it will be sent. */
export interface SentStatement {
  readonly text: string
  readonly values: readonly unknown[]
  /** Set where the door cannot tell what will be sent. */
  readonly opaque?: boolean
  /** Set where the door knows it: records name it instead of the statement's kind. */
  readonly call?: ClientCall | undefined
  /**
   * Keys that earlier statements of the same call have given: for clients that read keys first, and
   * then read and write by them.
   */
  readonly keys?: OwnKeys | undefined
}

export interface SessionOptions {
  /** Set where each statement takes whatever connection is free: none begins or ends a transaction. */
  readonly pooled?: boolean | undefined
  /**
   * Set where {@link GuardSession.confirmed} will be called. Until then, whoever ended a transaction
   * still has it: a text may fail half-way, or never be sent.
   */
  readonly confirms?: boolean | undefined
}

/** Looks at the statements of one connection: a transaction belongs to one tenant. */
export interface GuardSession {
  /** What the connection would hand on to whoever gets it next. */
  readonly state: SessionState
  /**
   * Whether a statement was refused because a transaction of another tenant is open, which whoever has
   * the connection now cannot end.
   */
  readonly isOccupied: boolean
  /**
   * Whether a transaction is open if everything that was sent did what its text says; `undefined` where
   * nobody can tell. For doors that hear only answers: {@link GuardSession.confirmed} takes it when
   * everything was answered, and nothing failed.
   */
  readonly claimsOpen: boolean | undefined
  /**
   * Gives the columns of the reply that will be keys of the tenant's rows, where there are any.
   * @throws {@link SqlGuardError} `TENANT_CONTEXT_REQUIRED` when a violation is blocked,
   * `tenancy.disabled` when the kill switch refuses the tenant, the system, or work without a scope
   * that would have been a violation.
   */
  check(statement: SentStatement): Receipt | undefined
  /**
   * To be called with what the server says of its transaction when it has answered everything that was
   * sent: whether one is open, be it a failed one.
   */
  confirmed(isOpen: boolean): void
}

/** Proves that statements stay within the tenant of their scope, before they are sent. */
export interface Guard {
  /** For a connection of its own; one for each connection of a pool. */
  session(options?: SessionOptions): GuardSession
  /**
   * Proves with this schema from now on, and forgets what was proved before. `undefined`: nobody knows
   * which tables there are, and every statement that names one is a violation.
   */
  adopt(schema: TenantSchema | undefined): void
}

/** A text that was seen, and what it looks like without its values. */
interface Known {
  readonly verdict: Verdict
  shape?: string
}

const faulty: Verdict = {
  action: 'other',
  claims: [],
  unprovable: 'unsupported',
  transaction: [],
  isRollback: false,
}

const noTables = defineTenantSchema({})

/**
 * Makes a guard; the first one in a process loads PostgreSQL's parser.
 * @throws {@link SqlGuardError} `sql.options`, or `sql.schema` for what is no schema
 */
export async function createGuard(
  schema: TenantSchema,
  options: GuardOptions = {},
): Promise<Guard> {
  inSchema.value('schema', schema, aTenantSchema)
  // A misspelt one would silently do nothing.
  inOptions.options<GuardOptions>('options', options, guardOptions)
  const { enforcement = blockAlways, maxTextLength = 65_536, cachedTexts = 2000 } = options
  await loadParser()
  const texts = createTextCache<Known>(cachedTexts, maxTextLength)
  let current = schema
  const find = (text: string): Known => ({ verdict: judge(text, current, maxTextLength) })

  /** Never throws: a fault of ours is a violation, decided like every other. */
  function recallSafely(text: string): Known {
    try {
      return texts.recall(text, find)
    } catch (error) {
      publish({ type: 'fault', surface: 'sql', error })
      return { verdict: faulty }
    }
  }

  function findViolations(execution: Execution): readonly Violation[] {
    try {
      return violationsOf(execution)
    } catch (error) {
      publish({ type: 'fault', surface: 'sql', error })
      return [unknownViolation(execution, 'unsupported')]
    }
  }

  function look(sent: SentStatement, scope: Scope | undefined): Looked {
    const own = tenantVerdict(sent.text, sent.values, current)
    const known: Known = own === undefined ? recallSafely(sent.text) : { verdict: own }
    const statement = (): string => {
      known.shape ??= statementShape(sent.text, maxTextLength)
      return known.shape
    }
    const { values, call, keys } = sent
    const execution: Execution = { verdict: known.verdict, values, call, keys, scope, statement }
    const violations = findViolations(execution)
    return { execution, violations }
  }

  /** Tells of every violation; the strictest answer decides. */
  function answer(violations: readonly Violation[], scope: Scope | undefined): void {
    const decided = violations.map((violation) => ({
      violation,
      decision: enforcement.decide(violation, scope),
    }))
    // Who is not served at all violates nothing.
    if (decided.some(({ decision }) => decision.reason === 'kill_switch')) refuse(scope)
    const blocked = decided.find(({ decision }) => decision.action === 'block')
    for (const { violation, decision } of decided) {
      // What is not sent makes use of no bypass.
      const isUnused = blocked !== undefined && decision.action === 'bypass'
      if (!isUnused && isObserved()) publish({ type: 'decision', violation, decision, scope })
    }
    if (blocked !== undefined) {
      const message = `TENANT_CONTEXT_REQUIRED: ${blocked.violation.model}`
      throw new SqlGuardError('TENANT_CONTEXT_REQUIRED', message)
    }
  }

  function isClosed(tenantId: TenantId | undefined): boolean {
    return enforcement.refusal(tenantId) !== undefined
  }

  /**
   * The kill switch: a tenant that is not served and the system may send nothing, nobody may keep
   * what they began. A transaction must not stay open on its connection, so all may roll back.
   */
  function isRefused(
    { text }: SentStatement,
    scope: Scope | undefined,
    transaction: TransactionTenant,
  ): boolean {
    const { tenant, system } = scope ?? {}
    const someone = tenant !== undefined || system !== undefined
    if (someone && isClosed(tenant?.tenantId)) return !recallSafely(text).verdict.isRollback
    return (
      transaction.workers().some(isClosed) &&
      recallSafely(text).verdict.transaction.includes('commit')
    )
  }

  function createSession(options: SessionOptions = {}): GuardSession {
    const { pooled = false, confirms = false } = options
    const transaction = createTransactionTenant({ pooled, confirms })
    let isOccupied = false
    return {
      get state() {
        return transaction.state()
      },
      get isOccupied() {
        return isOccupied
      },
      get claimsOpen() {
        return transaction.claimsOpen()
      },
      confirmed(isOpen) {
        transaction.confirmed(isOpen)
        if (!isOpen) isOccupied = false
      },
      check(given) {
        // What is no text by itself can be one now, and another when it is sent.
        const isText = typeof given.text === 'string'
        const sent = isText ? given : { ...given, text: '', values: [], opaque: true }
        const startedAt = isObserved() ? performance.now() : undefined
        const scope = currentScope()
        const refused = isRefused(sent, scope, transaction)
        const looked = !refused && enforcement.watching ? look(sent, scope) : undefined
        const violations = looked === undefined ? [] : violationsIn(looked, sent, transaction)
        if (startedAt !== undefined) {
          publish({ type: 'guarded', surface: 'sql', overheadMs: performance.now() - startedAt })
        }
        if (refused) refuse(scope)
        if (violations.length > 0) {
          const before = isOccupied
          isOccupied ||= transaction.isOccupied(scope)
          answer(violations, scope)
          // It was not refused.
          isOccupied = before
        }
        transaction.sent(looked?.execution, scope, sent.opaque === true)
        return looked === undefined || violations.length > 0 ? undefined : receiptOf(looked)
      },
    }
  }

  function adopt(next: TenantSchema | undefined): void {
    inSchema.value('schema', next, optional(aTenantSchema))
    current = next ?? noTables
    texts.clear()
  }

  const guard: Guard = Object.freeze({ session: createSession, adopt })
  tellSchema(guard, () => current)
  return guard
}

interface Looked {
  readonly execution: Execution
  readonly violations: readonly Violation[]
}

function receiptOf({ execution }: Looked): Receipt | undefined {
  const { verdict, values, scope, keys } = execution
  const tenant = scope?.tenant
  if (keys === undefined || verdict.gives === undefined || tenant === undefined) return undefined
  const columns = verdict.gives.filter((given) => isConfined(given, tenant, values, keys))
  return { tenant, columns }
}

function violationsIn(
  { execution, violations }: Looked,
  sent: SentStatement,
  transaction: TransactionTenant,
): readonly Violation[] {
  const detail =
    sent.opaque === true ? 'opaque' : transaction.mixes(execution) ? 'foreign_value' : undefined
  return detail === undefined ? violations : [...violations, unknownViolation(execution, detail)]
}

/** The kill switch: it refuses also what violates nothing. */
function refuse(scope: Scope | undefined): never {
  const code = 'tenancy.disabled'
  const { tenant, operation } = scope ?? {}
  publish({
    type: 'refusal',
    surface: 'sql',
    code,
    status: 501,
    ...(tenant === undefined ? {} : { tenantId: tenant.tenantId }),
    ...(operation === undefined ? {} : { operation }),
  })
  throw new SqlGuardError(code, 'tenancy is disabled: the kill switch is on')
}
