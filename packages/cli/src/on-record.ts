import { exitCodes } from './exit-code.ts'
import { pageWidth, wrap } from './layout.ts'
import type { Outcome } from './outcome.ts'

/**
 * Tells about a record that was just made. Whatever fails from here on must not look like a
 * refusal: the change is made, and saying otherwise would have it made twice.
 */
export async function onRecord(facts: object, tell: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await tell()
  } catch (error) {
    const unread = error instanceof Error ? error.message : String(error)
    return {
      exitCode: exitCodes.unconfirmed,
      result: { ...facts, unread },
      text: (paint) => [
        paint('The change is on record, but what became of it could not be read:', 'bad'),
        ...unread.split('\n').flatMap((line) => wrap(line, pageWidth)),
      ],
    }
  }
}
