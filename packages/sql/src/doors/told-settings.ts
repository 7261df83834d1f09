import type { EventEmitter } from 'node:events'
import { type SessionSettings, settingNames } from './session-settings.ts'

/** What the server says to one client. */
export interface ClientSettings extends SessionSettings {
  /**
   * To be waited for before a statement is checked: until the client is connected, or until one that
   * was connected before anybody listened has asked. It rejects where the connection ends before.
   */
  told(ask: Ask): Promise<void> | undefined
}

/** Sends a text of several statements by the client itself. */
export type Ask = (text: string) => Promise<unknown>

/** None of it looks anything up by a name that a session could change. */
const questions = settingNames.map((name) => `show ${name}`).join('; ')

/** Hears what is reported to a connection, and asks once where it may have been told before. */
export function hearSettings(
  connection: EventEmitter,
  settings: SessionSettings,
  isLate: boolean,
): ClientSettings {
  let isHeard = !isLate
  let isAwaited = false
  let waiting = isLate ? undefined : opened()

  /** Whoever comes in the same turn waits like those before: statements keep their order. */
  function later(): void {
    setImmediate(() => {
      waiting = undefined
    })
  }

  function opened(): Promise<void> {
    const opening = new Promise<void>((resolve, reject) => {
      connection.once('readyForQuery', () => {
        resolve()
        if (isAwaited) later()
        else waiting = undefined
      })
      connection.once('end', () => reject(new Error('Connection terminated unexpectedly')))
    })
    // Mostly nobody waits.
    opening.catch(() => undefined)
    return opening
  }

  async function asked(ask: Ask): Promise<void> {
    try {
      for (const { rows } of (await ask(questions)) as readonly Answer[]) {
        for (const [name, value] of Object.entries(rows[0] ?? {})) settings.reported(name, value)
      }
      isHeard = true
    } catch (error) {
      // What the server refuses to say nobody knows, and the next statement asks again.
      if (!isAnswered(error)) throw error
    } finally {
      later()
    }
  }

  connection.on('parameterStatus', ({ parameterName, parameterValue }) => {
    settings.reported(String(parameterName), String(parameterValue))
  })
  return {
    reported: settings.reported,
    lookup: settings.lookup,
    get isKnown() {
      return isHeard && settings.isKnown
    },
    told(ask) {
      if (waiting === undefined && !isHeard) waiting = asked(ask)
      isAwaited = true
      return waiting
    },
  }
}

/** Whether the server says so itself: else the connection is lost, or took too long. */
function isAnswered(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'severity' in error
}

interface Answer {
  readonly rows: readonly Readonly<Record<string, string>>[]
}
