import {
  type Scope,
  unknownModel,
  type Violation,
  type ViolationDetail,
} from '@partywall/context/spi'
import { isConfined } from './condition.ts'
import { hintFor, hintForAll } from './mend-hint.ts'
import type { OwnKeys } from './own-keys.ts'
import { parameterShape } from './statement-shape.ts'
import type { Claim, Verdict } from './verdict.ts'

/** The call of a client that a statement was made for. */
export interface ClientCall {
  /** The model that was asked for: others in the statement are related to it. */
  readonly model?: string
  /** The action's name in the record, such as `findMany`. */
  readonly action: string
}

/** One execution of a text. */
export interface Execution {
  readonly verdict: Verdict
  readonly values: readonly unknown[]
  readonly call?: ClientCall | undefined
  /** Keys of the tenant's rows that the call was given. */
  readonly keys?: OwnKeys | undefined
  readonly scope: Scope | undefined
  /** The text's shape, made on first use. */
  readonly statement: () => string
}

const none: readonly Violation[] = Object.freeze([])

/** Every relation that is not confined to the tenant of the scope. */
export function violationsOf(execution: Execution): readonly Violation[] {
  const { verdict, values, scope, keys } = execution
  if (verdict.unprovable !== undefined) return [unknownViolation(execution, verdict.unprovable)]
  const tenant = scope?.tenant
  let found: Violation[] | undefined
  for (const claim of verdict.claims) {
    if (tenant !== undefined && isConfined(claim, tenant, values, keys)) continue
    found ??= []
    found.push(violation(execution, claim))
  }
  return found ?? none
}

/** The violation of a statement of which nobody can say what it touches. */
export function unknownViolation(execution: Execution, detail: ViolationDetail): Violation {
  const { verdict } = execution
  return describe(execution, {
    model: unknownModel,
    action: verdict.action,
    violation: 'missing_tenant_id',
    detail,
    severity: 'CRITICAL',
    hint: hintForAll(detail, verdict),
  })
}

function violation(execution: Execution, claim: Claim): Violation {
  const { model, action, severity } = claim
  // A client that asks for one model fetches the rows of related ones by statements of their own.
  const related = execution.call?.model !== undefined && execution.call.model !== model
  const kind = related ? 'missing_relation_filter' : claim.violation
  const detail = detailOf(claim, execution.scope)
  return describe(execution, {
    model,
    action,
    violation: kind,
    severity,
    hint: hintFor(claim, execution.scope),
    ...(detail === undefined ? {} : { detail }),
  })
}

function detailOf(claim: Claim, scope: Scope | undefined): ViolationDetail | undefined {
  if (claim.written) return 'tenant_write'
  const isCompared = claim.constants !== undefined && claim.keys === undefined
  return isCompared && scope?.tenant !== undefined ? 'foreign_value' : undefined
}

function describe(
  { statement, values, call, scope }: Execution,
  what: Pick<Violation, 'model' | 'action' | 'violation' | 'detail' | 'severity' | 'hint'>,
): Violation {
  const tenant = scope?.tenant
  let shape: Violation['shape'] | undefined
  let stack: string | undefined
  return {
    surface: 'sql',
    ...what,
    ...(call === undefined ? {} : { action: call.action }),
    ...(tenant === undefined ? {} : { tenantId: tenant.tenantId }),
    ...(tenant?.userId === undefined ? {} : { userId: tenant.userId }),
    get shape() {
      shape ??= Object.freeze({ statement: statement(), parameters: values.map(parameterShape) })
      return shape
    },
    get stack() {
      stack ??= takeStack()
      return stack
    },
  }
}

/** Deep enough to reach the caller through a driver and a query builder. */
const stackFrames = 50

function takeStack(): string {
  const usual = Error.stackTraceLimit
  Error.stackTraceLimit = stackFrames
  const { stack } = new Error('TENANT_VIOLATION')
  Error.stackTraceLimit = usual
  return stack ?? ''
}
