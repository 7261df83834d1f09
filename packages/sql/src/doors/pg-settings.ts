import { EventEmitter } from 'node:events'
import { createListening, type Listening } from './listening.ts'
import { createSessionSettings, type SharedPath, turnsNullEquals } from './session-settings.ts'
import { type ClientSettings, hearSettings } from './told-settings.ts'

const watched = new WeakMap<object, ClientSettings>()

/** What the server says to this client; one that is connected already asks before its next statement. */
export function settingsOf(client: object, shared: SharedPath): ClientSettings {
  const known = watched.get(client)
  if (known !== undefined) return known
  const settings = createSessionSettings(shared)
  const parameters: unknown = Reflect.get(client, 'connectionParameters')
  const options = typeof parameters === 'object' && parameters !== null && 'options' in parameters
  if (options && turnsNullEquals(String(parameters.options))) {
    settings.reported('transform_null_equals', 'on')
  }
  const connection: unknown = Reflect.get(client, 'connection')
  const made =
    connection instanceof EventEmitter
      ? hearSettings(connection, settings, hasBegun(client))
      : Object.assign(settings, { told: () => undefined })
  watched.set(client, made)
  return made
}

/** Whether the server may have spoken before anybody listened. */
function hasBegun(client: object): boolean {
  const isSet = (name: string): boolean => Boolean(Reflect.get(client, name))
  return isSet('_connecting') || isSet('_connected') || isSet('processID')
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
