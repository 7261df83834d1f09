import { runWithTenant } from '@partywall/context'
import { guardClient, guardPool } from '@partywall/sql/pg'
import pg from 'pg'
// @ts-expect-error it comes without types
import Cursor from 'pg-cursor'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { acme, globex, type Shop, startShop } from './shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

const own = `select item from orders where tenant_id = $1 order by item`

async function openClient(): Promise<pg.Client> {
  const client = guardClient(new pg.Client({ connectionString: shop.url }), shop.guard)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** What the driver gives to a cursor in place of its connection. */
interface Facade {
  parse(message: object): void
  bind(message: object): void
  describe(message: object): void
  execute(message: object): void
  close(message: object): void
  sync(): void
  on(event: string, listener: (this: unknown) => void): void
  once(event: string, listener: (this: unknown) => void): void
}

/** A submittable that looks like a cursor, and does what it wants with its connection. */
function fakeCursor(submit: (connection: Facade) => unknown, more: object = {}): object {
  const handlers = ['RowDescription', 'DataRow', 'PortalSuspended', 'CommandComplete']
  return {
    ...{ text: 'select 1 as one', values: [], state: 'initialized', read: () => undefined },
    ...Object.fromEntries(handlers.map((name) => [`handle${name}`, () => undefined])),
    ...{ handleReadyForQuery: () => undefined, handleError: () => undefined, submit, ...more },
  }
}

function openPool(): pg.Pool {
  const pool = guardPool(new pg.Pool({ connectionString: shop.url, max: 1 }), shop.guard)
  onTestFinished(() => pool.end())
  return pool
}

function read(connection: Facade): void {
  connection.parse({})
  connection.bind({ portal: '' })
  connection.describe({})
  connection.execute({ rows: 0 })
}

// mutation src/doors/pg-portal.ts: if (step !== 'parsed') throw => if (step === 'bound') throw
it('binds no values to a statement that is not its own', async () => {
  const client = await openClient()
  await runWithTenant(acme, () => client.query(own, ['acme']))
  let refusal: unknown
  const other = {
    text: 'select $1::text',
    values: ['globex'],
    state: 'initialized',
    read: () => undefined,
    submit(connection: Facade) {
      try {
        connection.bind({ portal: '' })
      } catch (error) {
        refusal = error
      }
      connection.sync()
    },
    handleReadyForQuery: () => undefined,
  }
  await runWithTenant(acme, async () => client.query(other as never))
  const after = await runWithTenant(acme, () => client.query(own, ['acme']))
  expect(String(refusal)).toContain('of its own statement')
  expect(after.rowCount).toBeGreaterThan(0)
})

// mutation src/doors/pg-portal.ts: portal.isOver = true => void portal
it('leads a cursor that has ended to no connection any more', async () => {
  const pool = guardPool(new pg.Pool({ connectionString: shop.url, max: 1 }), shop.guard)
  onTestFinished(() => pool.end())
  const heard: string[] = []
  const cursor = await runWithTenant(acme, async () => {
    const client = await pool.connect()
    const made = client.query(new Cursor(own, ['acme']))
    made.connection.on('rowDescription', () => heard.push('rows'))
    await made.read(100)
    await made.close()
    client.release()
    return made
  })
  heard.splice(0)
  const facade = cursor.connection as Facade
  expect(() => facade.execute({ rows: 1 })).toThrow('the cursor has ended')
  // What closes a cursor waits for the server to be ready: it was.
  facade.close({})
  facade.sync()
  await new Promise<void>((resolve) => facade.once('readyForQuery', resolve))
  facade.on('rowDescription', () => heard.push('rows'))
  await runWithTenant(acme, () => pool.query(own, ['acme']))
  expect(heard).toEqual([])
})

// mutation src/doors/pg-statement.ts: name === 'types' ? parsersOf(read(name)) : read(name) => read(name)
it('lets nothing that looks like a list of types decide how a value is read', async () => {
  const client = await openClient()
  const { rows } = await runWithTenant(acme, () => client.query(own, ['acme']))
  const { getTypeParser } = pg.types
  for (const types of [
    { length: 1, 0: 18, getTypeParser },
    Object.assign((_: unknown) => undefined, { 0: 18, getTypeParser }),
  ]) {
    const asked = { text: own, values: ['acme'], types: types as never }
    const reply = await runWithTenant(acme, () => client.query(asked))
    expect(reply.rows).toEqual(rows)
  }
  const ids = { text: own, values: ['acme'], types: Object.assign(() => 1, { 0: 18 }) as never }
  await expect(runWithTenant(acme, () => client.query(ids))).rejects.toMatchObject({
    code: 'TENANT_CONTEXT_REQUIRED',
  })
})

const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)
const asGlobex = <Result>(work: () => Result): Result => runWithTenant(globex, work)

/** What two tenants read, one after the other, by the only connection of a pool. */
async function readInTurns(pool: pg.Pool): Promise<void> {
  const ofGlobex = asGlobex(() => pool.query(own, ['globex']))
  const ofAcme = asAcme(() => pool.query(own, ['acme']))
  expect((await ofGlobex).rows).toEqual([{ item: 'cup' }])
  expect((await ofAcme).rows).toEqual([{ item: 'ink' }, { item: 'pen' }])
}

// mutation src/doors/pg-portal.ts: step = 'synced' => void step
it('makes the server ready once, whatever a cursor asks for', async () => {
  const pool = openPool()
  const client = await pool.connect()
  const refusals: unknown[] = []
  const after: ((connection: Facade) => void)[] = [
    (connection) => connection.execute({}),
    (connection) => connection.describe({}),
    (connection) => connection.parse({}),
    (connection) => connection.bind({}),
  ]
  await asAcme(() => {
    const cursor = fakeCursor((connection) => {
      read(connection)
      connection.sync()
      connection.sync()
      connection.close({})
      for (const ask of after) {
        try {
          ask(connection)
        } catch (error) {
          refusals.push(error)
        }
      }
    })
    client.query(cursor as never)
    return client.query(own, ['acme'])
  })
  expect(refusals).toHaveLength(after.length)
  client.release()
  await readInTurns(pool)
})

// mutation src/doors/pg-portal.ts: methodOf(given, 'submit')(facade) => return methodOf(given, 'submit')(facade)
it('frees no connection for a cursor that says it has failed', async () => {
  const pool = openPool()
  const client = await pool.connect()
  const cursor = fakeCursor((connection) => {
    read(connection)
    connection.sync()
    return new Error('failed')
  })
  asAcme(() => client.query(cursor as never))
  client.release()
  await readInTurns(pool)
})

// mutation src/doors/pg-portal.ts: if (!isEnded() && step !== 'bound') throw => if (!isEnded() && step === 'new') throw
it('reads nothing before its values are bound', async () => {
  const pool = openPool()
  await asAcme(() => pool.query(own, ['acme']))
  const client = await pool.connect()
  const refusals: unknown[] = []
  const cursor = fakeCursor((connection) => {
    connection.parse({})
    for (const member of ['describe', 'execute', 'close'] as const) {
      try {
        connection[member]({})
      } catch (error) {
        refusals.push(String(error))
      }
    }
    connection.sync()
  })
  await asAcme(() => {
    client.query(cursor as never)
    return client.query(own, ['acme'])
  })
  client.release()
  expect(refusals).toEqual(Array(3).fill('TypeError: a cursor binds its values first'))
})

// mutation src/doors/pg-portal.ts: self: () => facade, => self: () => connection,
it('calls who listens to a cursor’s connection as nothing that sends', async () => {
  const pool = openPool()
  const client = await pool.connect()
  let facade: unknown
  const told: unknown[] = []
  const cursor = fakeCursor((connection) => {
    facade = connection
    for (const event of ['rowDescription', 'readyForQuery']) {
      connection.once(event, function () {
        told.push(this)
      })
    }
    read(connection)
    connection.sync()
  })
  await asAcme(() => {
    client.query(cursor as never)
    return client.query('select 1')
  })
  client.release()
  expect(told.map((one) => one === facade)).toEqual([true, true])
})

// mutation src/doors/pg-portal.ts: if (!isProtocolName(name)) throw => if (name === null) throw
it('binds portals whose names say nothing else', async () => {
  const client = await openClient()
  const refusals: unknown[] = []
  for (const portal of ['a\0b', 'x'.repeat(64), 5, { toString: () => 'x' }]) {
    const cursor = fakeCursor((connection) => {
      connection.parse({})
      try {
        connection.bind({ portal })
      } catch (error) {
        refusals.push(String(error))
      }
      connection.sync()
    })
    await asAcme(() => {
      client.query(cursor as never)
      return client.query('select 1')
    })
  }
  expect(refusals).toEqual(Array(4).fill('TypeError: that is no name of a portal'))
})

// mutation src/doors/pg-portal.ts: [ownMembers(message)] => [message]
it('says of a cursor nothing that it only inherits', async () => {
  const client = await openClient()
  const cursor = fakeCursor(
    (connection) => {
      Object.assign(Object.prototype, { types: [18] })
      try {
        connection.parse({})
      } finally {
        Reflect.deleteProperty(Object.prototype, 'types')
      }
      connection.bind({ portal: '' })
      connection.describe({})
      connection.execute({})
      connection.sync()
    },
    { text: 'select $1 as cut', values: ['acme'] },
  )
  const cells: unknown[] = []
  Object.assign(cursor, { handleDataRow: ({ fields }: never) => cells.push(fields) })
  await asAcme(() => {
    client.query(cursor as never)
    return client.query('select 1')
  })
  expect(cells).toEqual([['acme']])
})

// mutation src/doors/pg-portal.ts: methodOf(given, 'handleError')(error) => throw error
it('tells a read that waited while its cursor was closed', async () => {
  const pool = openPool()
  const client = await pool.connect()
  const cursor = asAcme(() => client.query(new Cursor(own, ['acme'])))
  const first = cursor.read(1)
  const second = cursor.read(1)
  const closed = cursor.close()
  await expect(second).rejects.toThrow('the cursor has ended')
  await closed
  await Promise.race([first.catch(() => undefined), closed])
  client.release()
  await readInTurns(pool)
})

it('closes a cursor that has failed, and the connection goes on', async () => {
  const pool = openPool()
  const client = await pool.connect()
  for (const text of ['select 1/0', 'select 1/(2-g) from generate_series(1,3) g']) {
    const cursor = asAcme(() => client.query(new Cursor(text)))
    await expect(cursor.read(3)).rejects.toMatchObject({ code: '22012' })
    await cursor.close()
    const closing = asAcme(() => client.query(new Cursor(text)))
    const reading = closing.read(3).catch(() => undefined)
    await closing.close()
    await Promise.race([reading, closing.close()])
  }
  client.release()
  await readInTurns(pool)
})
