import type { Guard } from '@partywall/sql'
import { reportFailure } from '@partywall/sql/door'

/**
 * Tells whoever watches the catalogue what the server answered. Adapters wrap it in errors of their
 * own, with what it said in their cause.
 */
export function tellFailure(guard: Guard, error: unknown): void {
  const cause = causeOf(error)
  if (cause === undefined) return
  const said = (name: string): unknown => Reflect.get(cause, name)
  reportFailure(guard, {
    code: codeOf(cause),
    message: said('originalMessage') ?? said('message'),
  })
}

/** Whether the server said it: then it has read what it was sent, and waits for more. */
export function isAnswer(error: unknown): boolean {
  const cause = causeOf(error)
  const code = cause === undefined ? undefined : codeOf(cause)
  // A broken line has a code of five letters too.
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && code !== 'EPIPE'
}

function causeOf(error: unknown): object | undefined {
  const cause: unknown = error instanceof Error ? error.cause : undefined
  return typeof cause === 'object' && cause !== null ? cause : undefined
}

function codeOf(cause: object): unknown {
  return Reflect.get(cause, 'originalCode') ?? Reflect.get(cause, 'code')
}
