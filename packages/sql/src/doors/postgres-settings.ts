import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import type { Sql } from 'postgres'
import type { SessionPath } from '../schema/tenant-schema.ts'
import { createSessionSettings, type SessionSettings, type SharedPath } from './session-settings.ts'

type Options = Sql['options']
type Parameters = Record<string, string>

/** What servers report to a client, of each of its connections by itself. */
export interface ClientSettings {
  /** Whether texts mean what the guard takes them for on every connection that others may get. */
  readonly isKnown: boolean
  /** Whose its sessions are, as far as it was reported. */
  readonly lookup: SessionPath
  /** What servers said last, whoever was told: the driver's own list, which nobody else may see. */
  readonly parameters: Readonly<Parameters>
  /**
   * The system changes a session that nobody else is on, and nobody hears what is reported of it; also
   * not after, unless `work` says that others may have it again.
   */
  apart(settings: SessionSettings | undefined, work: () => Promise<boolean>): Promise<void>
  /** What was heard of the connection by which a row comes, to be asked while it comes. */
  readonly speaking: SessionSettings | undefined
  /** Is waited for by {@link ClientSettings.together}. */
  changing(work: () => Promise<unknown>): Promise<void>
  /** Resolves when nobody is apart, or in so many seconds. */
  together(seconds: number | undefined): Promise<void>
}

export function watchParameters(options: Options): ClientSettings {
  const connections = followConnections(options)
  const apart = new WeakSet<SessionSettings>()
  const changing = new Set<Promise<unknown>>()
  return {
    get isKnown() {
      for (const each of connections.unknown) if (!apart.has(each)) return false
      return true
    },
    lookup: connections.shared,
    parameters: connections.parameters,
    get speaking() {
      return connections.speaking
    },
    async apart(settings, work) {
      if (settings !== undefined) apart.add(settings)
      if ((await work()) && settings !== undefined) apart.delete(settings)
    },
    async changing(work) {
      const working = work()
      changing.add(working)
      await working
      changing.delete(working)
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

interface Connections {
  /** Those whose server said that it reads texts otherwise. */
  readonly unknown: ReadonlySet<SessionSettings>
  readonly shared: SharedPath
  readonly parameters: Readonly<Parameters>
  readonly speaking: SessionSettings | undefined
}

/**
 * The driver says to nobody which connection was told. What a socket brings runs in the asynchronous
 * context in which it was opened: each is opened in one of its own.
 */
function followConnections(options: Options): Connections {
  const shared: SharedPath = { path: undefined }
  const current = new AsyncLocalStorage<SessionSettings>()
  // Of connections that were opened before, and of sockets that users open: what is bad stays so.
  const others = createSessionSettings(shared)
  const unknown = new Set<SessionSettings>()
  function report(name: string, value: string): void {
    const settings = current.getStore() ?? others
    settings.reported(name, value)
    if (!settings.isKnown) unknown.add(settings)
    else if (settings !== others) unknown.delete(settings)
  }

  const internal = options as unknown as {
    parameters: Parameters
    socket: unknown
    onclose: unknown
  }
  const { parameters, socket, onclose } = internal
  for (const [name, value] of Object.entries(parameters)) report(name, value)
  // The driver compares what it is told with what it was told last, and writes what is new.
  internal.parameters = new Proxy(parameters, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (current.getStore() !== undefined && typeof value === 'string') report(String(name), value)
      return value
    },
    set(target, name, value) {
      report(String(name), String(value))
      return Reflect.set(target, name, value)
    },
  })
  if (!socket) {
    Object.defineProperty(options, 'socket', {
      // The driver alone reads it, just before it opens a connection.
      // biome-ignore lint/plugin: no function of it opens the socket, and no tenant is in here
      get: () => void current.enterWith(createSessionSettings(shared)),
    })
  }
  internal.onclose = (id: unknown) => {
    const settings = current.getStore()
    if (settings !== undefined) unknown.delete(settings)
    if (typeof onclose === 'function') onclose(id)
  }

  return {
    unknown,
    shared,
    parameters,
    get speaking() {
      return current.getStore()
    },
  }
}
