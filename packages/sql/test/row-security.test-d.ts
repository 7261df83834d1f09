import { withTenantTransaction } from '@partywall/sql/row-security'
import type { Kysely } from 'kysely'
import type pg from 'pg'
import type { Sql, TransactionSql } from 'postgres'
import { expectTypeOf, it } from 'vitest'

interface Database {
  orders: { id: number; tenant_id: string }
}

it('gives the work a transaction of the same tables', async () => {
  const db = null as unknown as Kysely<Database>
  const ids = await withTenantTransaction(db, async (transaction) => {
    // @ts-expect-error there is no such table
    transaction.selectFrom('invoices')
    return transaction.selectFrom('orders').select('id').execute()
  })
  expectTypeOf(ids).toEqualTypeOf<{ id: number }[]>()
})

it('gives the work a client that queries and does nothing else', async () => {
  const pool = null as unknown as pg.Pool
  const rows = await withTenantTransaction(pool, async (client, told) => {
    expectTypeOf(told.tenantId).toExtend<string | undefined>()
    // @ts-expect-error the connection goes back by itself
    client.release()
    return (await client.query<{ id: number }>('select id from orders')).rows
  })
  expectTypeOf(rows).toEqualTypeOf<readonly { id: number }[]>()
})

it('gives the work the transaction of postgres.js', async () => {
  const sql = null as unknown as Sql<{ point: [number, number] }>
  const ids = await withTenantTransaction(sql, async (transaction) => {
    expectTypeOf(transaction).toEqualTypeOf<TransactionSql<{ point: [number, number] }>>()
    // @ts-expect-error it ends by itself
    transaction.release()
    return (await transaction<{ id: number }[]>`select id from orders`).map(({ id }) => id)
  })
  expectTypeOf(ids).toEqualTypeOf<number[]>()
})

it('takes no tenant from its caller', () => {
  const pool = null as unknown as pg.Pool
  // @ts-expect-error the tenant is that of the scope
  void withTenantTransaction(pool, async () => undefined, { tenantId: 'acme' })
})
