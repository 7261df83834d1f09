import { SqlGuardError } from '../guard/sql-guard-error.ts'

/** As much of a pool of `pg` as it takes. */
export interface TransactionPool {
  connect(): Promise<PooledClient>
}

/** As much of a client of `pg` as it takes. */
export interface PooledClient {
  query(text: string, values?: unknown[]): Promise<QueryReply & { readonly command: string }>
  release(error?: Error | boolean): void
  on(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
}

export interface QueryReply<Row = Record<string, unknown>> {
  readonly rows: readonly Row[]
  readonly rowCount: number | null
}

/** A connection for one transaction. */
export interface TenantClient {
  /** @throws SqlGuardError `sql.transaction` after the transaction has ended. */
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<QueryReply<Row>>
}

/**
 * One transaction on one connection. Whatever happens, the connection goes back to its pool without
 * a transaction, or not at all.
 */
export async function poolTransaction<Result>(
  pool: TransactionPool,
  work: (client: TenantClient) => Promise<Result>,
): Promise<Result> {
  const connection = await pool.connect()
  let isOver = false
  let broken: Error | undefined
  // Nobody else can listen while we hold it, and an error without a listener ends the process.
  const onError = (error: Error): void => {
    broken = error
  }
  connection.on('error', onError)
  const client: TenantClient = Object.freeze({
    query: async <Row>(text: string, values: readonly unknown[] = []) => {
      // By then the connection serves somebody else.
      if (isOver) throw new SqlGuardError('sql.transaction', 'the transaction is over')
      // The rows are what the caller says they are.
      return (await connection.query(text, [...values])) as QueryReply<unknown> as QueryReply<Row>
    },
  })
  try {
    await connection.query('begin')
    const result = await work(client)
    isOver = true
    // PostgreSQL answers COMMIT with ROLLBACK where a statement failed before.
    const { command } = await connection.query('commit')
    if (command !== 'COMMIT') {
      throw new SqlGuardError('sql.transaction', 'a statement failed before: nothing was kept')
    }
    return result
  } catch (error) {
    isOver = true
    await connection.query('rollback').catch(onError)
    throw error
  } finally {
    connection.removeListener('error', onError)
    connection.release(broken)
  }
}
