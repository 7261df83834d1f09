import { AsyncResource } from 'node:async_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { createGuard } from '@partywall/sql'
import { guardPostgres } from '@partywall/sql/postgres'
import postgres, { type ReservedSql, type Sql, type TransactionSql } from 'postgres'
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest'
import { asAcme, asGlobex, asSystem, postgresOptions } from './postgres-shop.ts'
import { bypassingSystem, type Shop, shopSchema, startShop } from './shop.ts'
import { hearUncaught } from './uncaught.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterEach(() => shop.raw.query('delete from orders where id >= 7'))
afterAll(() => shop.stop())

const uncaught = hearUncaught()

interface Opened {
  readonly sql: Sql
  /** Resolves when the server does what was asked of it. */
  sleeping(): Promise<void>
  /** Ends the only connection of the client, as an operator or a restart does, and waits for it. */
  lose(): Promise<void>
}

let clients = 0

async function open(): Promise<Opened> {
  clients += 1
  const name = `client ${clients}`
  let closed = 0
  const raw = postgres({
    ...postgresOptions(shop.url),
    max: 1,
    connection: { application_name: name },
    onclose: () => {
      closed += 1
    },
    backoff: false,
  } as never)
  const guard = await createGuard(shopSchema, { enforcement: bypassingSystem })
  const sql = guardPostgres(raw, guard)
  onTestFinished(() => sql.end({ timeout: 1 }))
  const ours = 'from pg_stat_activity where application_name = $1'
  return {
    sql,
    async sleeping() {
      const asleep = `select ${ours} and state = 'active' and query like '%pg_sleep%'`
      while ((await shop.raw.query(asleep, [name])).rowCount === 0) await wait(5)
    },
    async lose() {
      const before = closed
      const end = `select pg_terminate_backend(pid) ${ours}`
      expect((await shop.raw.query(end, [name])).rowCount).toBe(1)
      await expect.poll(() => closed).toBe(before + 1)
    },
  }
}

interface Neighbour {
  /** Once it has the connection, and has written what it has not committed yet. */
  readonly hasBegun: Promise<void>
  /** Ends its transaction, and looks at what came of it. */
  goOn(): Promise<void>
}

/** Another tenant's transaction, by whatever connection it gets. */
function neighbour(sql: Sql): Neighbour {
  let begun: () => void
  let goOn: () => void
  const hasBegun = new Promise<void>((resolve) => {
    begun = resolve
  })
  const mayGoOn = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const done = asGlobex(() =>
    sql.begin(async (own) => {
      await own`insert into orders values (7, 'globex', 'jar')`
      begun()
      await mayGoOn
    }),
  )
  return {
    hasBegun,
    async goOn() {
      goOn()
      await done
      expect(await shop.rows()).toContain('globex 7 jar')
    },
  }
}

/** The driver's, or what the server says to whoever waits for it. */
const lossCode = expect.stringMatching(/^(CONNECTION_(CLOSED|ENDED|DESTROYED)|57P01)$/)

/** What is asked of a connection fails; nothing of it may be sent. */
async function expectLost(...statements: readonly PromiseLike<unknown>[]): Promise<void> {
  for (const each of statements) await expect(each).rejects.toMatchObject({ code: lossCode })
}

const usesOfReserved: Readonly<Record<string, (own: ReservedSql) => Promise<unknown>>> = {
  nothing: async () => undefined,
  'a statement': (own) => own`select item from orders where tenant_id = ${'acme'}`,
  'one that failed': (own) => own`select 1 / 0`.catch(() => undefined),
  'a transaction left open': (own) => own`begin`,
}

// mutation src/doors/postgres-held.ts: if (connection.isLost) return => void isGiven
it.each(Object.entries(usesOfReserved))(
  'does nothing to whoever has a reserved connection next, after %s and its loss',
  async (_, use) => {
    const { sql, lose } = await open()
    const reserved = await asAcme(() => sql.reserve())
    await asAcme(() => use(reserved))
    const other = neighbour(sql)
    await lose()
    await other.hasBegun
    await asAcme(() => expectLost(reserved`rollback`, reserved.unsafe('select 1')))
    reserved.release()
    let isWritten = false
    const third = asAcme(async () => {
      await sql`insert into orders values (8, 'acme', 'cap')`
      isWritten = true
    })
    await wait(20)
    expect(isWritten).toBe(false)
    await other.goOn()
    await third
    expect(uncaught.heard).toEqual([])
  },
)

// mutation src/doors/postgres-connection.ts: if (lease.connection.isLost) throw => if (lease.isOver) throw
it.each(Object.entries(usesOfReserved))(
  'gives a lost reserved connection back once, after %s',
  async (_, use) => {
    const { sql, lose } = await open()
    const reserved = await asAcme(() => sql.reserve())
    await asAcme(() => use(reserved))
    await lose()
    await asAcme(() => expectLost(reserved`rollback`))
    reserved.release()
    const rows = asAcme(() => sql`select item from orders where tenant_id = ${'acme'}`)
    expect(await rows).toHaveLength(2)
    expect(uncaught.heard).toEqual([])
  },
)

const ways: Readonly<Record<string, (own: TransactionSql) => Promise<unknown>>> = {
  'sends another statement': (own) => expectLost(own`select 1`, own.unsafe('rollback')),
  throws: async () => {
    throw new Error('mine')
  },
  'makes a savepoint': (own) =>
    expect(
      Promise.resolve().then(() => own.savepoint((saved) => saved`select 1`)),
    ).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' }),
  'is done': async () => undefined,
}

// mutation src/doors/postgres-transaction.ts: isLost = !isDone => isLost = false
it.each(Object.entries(ways))(
  'does nothing to whoever has the connection of a transaction next that is lost, and %s',
  async (_, goOn) => {
    const { sql, lose } = await open()
    const beside = AsyncResource.bind(() => neighbour(sql))
    let other: Neighbour | undefined
    let heard: unknown
    let isDone = false
    const begun = asAcme(() =>
      sql.begin(async (own) => {
        other = beside()
        await lose()
        await other.hasBegun
        await goOn(own).catch((error) => {
          heard = error
        })
        isDone = true
        if (heard !== undefined) throw heard as Error
      }),
    )
    await expectLost(begun)
    await expect.poll(() => isDone).toBe(true)
    await wait(20)
    await other?.goOn()
    expect(String(heard ?? 'Error: mine')).toBe('Error: mine')
    expect(uncaught.heard).toEqual([])
  },
)

// mutation src/doors/postgres-transaction.ts: if (!lease.connection.isLost) throw error => throw error
it('leaves a savepoint of a lost connection, and rolls nothing back', async () => {
  const { sql, lose } = await open()
  const beside = AsyncResource.bind(() => neighbour(sql))
  let other: Neighbour | undefined
  let left: unknown
  const begun = asAcme(() =>
    sql.begin(async (own) => {
      const saved = own.savepoint(async () => {
        other = beside()
        await lose()
        await other.hasBegun
        throw new Error('mine')
      })
      left = await saved.catch((error: unknown) => String(error))
    }),
  )
  await expectLost(begun)
  await expect.poll(() => left).toBe('Error: mine')
  await wait(20)
  await other?.goOn()
  expect(uncaught.heard).toEqual([])
})

const during: Readonly<Record<string, (sql: Sql) => Promise<unknown>>> = {
  'a transaction': (sql) => sql.begin((own) => own`select pg_sleep(10)`.catch(() => own`select 1`)),
  'a savepoint': (sql) =>
    sql.begin((own) =>
      own
        .savepoint((saved) => saved`select pg_sleep(10)`)
        .catch(() => own.savepoint((saved) => saved`select 1`)),
    ),
  'a changed transaction': (sql) =>
    sql.begin((own) => own.unsafe('create temp table x (); select pg_sleep(10)')),
  'a reserved connection': async (sql) => {
    const own = await sql.reserve()
    try {
      await own`select pg_sleep(10)`.catch(() => own`select 1`)
    } finally {
      own.release()
    }
  },
  'a statement that changes the session': (sql) =>
    sql.unsafe('create temp table x (); select pg_sleep(10)').simple(),
}

it.each(Object.entries(during))('goes on after a loss during %s of the system', async (_, work) => {
  const { sql, lose, sleeping } = await open()
  const lost = asSystem(() => work(sql))
  const heard = expectLost(lost)
  await sleeping()
  await lose()
  await heard
  const read = () => asAcme(() => sql`select item from orders where tenant_id = ${'acme'}`)
  expect(await read()).toHaveLength(2)
  expect(uncaught.heard).toEqual([])
})

// mutation src/doors/postgres-connection.ts: isEnded = true => void start
it('ends at once for whoever comes, while the system works apart', async () => {
  const { sql, sleeping } = await open()
  const heard = expectLost(
    asSystem(() => sql.unsafe('create temp table x (); select pg_sleep(20)').simple()),
  )
  await sleeping()
  const ended = sql.end({ timeout: 1 })
  await asAcme(() =>
    expectLost(
      sql`select 1`,
      sql.begin(() => 1),
      sql.reserve(),
    ),
  )
  await ended
  await heard
})
