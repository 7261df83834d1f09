import { shapeOf } from '@partywall/context/spi'
import { RolloutError } from './rollout-error.ts'

/** Who changes something, and why. Both go on record. */
export interface Change {
  readonly actor: string
  readonly reason: string
}

/** The name by which the automatic rollback goes on record; nobody else may use the prefix. */
export const automaticActor = 'partywall:auto'

/**
 * A person's change, with actor and reason.
 * @throws {@link RolloutError} `rollout.invalid_change` when a field is blank or too long, or names the product.
 */
export function parseChange(change: Change): Change {
  const { actor, reason } = change
  for (const [field, value] of [
    ['actor', actor],
    ['reason', reason],
  ] as const) {
    const fault = faultOf(value)
    if (fault !== undefined) {
      throw new RolloutError(
        'rollout.invalid_change',
        `the ${field} is ${fault}; name who changes this and why, each in 1–1000 characters`,
      )
    }
  }
  if (actor.startsWith('partywall:') || actor === 'environment' || actor === 'file') {
    throw new RolloutError(
      'rollout.invalid_change',
      'this actor is kept for the product; give the name of a person or a job',
    )
  }
  return { actor, reason }
}

function faultOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return 'missing'
  if (typeof value !== 'string' || value.length > 1000) return shapeOf(value)
  return value.trim() === '' ? 'blank' : undefined
}
