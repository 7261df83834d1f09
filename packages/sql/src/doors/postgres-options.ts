import type { Sql } from 'postgres'
import { isSealed, shownText } from './sealed-values.ts'

type Options = Sql['options']

/** What users may see and change: nothing that opens a connection. */
const shown = [
  'host',
  'port',
  'database',
  'user',
  'max',
  'prepare',
  'fetch_types',
  'types',
] as const

/** The options of a client, with the tables that libraries above it replace entries of. */
export function showOptions(options: Options): object {
  const { transform, parsers, serializers } = options
  const copies = Object.fromEntries(shown.map((name) => [name, options[name]]))
  return Object.freeze({ ...copies, transform, parsers, serializers })
}

/**
 * Shows the user's own `debug` what it expects, and lets it change nothing. What it throws is a warning:
 * the driver is writing then, and would fail the statement that runs in place of the one that is shown.
 */
export function hideSealedValues(options: Options): void {
  const { debug } = options
  if (typeof debug !== 'function') return
  options.debug = (connection, text, values, types) => {
    const shownValues = values.map((value) => (isSealed(value) ? shownText(value) : value))
    try {
      debug(connection, text, shownValues, [...types])
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error))
    }
  }
}
