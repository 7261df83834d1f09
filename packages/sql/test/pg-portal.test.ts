import { runWithTenant } from '@partywall/context'
import { guardClient, guardPool } from '@partywall/sql/pg'
import pg from 'pg'
// @ts-expect-error it comes without types
import Cursor from 'pg-cursor'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { acme, type Shop, startShop } from './shop.ts'

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
  bind(message: object, more: boolean): void
  sync(): void
  on(event: string, listener: () => void): void
}

// mutation src/doors/pg-portal.ts: if (bound || !parsed) throw => if (bound) throw
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
        connection.bind({ portal: '' }, true)
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

// mutation src/doors/pg-portal.ts: if (endings.has(name)) endPortal(portal) => void endPortal
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
  expect(() => facade.sync()).toThrow('the cursor has ended')
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
