import { EventEmitter } from 'node:events'
import type { Guard } from '../guard/guard.ts'
import { findsAlike } from '../guard/session-path.ts'
import { settingsOf } from './pg-settings.ts'
import type { SessionSettings, SharedPath } from './session-settings.ts'

/** What servers said of the sessions of a pool that lends its connections itself. */
export interface PooledSettings {
  /** Whether texts mean what the guard takes them for on every connection that may be lent. */
  readonly isKnown: boolean
  /** Of one connection, which nobody else gets until it is given back. */
  hold(client: unknown): HeldSettings
}

/** What the server of one connection said, while it is held. */
export interface HeldSettings {
  /** Whether texts mean on it what the guard takes them for. */
  readonly isKnown: boolean
  /** To be called when the connection may be lent to others again. */
  giveBack(): void
}

type ForGuard = (guard: Guard) => PooledSettings

const watched = new WeakMap<object, ForGuard>()

/** Nothing is heard of what is no pool of `pg`. */
const unheard: PooledSettings = Object.freeze({
  isKnown: true,
  hold: () => ({ isKnown: true, giveBack: () => undefined }),
})

/**
 * Hears what is reported to the connections that a pool of `pg` opens from now on, and has the first
 * one opened: a statement that waits for its connection was checked before that was heard.
 */
export async function watchPool(pool: unknown, guard: Guard): Promise<PooledSettings> {
  if (!(pool instanceof EventEmitter)) return unheard
  const known = watched.get(pool)
  if (known !== undefined) return known(guard)
  const settings = watch(pool)
  watched.set(pool, settings)
  const own = settings(guard)
  if (own !== unheard && Reflect.get(pool, 'totalCount') === 0) await openFirst(pool)
  return own
}

function watch(pool: EventEmitter): ForGuard {
  const Client: unknown = Reflect.get(pool, 'Client')
  if (typeof Client !== 'function') return () => unheard
  const shared: SharedPath = { path: undefined }
  const open = new Map<unknown, SessionSettings>()
  const held = new Set<unknown>()
  const watching = new Proxy(Client, {
    construct(target, call, newTarget) {
      const client: object = Reflect.construct(target, call, newTarget)
      open.set(client, settingsOf(client, shared))
      if (client instanceof EventEmitter) client.once('end', () => open.delete(client))
      return client
    },
  })
  Reflect.set(pool, 'Client', watching)
  return (guard) => ({
    get isKnown() {
      if (!findsAlike(guard, shared)) return false
      for (const [client, settings] of open)
        if (!settings.isKnown && !held.has(client)) return false
      return true
    },
    hold(client) {
      held.add(client)
      return {
        get isKnown() {
          return findsAlike(guard, shared) && (open.get(client)?.isKnown ?? true)
        },
        giveBack: () => void held.delete(client),
      }
    },
  })
}

async function openFirst(pool: EventEmitter): Promise<void> {
  try {
    const client: unknown = await Reflect.apply(Reflect.get(pool, 'connect'), pool, [])
    Reflect.apply(Reflect.get(Object(client), 'release'), client, [])
  } catch {
    // Whoever asks next is told.
  }
}
