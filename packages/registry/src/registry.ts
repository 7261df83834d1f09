import { setMaxListeners } from 'node:events'
import { PartywallError, type TenantId } from '@partywall/context'
import { publish, type TenantLookup } from '@partywall/context/spi'
import { describeProblem, RegistryError, type RegistryProblem } from './registry-error.ts'
import type { RegistryOptions } from './registry-options.ts'
import { type IndexedSnapshot, type RegistrySnapshot, readSet } from './snapshot.ts'
import type { RegistrySource, SourceReading } from './source.ts'
import type { Tenant } from './tenant.ts'

/** What became of a reading. In both cases `snapshot` is the one in force. */
export type Reload<Metadata = unknown> =
  | { readonly ok: true; readonly snapshot: RegistrySnapshot<Metadata> }
  | {
      readonly ok: false
      readonly snapshot: RegistrySnapshot<Metadata>
      readonly problems: readonly RegistryProblem[]
    }

/** Which tenants exist, and what they may. Answers from memory, from one snapshot at a time. */
export interface Registry<Metadata = unknown> extends TenantLookup {
  find(tenantId: TenantId): Tenant<Metadata> | undefined
  /** Aborted as soon as the tenant is suspended or gone; at once, when it is not active now. */
  signal(tenantId: TenantId): AbortSignal
  snapshot(): RegistrySnapshot<Metadata>
  /**
   * What was wrong with the last reading, which was therefore not applied; empty when the last one
   * was good.
   */
  problems(): readonly RegistryProblem[]
  /** Reads the source again: the whole set is applied, or nothing is. */
  reload(): Promise<Reload<Metadata>>
  /**
   * Tells `listener` of every later reading, applied or refused, until the returned function is
   * called; a refusal with the same problems as the one before is not told again. What a listener throws is published as a fault.
   */
  onChange(listener: (reload: Reload<Metadata>) => void): () => void
  /** Stops following the source. Lookups keep answering from the last snapshot. */
  close(): void
}

/**
 * Reads all tenants and follows their source.
 * A later set with anything wrong in it is refused as a whole: the last good one stays in force.
 * @throws {@link RegistryError} `registry.invalid` with every problem of the first reading.
 * @example
 * ```ts
 * const registry = await createRegistry(yamlDirectory('configs/tenants'))
 * ```
 */
export async function createRegistry<Metadata = unknown>(
  source: RegistrySource,
  options: RegistryOptions<Metadata> = {},
): Promise<Registry<Metadata>> {
  const { watch = true } = options
  const firstReading = await readSource(source)
  const first = await readSet(firstReading, 1, options)
  if (!first.ok) throw invalid(first.problems)

  let current: IndexedSnapshot<Metadata> = first.indexed
  let problems: readonly RegistryProblem[] = []
  let revision = firstReading.revision
  let closed = false
  let queue: Promise<unknown> = Promise.resolve()
  const listeners = new Set<(reload: Reload<Metadata>) => void>()
  const controllers = new Map<TenantId, AbortController>()

  function isActive(tenantId: TenantId): boolean {
    return current.tenants.get(tenantId)?.status === 'active'
  }

  async function readAgain(): Promise<Reload<Metadata>> {
    const { snapshot } = current
    const reading = await readSource(source)
    const result = await readSet(reading, snapshot.version + 1, options)
    // Closed while it was read: nothing changes any more.
    if (closed) throw closedError()
    revision = reading.revision
    const repeated = !result.ok && JSON.stringify(result.problems) === JSON.stringify(problems)
    problems = result.ok ? [] : result.problems
    if (result.ok) current = result.indexed
    for (const [tenantId, controller] of controllers) {
      if (isActive(tenantId)) continue
      controllers.delete(tenantId)
      controller.abort(endOfRight())
    }
    const reload: Reload<Metadata> = result.ok
      ? { ok: true, snapshot: current.snapshot }
      : { ok: false, snapshot: current.snapshot, problems }
    // A source that stays broken is read again and again; its problems are news once.
    if (!repeated) for (const listener of [...listeners]) tell(listener, reload)
    return reload
  }

  function reload(): Promise<Reload<Metadata>> {
    if (closed) return Promise.reject(closedError())
    // One after the other, so that an older reading never replaces a newer one.
    const next = queue.then(readAgain)
    queue = next.catch(() => undefined)
    return next
  }

  const stop = watch
    ? source.watch?.(
        async () => {
          // Its only rejection is that the registry was closed meanwhile.
          await reload().catch(() => undefined)
        },
        () => revision,
      )
    : undefined

  return {
    find: (tenantId) => current.tenants.get(tenantId),
    membership: (tenantId, identity) => current.membership(tenantId, identity),
    signal(tenantId) {
      if (!isActive(tenantId)) return AbortSignal.abort(endOfRight())
      const controller = controllers.get(tenantId) ?? new AbortController()
      // Every request of the tenant may listen: many listeners are no leak here.
      setMaxListeners(0, controller.signal)
      controllers.set(tenantId, controller)
      return controller.signal
    },
    snapshot: () => current.snapshot,
    problems: () => problems,
    reload,
    onChange(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    close() {
      closed = true
      stop?.()
      listeners.clear()
    },
  }
}

async function readSource(source: RegistrySource): Promise<SourceReading> {
  try {
    return await source.read()
  } catch (error) {
    publish({ type: 'fault', surface: 'registry', error })
    return { documents: [], problems: [{ message: 'the source could not be read' }] }
  }
}

function tell<Metadata>(
  listener: (reload: Reload<Metadata>) => void,
  reload: Reload<Metadata>,
): void {
  try {
    listener(Object.freeze(reload))
  } catch (error) {
    publish({ type: 'fault', surface: 'registry', error })
  }
}

function invalid(problems: readonly RegistryProblem[]): RegistryError {
  const shown = problems.slice(0, 20).map(describeProblem)
  const more = problems.length - shown.length
  if (more > 0) shown.push(`and ${more} more`)
  return new RegistryError('registry.invalid', `the tenants are refused:\n${shown.join('\n')}`, {
    problems,
  })
}

function closedError(): RegistryError {
  return new RegistryError('registry.closed', 'the registry is closed; create another one')
}

function endOfRight(): PartywallError<'tenant.unknown'> {
  return new PartywallError('tenant.unknown', 'the tenant is not active any more')
}
