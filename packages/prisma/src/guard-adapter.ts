import type { Guard, Receipt, SentStatement } from '@partywall/sql'
import { aGuard, type Expected, type PooledSettings, watchPool } from '@partywall/sql/door'
import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client'
import { tellFailure } from './adapter-failure.ts'
import { clientOf, runApart } from './connection-reset.ts'
import { inAdapter, inOptions } from './given.ts'
import { checkCall, guardQueries } from './guard-queries.ts'
import { guardTransaction } from './guard-transaction.ts'
import type { AdapterQuery } from './sent-query.ts'

type Adapter = Awaited<ReturnType<SqlDriverAdapterFactory['connect']>>
type IsolationLevel = Parameters<Adapter['startTransaction']>[0]

const guardedFactories = new WeakSet<object>()

/** The levels of PostgreSQL: the adapter puts the level into a statement as it is. */
const isolationLevels: ReadonlySet<unknown> = new Set([
  'READ UNCOMMITTED',
  'READ COMMITTED',
  'REPEATABLE READ',
  'SERIALIZABLE',
])

const anAdapter: Expected = {
  words: 'a driver adapter for PostgreSQL that is not guarded yet',
  fits: (value) =>
    typeof value === 'object' &&
    value !== null &&
    Reflect.get(value, 'provider') === 'postgres' &&
    typeof Reflect.get(value, 'connect') === 'function' &&
    !guardedFactories.has(value),
}

/**
 * The driver adapter with every statement guarded: includes, nested writes, raw queries,
 * transactions. Give it to `PrismaClient`, and extend that client with `tenantExtension`: a
 * statement of a client that is not extended is a violation, because nobody knows whose it is. On a
 * pool of `pg` the first connection is opened when the client connects: what its server says of how it
 * reads texts is heard before anything is sent.
 * @throws {@link PrismaGuardError} `prisma.adapter` when it is no adapter for PostgreSQL, or guarded
 * already; `prisma.options` for what is no guard.
 */
export function guardAdapter(
  factory: SqlDriverAdapterFactory,
  guard: Guard,
): SqlDriverAdapterFactory {
  inAdapter.value('factory', factory, anAdapter)
  inOptions.value('guard', guard, aGuard)
  const { provider, adapterName } = factory
  const guarded: SqlDriverAdapterFactory = Object.freeze({
    provider,
    adapterName,
    connect: async () => {
      const inner = await factory.connect()
      return guardConnections(inner, guard, await watchPool(poolOf(inner), guard))
    },
  })
  guardedFactories.add(guarded)
  return guarded
}

/** Whether this is an adapter that {@link guardAdapter} made. */
export function isGuardedAdapter(value: unknown): boolean {
  return typeof value === 'object' && value !== null && guardedFactories.has(value)
}

/** Of adapters that have one; it is shown to nobody. */
function poolOf(inner: Adapter): unknown {
  const poolInside: unknown = Reflect.get(inner, 'underlyingDriver')
  return typeof poolInside === 'function' ? Reflect.apply(poolInside, inner, []) : undefined
}

/** Has no `underlyingDriver`: the pool inside is a way around the guard. */
function guardConnections(inner: Adapter, guard: Guard, settings: PooledSettings): Adapter {
  /** What runs on any connection of the pool, and whether it may leave something there. */
  function checkPooled(statement: SentStatement): PooledCheck {
    const session = guard.session({ pooled: true })
    const { isKnown } = settings
    const receipt = checkCall(session, statement, settings)
    return { receipt, isChanging: session.state === 'changed', isKnown }
  }

  /** Of the connection that was opened for a statement the server has spoken only now. */
  function checkAnswer(statement: SentStatement): void {
    if (!settings.isKnown) checkPooled(statement)
  }

  const failed = (error: unknown): void => tellFailure(guard, error)

  return Object.freeze({
    provider: inner.provider,
    adapterName: inner.adapterName,
    ...guardQueries((statement) => {
      const { receipt, isChanging, isKnown } = checkPooled(statement)
      return {
        receipt,
        async by(send) {
          const result = await (isChanging ? runApart(inner, settings, send) : send(inner))
          if (isKnown) checkAnswer(statement)
          return result
        },
      }
    }, failed),
    executeScript: async (script: string) => {
      for (const text of String(script).split(';')) {
        if (text.trim() === '') continue
        const { isChanging } = checkPooled({ text, values: [] })
        if (isChanging) await runApart(inner, settings, (own) => own.executeRaw(bare(text)))
        else await inner.executeScript(text)
      }
    },
    startTransaction: async (level: IsolationLevel) => {
      const session = guard.session()
      session.check({ text: 'BEGIN', values: [] })
      if (level !== undefined && !isolationLevels.has(level)) {
        session.check({ text: '', values: [], opaque: true })
      }
      const transaction = await inner.startTransaction(level)
      const held = settings.hold(clientOf(transaction))
      return guardTransaction(transaction, session, { held, failed })
    },
    ...(inner.getConnectionInfo === undefined
      ? {}
      : { getConnectionInfo: inner.getConnectionInfo.bind(inner) }),
    dispose: () => inner.dispose(),
  })
}

interface PooledCheck {
  readonly receipt: Receipt | undefined
  readonly isChanging: boolean
  readonly isKnown: boolean
}

function bare(sql: string): AdapterQuery {
  return { sql, args: [], argTypes: [] }
}
