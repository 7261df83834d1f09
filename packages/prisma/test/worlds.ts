import { guardAdapter, type TenantExtensionOptions, tenantExtension } from '@partywall/prisma'
import { createGuard } from '@partywall/sql'
import { startPostgres } from '@partywall/testing'
import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client'
import pg from 'pg'
import { generateShop, readSchema, type ShopClient, tables } from './shop.ts'

type Factory = SqlDriverAdapterFactory
type Adapter = Awaited<ReturnType<Factory['connect']>>
type Transaction = Awaited<ReturnType<Adapter['startTransaction']>>

/** A database with clients in it whose work is taken back. */
export interface PrismaWorld {
  readonly name: string
  readonly clients: ReadonlyMap<string, ShopClient>
  /** Runs `work`, says what rows there are then, and takes it back. */
  taken<Result>(work: () => Promise<Result>): Promise<Taken<Result>>
}

export interface Taken<Result> {
  readonly result: Result
  /** Whether a row that is not the tenant's was made, changed or lost. */
  readonly isDamaged: boolean
  /** The tenant's rows. */
  readonly own: string
}

export interface PrismaWorlds {
  readonly worlds: readonly PrismaWorld[]
  stop(): Promise<void>
}

const rows = (tenant: string, shift: number, text: (value: string) => string): string => {
  const n = (value: number): number => value + shift
  const t = (value: string): string => `'${text(value).replaceAll("'", "''")}'`
  return `
insert into tenants values ('${tenant}', ${t('name')});
insert into users values (${n(1)}, '${tenant}', ${t('ann@x')}, ${t('Ann')}, null),
  (${n(2)}, '${tenant}', ${t('bob@x')}, ${t('Bob')}, ${n(1)}), (${n(3)}, '${tenant}', ${t('cid@x')}, null, ${n(1)});
insert into profiles values (${n(1)}, '${tenant}', ${n(1)}, ${t('likes ink')}), (${n(2)}, '${tenant}', ${n(2)}, ${t('none')});
insert into posts (id, tenant_id, author_id, title, views, created_at) values
  (${n(1)}, '${tenant}', ${n(1)}, ${t('first')}, 1, '2026-01-01'), (${n(2)}, '${tenant}', ${n(1)}, ${t('second')}, 5, '2026-01-02'),
  (${n(3)}, '${tenant}', ${n(2)}, ${t('third')}, 0, '2026-01-03');
insert into comments values (${n(1)}, '${tenant}', ${n(1)}, ${t('hi')}), (${n(2)}, '${tenant}', ${n(2)}, ${t('ho')}), (${n(3)}, '${tenant}', ${n(1)}, ${t('so')});
insert into tags values (${n(1)}, '${tenant}', ${t('red')}), (${n(2)}, '${tenant}', ${t('blue')});
insert into "_PostToTag" values (${n(1)}, ${n(1)}), (${n(2)}, ${n(1)}), (${n(2)}, ${n(2)});
insert into notes values (${n(1)}, '${tenant}', ${n(1)}, ${t('note')}), (${n(2)}, '${tenant}', ${n(1)}, ${t('memo')});
insert into user_roles values (${n(1)}, 1), (${n(2)}, 2);`
}
const same = (value: string): string => value

/** What other tenants have. Keys are unique over all tenants, as Prisma wants it. */
const foreign: Readonly<Record<string, string>> = {
  none: '',
  plain: rows('globex', 100, (value) => `${value}.2`),
  colliding: rows('globex', 100, same) + rows('ACME', -100, same),
  around: rows('globex', 100, (value) => `zz${value}`) + rows('a', -100, (value) => ` ${value}`),
  // Rows of others that hang on rows of the tenant: the keys without the tenant allow it.
  tangled: `${rows('globex', 100, same)}
    insert into notes values (103, 'globex', 1, 'theirs'), (104, 'globex', 2, 'theirs');
    insert into "_PostToTag" values (101, 2), (1, 102), (3, 101)`,
  hostile: rows('globex', 100, (value) => `' or tenant_id = 'acme' -- ${value}`),
  sparse: `${rows('globex', 100, same)} delete from posts where id > 101; delete from profiles where id > 100;
    delete from notes where id > 100; update users set boss_id = null, name = 'Ann' where id > 100;
    delete from "_PostToTag" where "A" > 100; delete from user_roles where user_id > 100`,
}

const ownLink = {
  post: `exists (select 1 from posts where id = "A" and tenant_id = 'acme')`,
  tag: `exists (select 1 from tags where id = "B" and tenant_id = 'acme')`,
}

const bothLinked = `${ownLink.post} and ${ownLink.tag}`

/** Which rows of each table are the tenant's. */
const ownRows: Readonly<Record<string, string>> = {
  tenants: `id = 'acme'`,
  users: `tenant_id = 'acme'`,
  profiles: `tenant_id = 'acme'`,
  posts: `tenant_id = 'acme'`,
  comments: `tenant_id = 'acme'`,
  tags: `tenant_id = 'acme'`,
  notes: `tenant_id = 'acme'`,
  '"_PostToTag"': bothLinked,
  user_roles: `exists (select 1 from users where id = user_id and tenant_id = 'acme')`,
  roles: 'false',
}

const sumWhere = (which: (own: string) => string): string => {
  const all = Object.entries(ownRows).map(
    ([table, own]) =>
      `select '${table.replaceAll('"', '')} ' || t::text as r from ${table} t where ${which(own)}`,
  )
  return `(select coalesce(string_agg(r, '|' order by r), '') from (${all.join(' union all ')}) every_row)`
}
/** Links between rows of two tenants, by the row that is not the tenant's. */
const mixed = `(select coalesce(jsonb_agg(case when ${ownLink.post} then 'B' || "B" else 'A' || "A" end), '[]')
  from "_PostToTag" where ${ownLink.post} <> ${ownLink.tag})`
const foreignLink = `not ${ownLink.post} and not ${ownLink.tag}`
const others = sumWhere((own) => (own === bothLinked ? foreignLink : `not (${own})`))
const stateQuery = `select md5(${others}), ${sumWhere(same)}, ${mixed}::text`

interface State {
  readonly others: string
  readonly own: string
  readonly mixed: readonly string[]
}

/** A link between rows of two tenants is nobody's: it goes with either row, but nobody makes one. */
function isDamage(before: State, after: State): boolean {
  const left = [...before.mixed]
  const isNew = (link: string): boolean => {
    const found = left.indexOf(link)
    if (found >= 0) left.splice(found, 1)
    return found < 0
  }
  return before.others !== after.others || after.mixed.some(isNew)
}

/** Starts a server with one database for each world, with a client for each way to confine. */
export async function startPrismaWorlds(
  confines: readonly NonNullable<TenantExtensionOptions['confine']>[],
): Promise<PrismaWorlds> {
  const [server, generated] = await Promise.all([startPostgres(), generateShop()])
  const stops: (() => Promise<unknown>)[] = []
  const worlds: PrismaWorld[] = []
  for (const [name, others] of Object.entries(foreign)) {
    const { url } = await server.createDatabase()
    const admin = new pg.Client({ connectionString: url })
    await admin.connect()
    await admin.query(`${tables} ${rows('acme', 0, same)} ${others}`)
    await admin.end()
    const schema = await readSchema(url)
    const guard = await createGuard(schema)
    const once = await takenBack(url)
    stops.push(() => once.stop())
    const clients = new Map<string, ShopClient>()
    for (const confine of confines) {
      const adapter = guardAdapter(once.factory, guard)
      const client = new generated.PrismaClient({ adapter, errorFormat: 'minimal' })
      stops.unshift(() => client.$disconnect())
      clients.set(String(confine), client.$extends(tenantExtension({ schema, confine })))
    }
    worlds.push({ name, clients, taken: once.taken })
  }
  return {
    worlds,
    stop: async () => {
      for (const stop of stops) await stop()
      await server.stop()
      generated.remove()
    },
  }
}

const bare = (sql: string) => ({ sql, args: [], argTypes: [] })

/**
 * An adapter under the guard whose every statement runs in a transaction that is taken back. A
 * statement that fails is taken back alone, as it would be without one.
 */
async function takenBack(url: string) {
  const inner = await new PrismaPg({ connectionString: url, max: 1 }).connect()
  let current: Transaction | undefined
  let queue: Promise<unknown> = Promise.resolve()

  function alone<Result>(work: (own: Transaction) => Promise<Result>): Promise<Result> {
    const next = queue.then(async () => {
      const own = current
      if (own === undefined) throw new Error('nobody takes it back')
      await own.executeRaw(bare('SAVEPOINT statement'))
      try {
        return await work(own)
      } catch (error) {
        await own.executeRaw(bare('ROLLBACK TO SAVEPOINT statement'))
        throw error
      }
    })
    queue = next.catch(() => undefined)
    return next
  }

  const ends = new Map([
    ['COMMIT', 'RELEASE SAVEPOINT call'],
    ['ROLLBACK', 'ROLLBACK TO SAVEPOINT call'],
  ])
  const queries: Pick<Transaction, 'provider' | 'adapterName' | 'queryRaw' | 'executeRaw'> = {
    provider: inner.provider,
    adapterName: inner.adapterName,
    queryRaw: (query) => alone((own) => own.queryRaw(query)),
    executeRaw: (query) => {
      const end = ends.get(query.sql)
      if (end === undefined) return alone((own) => own.executeRaw(query))
      const next = queue.then(() => current?.executeRaw(bare(end)) ?? 0)
      queue = next.catch(() => undefined)
      return next
    },
  }
  const factory: Factory = {
    provider: inner.provider,
    adapterName: inner.adapterName,
    connect: async () => ({
      ...queries,
      executeScript: () => Promise.reject(new Error('no scripts here')),
      startTransaction: async () => {
        await current?.executeRaw(bare('SAVEPOINT call'))
        const done = () => Promise.resolve()
        return { ...queries, options: { usePhantomQuery: false }, commit: done, rollback: done }
      },
      dispose: () => Promise.resolve(),
    }),
  }

  async function stateOf(own: Transaction): Promise<State> {
    const { rows: found } = await own.queryRaw(bare(stateQuery))
    const [theirs, kept, links] = found[0] ?? []
    return { others: String(theirs), own: String(kept), mixed: JSON.parse(String(links)) }
  }

  return {
    factory,
    taken: async <Result>(work: () => Promise<Result>): Promise<Taken<Result>> => {
      const own = await inner.startTransaction()
      current = own
      try {
        const before = await stateOf(own)
        const result = await work()
        await queue
        const after = await stateOf(own)
        return { result, isDamaged: isDamage(before, after), own: after.own }
      } finally {
        current = undefined
        await own.executeRaw(bare('ROLLBACK'))
        await own.rollback()
      }
    },
    stop: () => inner.dispose(),
  }
}
