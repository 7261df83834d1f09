import { runWithTenant } from '@partywall/context'
import { guardAdapter, tenantExtension } from '@partywall/prisma'
import { type CatalogueLook, createGuard, loadCatalogue, watchCatalogue } from '@partywall/sql'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { acme, declared, type Generated, generateShop, type ShopClient, tables } from './shop.ts'

let server: PostgresServer
let generated: Generated
beforeAll(async () => {
  ;[server, generated] = await Promise.all([startPostgres(), generateShop()])
})
afterAll(async () => {
  await server.stop()
  generated.remove()
})

type Call = (client: ShopClient) => Promise<unknown>
const text = `select name from users where tenant_id = 'acme'`

const calls: readonly (readonly [string, Call])[] = [
  ['a call', (client) => client.user.findMany({ where: { tenantId: 'acme' } })],
  ['a raw query', (client) => client.$queryRawUnsafe(text)],
  ['a raw statement', (client) => client.$executeRawUnsafe(text)],
  ['a transaction', (client) => client.$transaction((one) => one.$queryRawUnsafe(text))],
]

// mutation src/guard-queries.ts: failed(error) => void error
it.each(calls)(
  'has the catalogue looked at when the server misses a column: %s',
  async (_, call) => {
    const database = await server.createDatabase()
    const pool = new pg.Pool({ connectionString: database.url, max: 1 })
    await pool.query(tables)
    const guard = await createGuard(declared)
    let tell: (look: CatalogueLook) => void = () => undefined
    const found = new Promise<CatalogueLook>((resolve) => {
      tell = resolve
    })
    const load = () => loadCatalogue(pool)
    const watch = await watchCatalogue({ guard, declared, load, everyMs: 0, onLook: tell })
    const adapter = guardAdapter(new PrismaPg({ connectionString: database.url }), guard)
    const client = new generated.PrismaClient({ adapter, errorFormat: 'minimal' }).$extends(
      tenantExtension({ schema: declared }),
    ) as ShopClient
    onTestFinished(async () => {
      watch.close()
      await client.$disconnect()
      await pool.end()
      await database.drop()
    })
    await pool.query('alter table users drop column name')
    await expect(runWithTenant(acme, async () => call(client))).rejects.toThrow(/column|P2022/)
    expect(await found).toEqual({ kind: 'changed' })
  },
)
