import { randomUUID } from 'node:crypto'
import { publish } from './channel.ts'
import { PartywallError } from './partywall-error.ts'
import { currentScope, runInScope } from './scope.ts'
import { shapeOf } from './shape.ts'

/** Work that belongs to no single tenant, and who answers for it. */
export interface SystemScope {
  /** One scope is one use of a bypass, however many statements it runs. */
  readonly id: string
  /** Who does this: a person or a named job. */
  readonly actor: string
  /** Why, as a declared code: it becomes a metric label. `unspecified` only where flags allow it. */
  readonly reason: string
  /** Free text for the record. */
  readonly note?: string
}

export interface SystemScopeInit {
  readonly actor: string
  /** A code such as `nightly_cleanup`; may be left out only where the flags say so. */
  readonly reason?: string | undefined
  readonly note?: string | undefined
}

/** What a reason code looks like: it must be safe as a metric label. */
export const reasonCodePattern: RegExp = /^[a-z][a-z0-9_.-]{0,62}$/

/** The reason recorded when none was given. */
export const unspecifiedReason = 'unspecified'

/**
 * Marks `work` as done for the system. It opens nothing by itself: each wall asks its enforcement,
 * which answers `bypass` only where the flags allow it.
 * @throws {@link PartywallError} `system.invalid` when the actor is blank or the reason is no code.
 */
export function runAsSystem<Result>(init: SystemScopeInit, work: () => Result): Result {
  const system = createSystemScope(init)
  const operation = currentScope()?.operation
  publish({ type: 'system_scope', system, operation })
  return runInScope({ tenant: undefined, system, operation }, work)
}

/** The system scope of the running work, if it is done for the system. */
export function currentSystem(): SystemScope | undefined {
  return currentScope()?.system
}

function createSystemScope({ actor, reason, note }: SystemScopeInit): SystemScope {
  if (typeof actor !== 'string' || actor.trim() === '') {
    throw new PartywallError('system.invalid', `actor is ${shapeOf(actor)}; expected a name`)
  }
  if (reason !== undefined && (typeof reason !== 'string' || !reasonCodePattern.test(reason))) {
    throw new PartywallError(
      'system.invalid',
      `reason is ${shapeOf(reason)}; expected a code matching ${reasonCodePattern.source}; put free text into note`,
    )
  }
  return Object.freeze({
    id: randomUUID(),
    actor,
    reason: reason ?? unspecifiedReason,
    ...(note === undefined ? {} : { note }),
  })
}
