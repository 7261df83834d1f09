import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createGuard } from '@partywall/sql'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { asAcme, asGlobex, openOne, postgresOptions } from './postgres-shop.ts'
import { allRows, bypassingSystem, type Shop, shopSchema, startShop } from './shop.ts'
import { hearUncaught } from './uncaught.ts'

// What the driver writes by a socket that closes in the same turn of the process it never sends, nor
// anything by the connection that it opens next.

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

const uncaught = hearUncaught()

interface Line {
  readonly sql: Sql
  /** The socket fails in the last moment before those of its turn close, as one does that is written to. */
  breakDown(): void
}

async function openLine(): Promise<Line> {
  let line: Socket | undefined
  const { path = '', port = 0, host = '' } = postgresOptions(shop.url) as Record<string, never>
  const socket = async (): Promise<Socket> => {
    line = path === '' ? connect(port, host) : connect(path)
    await once(line, 'connect')
    return line
  }
  const guard = await createGuard(shopSchema, { enforcement: bypassingSystem })
  const sql = openOne(shop.url, guard, { socket, backoff: false, connect_timeout: 2 })
  await asAcme(() => sql`select 1`)
  const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' })
  return { sql, breakDown: () => void setImmediate(() => line?.destroy(broken)) }
}

type Asking = Pick<Sql, 'unsafe'>

/** A statement by the line that breaks down meanwhile. */
async function failing(own: Asking, { breakDown }: Line): Promise<void> {
  const sleeping = own.unsafe('select generate_series(1, 100000000)').execute()
  setTimeout(breakDown, 20)
  await expect(sleeping).rejects.toMatchObject({ code: 'EPIPE' })
}

const closed = { code: 'CONNECTION_CLOSED' }

const ways: Readonly<Record<string, (line: Line) => Promise<void>>> = {
  'while the work of a transaction fails': async ({ sql, breakDown }) => {
    const begun = sql.begin(async (own) => {
      await own`select 1`
      breakDown()
      throw new Error('mine')
    })
    await expect(begun).rejects.toThrow()
  },
  'and is given back': async (line) => {
    const held = await line.sql.reserve()
    await failing(held, line)
    held.release()
  },
  'and is asked for more': async (line) => {
    const held = await line.sql.reserve()
    await failing(held, line)
    await expect(held.unsafe('select 1')).rejects.toMatchObject(closed)
    held.release()
  },
  'before what was done is committed': async (line) => {
    const begun = line.sql.begin((own) => failing(own, line))
    await expect(begun).rejects.toMatchObject(closed)
  },
  'before a savepoint is rolled back': async (line) => {
    const begun = line.sql.begin((own) =>
      own.savepoint(async (saved) => {
        await failing(saved, line)
        throw new Error('mine')
      }),
    )
    await expect(begun).rejects.toThrow()
  },
}

// mutation src/doors/postgres-connection.ts: else if (query.cancelled === null) => else if (query.cancelled !== undefined)
it('sends nothing that is cancelled before it is known whether its line is there', async () => {
  const { sql } = await openLine()
  await asAcme(async () => {
    const held = await sql.reserve()
    // No error of the server's, and the line is there.
    const thrown = held`select 1`.forEach(() => {
      throw new Error('mine')
    })
    await expect(thrown).rejects.toThrow('mine')
    const cancelled = held`insert into orders values (8, 'acme', 'cap')`.execute()
    await Promise.resolve()
    cancelled.cancel()
    await expect(cancelled).rejects.toMatchObject({ code: '57014' })
    expect(await held`select 1 as one`).toEqual([{ one: 1 }])
    held.release()
  })
  expect(await shop.rows()).toEqual(allRows)
})

// mutation src/doors/postgres-held.ts: setImmediate(() => setTimeout(resolve)) => setImmediate(resolve)
// mutation src/doors/postgres-connection.ts: if (settling === undefined) then() => if (settling !== null) then()
// mutation src/doors/postgres-connection.ts: whenSettled(lease, send) => send()
// mutation src/doors/postgres-connection.ts: whenSettled(lease, give) => give()
// mutation src/doors/postgres-transaction.ts: return lease.settling => return undefined
it.each(Object.entries(ways))(
  'opens another connection where one breaks down %s',
  async (_, work) => {
    const line = await openLine()
    await asAcme(() => work(line))
    expect(await asGlobex(() => line.sql`select 1 as one`)).toEqual([{ one: 1 }])
    expect(uncaught.heard).toEqual([])
  },
)
