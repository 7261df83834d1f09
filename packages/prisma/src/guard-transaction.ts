import type { GuardSession, Receipt, SentStatement } from '@partywall/sql'
import type { HeldSettings } from '@partywall/sql/door'
import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client'
import { refusePhantom, release } from './connection-reset.ts'
import { checkCall, guardQueries, type Passed } from './guard-queries.ts'
import { PrismaGuardError } from './prisma-guard-error.ts'
import { commit, rollback, watchTransaction } from './watched-transaction.ts'

type Adapter = Awaited<ReturnType<SqlDriverAdapterFactory['connect']>>
type Transaction = Awaited<ReturnType<Adapter['startTransaction']>> & Savepoints

/** What adapters have since Prisma 7. */
interface Savepoints {
  createSavepoint?(name: string): Promise<void>
  rollbackToSavepoint?(name: string): Promise<void>
  releaseSavepoint?(name: string): Promise<void>
}

interface TransactionOf {
  /** What its server said of its connection. */
  readonly held: HeldSettings
  readonly failed: (error: unknown) => void
}

/** A transaction is one session of the guard: it belongs to one tenant, and ends once. */
export function guardTransaction(
  inner: Transaction,
  session: GuardSession,
  { held, failed }: TransactionOf,
): Transaction {
  const isPhantom = inner.options.usePhantomQuery
  const own = watchTransaction(inner)
  let hasEnded = false

  function refuseEnded(): void {
    if (!hasEnded) return
    throw new PrismaGuardError('prisma.transaction', 'the transaction has ended')
  }

  /** A refused commit must not leave a transaction open on a connection that others get. */
  async function abandon(): Promise<void> {
    hasEnded = true
    await end('rollback')
  }

  async function end(how: 'commit' | 'rollback'): Promise<void> {
    try {
      await release(inner, own, { how, isChanged: session.state === 'changed' })
    } finally {
      held.giveBack()
    }
  }

  async function checkCommit(): Promise<void> {
    try {
      session.check({ text: commit, values: [] })
    } catch (error) {
      await abandon()
      throw error
    }
  }

  async function check(statement: SentStatement): Promise<Passed> {
    refuseEnded()
    const receipt = await checkEach(statement)
    if (session.state === 'changed') refusePhantom(inner)
    return {
      receipt,
      by: (send) => {
        // Its end may have come while it was checked.
        refuseEnded()
        return send(own)
      },
    }
  }

  async function checkEach(statement: SentStatement): Promise<Receipt | undefined> {
    // Prisma ends a transaction by itself, outside of any call.
    if (statement.text === rollback) return session.check(statement)
    if (statement.text !== commit) return checkCall(session, statement, held)
    await checkCommit()
    return undefined
  }

  const savepoint = (step: keyof Savepoints) => {
    const run = inner[step]?.bind(inner)
    if (run === undefined) return {}
    return {
      [step]: async (name: string) => {
        refuseEnded()
        const once = String(name)
        session.check({ text: savepointTexts[step](once), values: [] })
        await own.watch('', () => run(once))
      },
    }
  }

  return Object.freeze({
    provider: inner.provider,
    adapterName: inner.adapterName,
    options: inner.options,
    ...guardQueries(check, failed),
    commit: async () => {
      if (hasEnded) return
      if (isPhantom) await checkCommit()
      hasEnded = true
      const isKept = isPhantom || own.isCommitted
      await end('commit')
      if (isKept) return
      const message = 'the transaction was rolled back: no COMMIT was answered'
      throw new PrismaGuardError('prisma.transaction', message)
    },
    rollback: async () => {
      if (hasEnded) return
      hasEnded = true
      await end('rollback')
    },
    ...savepoint('createSavepoint'),
    ...savepoint('rollbackToSavepoint'),
    ...savepoint('releaseSavepoint'),
  })
}

/** As adapters write them: a name that is none makes a text that is no such statement. */
const savepointTexts = {
  createSavepoint: (name: string) => `SAVEPOINT ${name}`,
  rollbackToSavepoint: (name: string) => `ROLLBACK TO SAVEPOINT ${name}`,
  releaseSavepoint: (name: string) => `RELEASE SAVEPOINT ${name}`,
}
