import { EventEmitter } from 'node:events'
import { createListening, type Listening } from './listening.ts'
import {
  createSessionSettings,
  type SessionSettings,
  type SharedPath,
  turnsNullEquals,
} from './session-settings.ts'

const watched = new WeakMap<object, SessionSettings>()

/** What the server says to this client; from the start, where it is not yet connected. */
export function settingsOf(client: object, shared: SharedPath): SessionSettings {
  const known = watched.get(client)
  if (known !== undefined) return known
  const settings = createSessionSettings(shared)
  watched.set(client, settings)
  const connection: unknown = Reflect.get(client, 'connection')
  if (connection instanceof EventEmitter) {
    connection.on('parameterStatus', ({ parameterName, parameterValue }) => {
      settings.reported(String(parameterName), String(parameterValue))
    })
  }
  const parameters: unknown = Reflect.get(client, 'connectionParameters')
  const options = typeof parameters === 'object' && parameters !== null && 'options' in parameters
  if (options && turnsNullEquals(String(parameters.options))) {
    settings.reported('transform_null_equals', 'on')
  }
  return settings
}

/** Tells of every error that the server sends to this client, whoever is to answer for it. */
export function hearErrors(client: object, tell: (error: unknown) => void): void {
  const connection: unknown = Reflect.get(client, 'connection')
  if (connection instanceof EventEmitter) connection.on('errorMessage', tell)
}

/** Has the clients of a pool watched before they connect. */
export function watchClients(pool: object, shared: SharedPath): void {
  const Client: unknown = Reflect.get(pool, 'Client')
  if (typeof Client !== 'function') return
  const watching = new Proxy(Client, {
    construct(target, call, newTarget) {
      const client: object = Reflect.construct(target, call, newTarget)
      settingsOf(client, shared)
      return client
    },
  })
  Reflect.set(pool, 'Client', watching)
}

const reported = new Set(['parameterStatus'])

/**
 * Of a client's connection, libraries may hear what the server reports: the connection itself sends
 * whatever it is told to.
 */
export function reportsOf(client: object): Listening | undefined {
  const connection: unknown = Reflect.get(client, 'connection')
  if (!(connection instanceof EventEmitter)) return undefined
  const reports: Listening = createListening(connection, {
    events: reported,
    wrap: (value) => value,
    self: () => reports.methods,
  })
  return reports
}
