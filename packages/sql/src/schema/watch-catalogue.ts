import { AsyncResource } from 'node:async_hooks'
import { aFunction, aGuard, aTenantSchema, optional } from '../expected.ts'
import { onDrift } from '../guard/drift.ts'
import { inOptions } from '../guard/given.ts'
import type { Guard } from '../guard/guard.ts'
import { SqlGuardError } from '../guard/sql-guard-error.ts'
import type { KnownOptions } from '../known-options.ts'
import type { Catalogue } from './catalogue.ts'
import { liveSchema } from './live-schema.ts'
import type { TenantSchema } from './tenant-schema.ts'

/** What a look at the database has shown. */
export type CatalogueLook =
  | { readonly kind: 'same' }
  /** The guard proves with what stands there now. */
  | { readonly kind: 'changed' }
  /** The declarations do not fit any more: the guard refuses every statement that names a table. */
  | { readonly kind: 'contradiction'; readonly error: SqlGuardError }
  /** Nobody could look: the guard proves with what was seen last. */
  | { readonly kind: 'unreadable'; readonly error: unknown }

export interface WatchCatalogueOptions {
  readonly guard: Guard
  /** As `defineTenantSchema` gave it. */
  readonly declared: TenantSchema
  /** `() => loadCatalogue(pool)`, by a pool that is not guarded. */
  readonly load: () => Promise<Catalogue>
  /**
   * How often to look, in milliseconds; 0 looks only when `look` is called, or when the server says
   * what makes one necessary. @defaultValue 60 000
   */
  readonly everyMs?: number | undefined
  /** Told of every look that found something. Must not throw. */
  readonly onLook?: ((look: CatalogueLook) => void) | undefined
}

export interface CatalogueWatch {
  /** Looks now: after a migration, or when the server says that a column does not exist. */
  look(): Promise<CatalogueLook>
  close(): void
}

const watchOptions: KnownOptions<WatchCatalogueOptions> = {
  guard: aGuard,
  declared: aTenantSchema,
  load: aFunction,
  everyMs: optional({
    words: 'milliseconds from 0 to 2^31 - 1',
    fits: (value) => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 31,
  }),
  onLook: optional(aFunction),
}

/** Looks that a server's answers ask for: the first at once, then one a second at most. */
const shortestPauseMs = 1000
const longestPauseMs = 60_000

/**
 * Keeps a guard in step with migrations: gives it the schema as it stands in the database, first now,
 * then at intervals, and soon after a server has told a door of the guard that a table or a column is
 * not there. One look at a time. Looks of the last kind that find nothing get rarer.
 * @throws {@link SqlGuardError} `sql.schema` when the declarations do not fit at the start,
 * `sql.catalogue` when `load` gives something else, `sql.options`, and what `load` rejects with
 */
export async function watchCatalogue(options: WatchCatalogueOptions): Promise<CatalogueWatch> {
  inOptions.options<WatchCatalogueOptions>('options', options, watchOptions)
  const { guard, declared, load, everyMs = 60_000, onLook } = options
  const first = await load()
  let seen = JSON.stringify(first)
  guard.adopt(liveSchema(declared, first))
  let looking: Promise<CatalogueLook> | undefined

  async function lookOnce(): Promise<CatalogueLook> {
    let found: Catalogue
    try {
      found = await load()
    } catch (error) {
      return { kind: 'unreadable', error }
    }
    const text = JSON.stringify(found)
    if (text === seen) return { kind: 'same' }
    seen = text
    try {
      guard.adopt(liveSchema(declared, found))
      return { kind: 'changed' }
    } catch (error) {
      guard.adopt(undefined)
      if (!(error instanceof SqlGuardError)) throw error
      return { kind: 'contradiction', error }
    }
  }

  function look(): Promise<CatalogueLook> {
    looking ??= lookOnce()
      .finally(() => {
        looking = undefined
      })
      .then((found) => {
        if (found.kind !== 'same') onLook?.(found)
        return found
      })
    return looking
  }

  const timer = everyMs === 0 ? undefined : setInterval(() => void look(), everyMs)
  timer?.unref()
  const soon = lookSoon(look)
  // Not in the scope of the statement that failed.
  const unsubscribe = onDrift(guard, AsyncResource.bind(soon.ask))
  return {
    look,
    close() {
      clearInterval(timer)
      unsubscribe()
      soon.close()
    },
  }
}

/** Looks when it is asked to, after whoever asks is done, and never more often than it is worth. */
function lookSoon(look: () => Promise<CatalogueLook>): { ask(): void; close(): void } {
  let timer: NodeJS.Timeout | undefined
  let pauseMs = shortestPauseMs
  let pausedUntil = 0
  async function run(): Promise<void> {
    try {
      const { kind } = await look()
      pauseMs = kind === 'changed' ? shortestPauseMs : Math.min(2 * pauseMs, longestPauseMs)
    } finally {
      pausedUntil = performance.now() + pauseMs
      timer = undefined
    }
  }
  return {
    ask() {
      // It is kept until its look is over: there is one at a time.
      timer ??= setTimeout(() => void run(), Math.max(0, pausedUntil - performance.now())).unref()
    },
    close: () => clearTimeout(timer),
  }
}
