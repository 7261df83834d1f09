import { resetSession } from '@partywall/sql/door'
import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client'
import { PrismaGuardError } from './prisma-guard-error.ts'

type Adapter = Awaited<ReturnType<SqlDriverAdapterFactory['connect']>>
type Transaction = Awaited<ReturnType<Adapter['startTransaction']>>

/**
 * Runs what may change a session on a connection of its own, which goes back as it was. An adapter
 * gives one for transactions only: the transaction is ended at once.
 */
export async function runApart<Result>(
  adapter: Adapter,
  work: (own: Transaction) => Promise<Result>,
): Promise<Result> {
  const own = await adapter.startTransaction()
  try {
    refusePhantom(own)
    await run(own, 'COMMIT')
    return await work(own)
  } finally {
    await release(own, { how: 'rollback', isChanged: true })
  }
}

/** Ends the hold on a connection; what the system changed on it is undone before. */
export async function release(
  own: Transaction,
  { how, isChanged }: { readonly how: 'commit' | 'rollback'; readonly isChanged: boolean },
): Promise<void> {
  if (isChanged && !own.options.usePhantomQuery) {
    try {
      await resetSession((text) => run(own, text))
    } catch {
      // A connection that cannot be cleaned goes to nobody.
      return
    }
  }
  await own[how]()
}

/** An adapter that ends transactions by itself gives no connection that could be cleaned. */
export function refusePhantom({ options }: Transaction): void {
  if (!options.usePhantomQuery) return
  throw new PrismaGuardError(
    'prisma.adapter',
    'the adapter gives no connection on which the system may change its session',
  )
}

function run(own: Transaction, sql: string): Promise<number> {
  return own.executeRaw({ sql, args: [], argTypes: [] })
}
