import { type PooledSettings, resetSession } from '@partywall/sql/door'
import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client'
import { PrismaGuardError } from './prisma-guard-error.ts'
import { rollback, type Watched, watchTransaction } from './watched-transaction.ts'

type Adapter = Awaited<ReturnType<SqlDriverAdapterFactory['connect']>>
type Transaction = Awaited<ReturnType<Adapter['startTransaction']>>

/**
 * Runs what may change a session on a connection of its own, which goes back as it was. An adapter
 * gives one for transactions only: the transaction is ended at once.
 */
export async function runApart<Result>(
  adapter: Adapter,
  settings: PooledSettings,
  work: (own: Watched) => Promise<Result>,
): Promise<Result> {
  const inner = await adapter.startTransaction()
  const own = watchTransaction(inner)
  const held = settings.hold(clientOf(inner))
  try {
    refusePhantom(inner)
    await run(own, 'COMMIT')
    return await work(own)
  } finally {
    await release(inner, own, { how: 'rollback', isChanged: true })
    held.giveBack()
  }
}

/** The connection of a transaction of an adapter on a pool of `pg`. */
export function clientOf(inner: Transaction): unknown {
  return Reflect.get(inner, 'client')
}

/**
 * Ends the hold on a connection. It goes back when the server has said that its transaction is over,
 * and what the system changed on it is undone; else nobody gets it any more.
 */
export async function release(
  inner: Transaction,
  own: Watched,
  { how, isChanged }: { readonly how: 'commit' | 'rollback'; readonly isChanged: boolean },
): Promise<void> {
  if (!inner.options.usePhantomQuery) {
    // What was not answered may run still, or was never sent.
    if (own.isLost && discard(inner)) return
    try {
      if (isChanged) await resetSession((text) => run(own, text))
      else if (!own.hasEnded) await run(own, rollback)
    } catch {
      discard(inner)
      return
    }
  }
  await inner[how]()
}

/** Closes the connection of an adapter on a pool of `pg`; of another one nobody knows how. */
function discard(inner: Transaction): boolean {
  const client = clientOf(inner)
  if (typeof client !== 'object' || client === null) return false
  const giveBack: unknown = Reflect.get(client, 'release')
  if (typeof giveBack !== 'function') return false
  giveBack.call(client, new Error('nobody knows what became of the transaction'))
  return true
}

/** An adapter that ends transactions by itself gives no connection that could be cleaned. */
export function refusePhantom({ options }: Transaction): void {
  if (!options.usePhantomQuery) return
  throw new PrismaGuardError(
    'prisma.adapter',
    'the adapter gives no connection on which the system may change its session',
  )
}

function run(own: Watched, sql: string): Promise<number> {
  return own.executeRaw({ sql, args: [], argTypes: [] })
}
