import type { Sql } from 'postgres'
import { isSealed } from './sealed-values.ts'
import { createSessionSettings, type SessionSettings } from './session-settings.ts'

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

/** Shows the user's own `debug` what it expects, and lets it change nothing. */
export function hideSealedValues(options: Options): void {
  const { debug } = options
  if (typeof debug !== 'function') return
  options.debug = (connection, text, values, types) =>
    debug(
      connection,
      text,
      values.map((value) => (isSealed(value) ? `${value}` : value)),
      [...types],
    )
}

/** What servers report to this client; which of its connections was told, the driver does not say. */
export interface ClientSettings extends SessionSettings {
  /** The system changes a session that nobody else is on. */
  apart<Result>(work: () => Promise<Result>): Promise<Result>
}

export function watchParameters(options: Options): ClientSettings {
  const settings = createSessionSettings({ path: undefined })
  let changing = 0
  // The driver's own place for them, written at every report that brings something new.
  const internal = options as unknown as { parameters: Record<string, string> }
  for (const [name, value] of Object.entries(internal.parameters)) settings.reported(name, value)
  internal.parameters = new Proxy(internal.parameters, {
    set(target, name, value) {
      if (changing === 0) settings.reported(String(name), String(value))
      return Reflect.set(target, name, value)
    },
  })
  return {
    reported: settings.reported,
    get isKnown() {
      return settings.isKnown
    },
    async apart(work) {
      changing += 1
      try {
        return await work()
      } finally {
        changing -= 1
        // Whatever others were told meanwhile.
        for (const [name, value] of Object.entries(internal.parameters)) {
          settings.reported(name, value)
        }
      }
    },
  }
}
