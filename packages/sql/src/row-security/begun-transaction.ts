import { SqlGuardError } from '../guard/sql-guard-error.ts'

/** As much of postgres.js as it takes. */
export interface BeginSource {
  begin(options: string, work: (transaction: TextSender) => unknown): Promise<unknown>
  unsafe(text: string): unknown
}

/** A transaction of postgres.js: nothing of a statement is sent before it is executed or awaited. */
export interface TextSender {
  unsafe(text: string, values: string[]): { execute(): PromiseLike<unknown> }
}

/** A query of postgres.js: it hands itself to `handler` when it is first awaited or executed. */
interface LazyQuery extends PromiseLike<unknown> {
  handler: (query: LazyQuery) => void
  execute(): PromiseLike<unknown>
  reject(error: unknown): void
}

/** The client of a transaction of postgres.js, with what it sends by. */
interface BegunClient {
  (...call: readonly unknown[]): unknown
  unsafe(...call: readonly unknown[]): LazyQuery
  file(...call: readonly unknown[]): unknown
  savepoint(...call: readonly unknown[]): Promise<unknown>
}

interface Lease {
  isOver: boolean
  /** What the driver sends by itself when something else is done. */
  readonly pending: PromiseLike<unknown>[]
}

/**
 * One transaction of postgres.js. Its client refuses when the work is done, or the connection gone:
 * from then on the driver lends the connection to others, and the client would speak in a transaction
 * of theirs. Savepoints and files that `work` left are waited for, since the driver goes on with them
 * by itself.
 */
export async function beginTransaction(
  door: BeginSource,
  work: (client: TextSender) => Promise<unknown>,
): Promise<unknown> {
  const lease: Lease = { isOver: false, pending: [] }
  try {
    return await door.begin('', async (begun) => {
      try {
        return await work(leased(aBegunClient(begun), lease))
      } finally {
        lease.isOver = true
        await Promise.allSettled(lease.pending)
      }
    })
  } finally {
    // The connection may be gone before the work is done.
    lease.isOver = true
  }
}

function leased(inner: BegunClient, lease: Lease): BegunClient {
  const { pending } = lease
  const client = (...call: readonly unknown[]): unknown => {
    const made = inner(...call)
    // The other things that it makes are parts of a statement.
    return isThenable(made) ? held(made, lease) : made
  }
  return Object.assign(client, inner, {
    unsafe: (...call: readonly unknown[]) => held(inner.unsafe(...call), lease),
    // It is read before it is sent.
    file: (...call: readonly unknown[]) => held(inner.file(...call), lease, pending),
    savepoint: async (...call: readonly unknown[]) => {
      if (lease.isOver) throw over()
      const saved = inner.savepoint(...savepointIn(call, lease))
      pending.push(saved)
      return saved
    },
  })
}

/** A query that is not sent after the end. */
function held(made: unknown, lease: Lease, pending?: PromiseLike<unknown>[]): LazyQuery {
  const query = aQuery(made)
  const send = query.handler
  const handler = (each: LazyQuery): void => {
    if (lease.isOver) {
      each.reject(over())
      return
    }
    pending?.push(each)
    send(each)
  }
  // The driver keeps a setting on it.
  query.handler = Object.assign(handler, send)
  return query
}

/** A savepoint is given its work, a name and its work, or a template. */
function savepointIn(call: readonly unknown[], lease: Lease): readonly unknown[] {
  const inside = (work: (client: BegunClient) => unknown) => (own: unknown) =>
    work(leased(aBegunClient(own), lease))
  if (Array.isArray(call[0])) return [inside((client) => client(...call))]
  return call.map((each) => (isWork(each) ? inside(each) : each))
}

function isWork(value: unknown): value is (client: BegunClient) => unknown {
  return typeof value === 'function'
}

function over(): SqlGuardError {
  return new SqlGuardError('sql.transaction', 'the transaction is over')
}

function isThenable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'then' in value
}

function aQuery(value: unknown): LazyQuery {
  if (!isThenable(value) || !has(value, ['handler', 'reject'])) throw unknownClient()
  // What it has was looked at.
  return value as LazyQuery
}

function aBegunClient(value: unknown): BegunClient {
  const isClient = typeof value === 'function' && has(value, ['unsafe', 'file', 'savepoint'])
  if (!isClient) throw unknownClient()
  // As above.
  return value as unknown as BegunClient
}

function has(value: object, methods: readonly string[]): boolean {
  return methods.every((name) => typeof Reflect.get(value, name) === 'function')
}

function unknownClient(): SqlGuardError {
  return new SqlGuardError('sql.client', 'expected a client of postgres.js 3.4')
}
