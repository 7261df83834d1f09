import {
  type Collection,
  knex,
  EntitySchema as MikroEntity,
  MikroORM,
  PostgreSqlKnexDialect,
} from '@mikro-orm/postgresql'
import {
  createGuard,
  defineTenantSchema,
  liveSchema,
  loadCatalogue,
  ownedThrough,
  owner,
} from '@partywall/sql'
import { guardDriver } from '@partywall/sql/pg'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import pg from 'pg'
import { DataTypes, Sequelize } from 'sequelize'
import { DataSource, EntitySchema } from 'typeorm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { asAcme, connectionOf, refusedDuring } from './orm-shop.ts'

interface Order {
  id: number
  tenant_id: string
  lines: readonly Line[]
}

interface Line {
  id: number
  item: string
  order: Order
}

let server: PostgresServer
let driver: ReturnType<typeof guardDriver<typeof pg>>
beforeAll(async () => {
  server = await startPostgres()
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(`
    create table orders (id int primary key, tenant_id text not null);
    create table lines (id int primary key, order_id int not null references orders, item text);
    insert into orders values (1, 'acme'), (2, 'globex');
    insert into lines values (1, 1, 'ink'), (2, 2, 'cup')`)
  const declared = defineTenantSchema({
    orders: owner('tenant_id'),
    lines: ownedThrough('order_id'),
  })
  const guard = await createGuard(liveSchema(declared, await loadCatalogue(client)))
  await client.end()
  driver = guardDriver(pg, guard)
})
afterAll(() => server.stop())

const where = { tenant_id: 'acme' }
/** The statement that asks for related rows by the keys of others. */
const byKeys = expect.stringMatching(/FROM "lines".* (?:IN|in) /i)

async function refusedOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  return refusedDuring(() => asAcme(work).catch(() => undefined))
}

it('lets Sequelize join rows that are owned through others, and not ask for them by keys', async () => {
  const { user, ...connection } = connectionOf(server.url)
  const db = new Sequelize({
    dialect: 'postgres',
    dialectModule: driver,
    username: user,
    ...connection,
    logging: false,
    define: { timestamps: false, freezeTableName: true },
  })
  try {
    const id = { type: DataTypes.INTEGER, primaryKey: true }
    const Order = db.define('orders', { id, tenant_id: DataTypes.TEXT })
    const Line = db.define('lines', { id, item: DataTypes.TEXT, order_id: DataTypes.INTEGER })
    Order.hasMany(Line, { foreignKey: 'order_id', as: 'lines' })
    const find = (separate: boolean) =>
      Order.findAll({ where, include: [{ model: Line, as: 'lines', separate }] })
    expect(JSON.parse(JSON.stringify(await asAcme(() => find(false))))).toMatchObject([
      { id: 1, lines: [{ item: 'ink' }] },
    ])
    expect(await refusedOf(() => find(true))).toEqual([byKeys])
  } finally {
    await db.close()
  }
})

it('lets TypeORM join them, and not ask for them by keys', async () => {
  const { user, ...connection } = connectionOf(server.url)
  const Order = new EntitySchema<Order>({
    name: 'orders',
    columns: { id: { type: 'int', primary: true }, tenant_id: { type: 'text' } },
    relations: { lines: { type: 'one-to-many', target: 'lines', inverseSide: 'order' } },
  })
  const Line = new EntitySchema<Line>({
    name: 'lines',
    columns: { id: { type: 'int', primary: true }, item: { type: 'text' } },
    relations: {
      order: { type: 'many-to-one', target: 'orders', joinColumn: { name: 'order_id' } },
    },
  })
  const db = new DataSource({
    type: 'postgres',
    driver,
    username: user,
    ...connection,
    entities: [Order, Line],
    installExtensions: false,
  })
  await db.initialize()
  try {
    const find = (relationLoadStrategy: 'join' | 'query') =>
      db.getRepository(Order).find({ where, relations: { lines: true }, relationLoadStrategy })
    expect(await asAcme(() => find('join'))).toMatchObject([{ id: 1, lines: [{ item: 'ink' }] }])
    expect(await refusedOf(() => find('query'))).toEqual([byKeys])
  } finally {
    await db.destroy()
  }
})

it('lets MikroORM join them, and not ask for them by keys', async () => {
  // Knex's types do not know what it calls.
  class GuardedDialect extends PostgreSqlKnexDialect {
    _driver(): unknown {
      return driver
    }
  }
  const Order = new MikroEntity<Omit<Order, 'lines'> & { readonly lines: Collection<Line> }>({
    name: 'Order',
    tableName: 'orders',
    properties: {
      id: { type: 'integer', primary: true },
      tenant_id: { type: 'text' },
      lines: { kind: '1:m', entity: () => 'Line', mappedBy: 'order' },
    },
  })
  const Line = new MikroEntity<Line>({
    name: 'Line',
    tableName: 'lines',
    properties: {
      id: { type: 'integer', primary: true },
      item: { type: 'text' },
      order: { kind: 'm:1', entity: () => 'Order', fieldName: 'order_id' },
    },
  })
  const connection = connectionOf(server.url)
  const orm = await MikroORM.init({
    dbName: connection.database,
    entities: [Order, Line],
    ensureDatabase: false,
    driverOptions: knex({ client: GuardedDialect as never, connection }),
  })
  try {
    const find = (strategy: 'joined' | 'select-in') =>
      orm.em.fork().find(Order, where, { populate: ['lines'], strategy })
    const found = await asAcme(() => find('joined'))
    expect(JSON.parse(JSON.stringify(found))).toMatchObject([{ id: 1, lines: [{ item: 'ink' }] }])
    expect(await refusedOf(() => find('select-in'))).toEqual([byKeys])
  } finally {
    await orm.close(true)
  }
})
