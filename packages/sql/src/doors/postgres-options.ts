import { setTimeout as wait } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { isSealed, shownText } from './sealed-values.ts'
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
      values.map((value) => (isSealed(value) ? shownText(value) : value)),
      [...types],
    )
}

/** What servers report to this client; which of its connections was told, the driver does not say. */
export interface ClientSettings extends SessionSettings {
  /** The system changes a session that nobody else is on. */
  apart<Result>(work: () => Promise<Result>): Promise<Result>
  /** Resolves when nobody is apart, or in so many seconds. */
  together(seconds: number | undefined): Promise<void>
}

export function watchParameters(options: Options): ClientSettings {
  const settings = createSessionSettings({ path: undefined })
  const changing = new Set<Promise<unknown>>()
  // The driver's own place for them, written at every report that brings something new.
  const internal = options as unknown as { parameters: Record<string, string> }
  for (const [name, value] of Object.entries(internal.parameters)) settings.reported(name, value)
  internal.parameters = new Proxy(internal.parameters, {
    set(target, name, value) {
      if (changing.size === 0) settings.reported(String(name), String(value))
      return Reflect.set(target, name, value)
    },
  })
  return {
    reported: settings.reported,
    get isKnown() {
      return settings.isKnown
    },
    async apart(work) {
      const working = work()
      changing.add(working)
      try {
        return await working
      } finally {
        changing.delete(working)
        // Whatever others were told meanwhile.
        for (const [name, value] of Object.entries(internal.parameters)) {
          settings.reported(name, value)
        }
      }
    },
    async together(seconds) {
      const over = new AbortController()
      const all = Promise.allSettled(changing)
      const late = seconds === undefined ? [] : [wait(seconds * 1000, undefined, over)]
      await Promise.race([all, ...late])
      over.abort()
      for (const each of late) each.catch(() => undefined)
    },
  }
}
