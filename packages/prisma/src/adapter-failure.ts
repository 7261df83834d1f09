import type { Guard } from '@partywall/sql'
import { reportFailure } from '@partywall/sql/door'

/**
 * Tells whoever watches the catalogue what the server answered. Adapters wrap it in errors of their
 * own, with what it said in their cause.
 */
export function tellFailure(guard: Guard, error: unknown): void {
  const cause: unknown = error instanceof Error ? error.cause : undefined
  if (typeof cause !== 'object' || cause === null) return
  const said = (name: string): unknown => Reflect.get(cause, name)
  reportFailure(guard, {
    code: said('originalCode') ?? said('code'),
    message: said('originalMessage') ?? said('message'),
  })
}
