import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAsSystem, runWithTenant } from '@partywall/context'
import { currentScope } from '@partywall/context/spi'
import { createGuard, type Guard } from '@partywall/sql'
import { guardPostgres } from '@partywall/sql/postgres'
import postgres, { type Options, type Sql, type TransactionSql } from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { postgresOptions } from './postgres-shop.ts'
import {
  acme,
  allRows,
  bypassingSystem,
  globex,
  refused,
  type Shop,
  shopSchema,
  startShop,
} from './shop.ts'

const opaque = { code: 'TENANT_CONTEXT_REQUIRED', message: 'TENANT_CONTEXT_REQUIRED: (unknown)' }
const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)
const asGlobex = <Result>(work: () => Result): Result => runWithTenant(globex, work)
const asSystem = <Result>(work: () => Result): Result =>
  runAsSystem({ actor: 'nightly', reason: 'nightly_report' }, work)

const nothing = (): void => {}

let shop: Shop
let systemGuard: Guard
let sent: { text: string; values: unknown[] }[] = []
let sql: Sql
beforeAll(async () => {
  shop = await startShop()
  systemGuard = await createGuard(shopSchema, { enforcement: bypassingSystem })
  sql = open()
})
afterAll(async () => {
  await sql.end()
  await shop.stop()
})
beforeEach(() => {
  sent = []
})

function withResolvers<Value>() {
  let resolve: (value: Value) => void = () => undefined
  const promise = new Promise<Value>((given) => {
    resolve = given
  })
  return { promise, resolve }
}

/** The real driver, with everything noted that it really sends, its own questions apart. */
function rawClient(more: Options<Record<never, never>> = {}): Sql {
  return postgres({
    ...postgresOptions(shop.url),
    max: 2,
    // Not what a connection is opened with.
    debug: (_, text, values) => /typarray|^select 1$/.test(text) || sent.push({ text, values }),
    ...more,
  })
}

function open(guard: Guard = shop.guard, more: Options<Record<never, never>> = {}): Sql {
  return guardPostgres(rawClient(more), guard)
}

function openInTest(guard?: Guard, more?: Options<Record<never, never>>): Sql {
  const client = open(guard, more)
  onTestFinished(() => client.end())
  return client
}

const leaks: Readonly<Record<string, (sql: Sql) => unknown>> = {
  'a template': (sql) => sql`select * from orders`,
  'a value of another tenant': (sql) => sql`select * from orders where tenant_id = ${'globex'}`,
  'a fragment': (sql) =>
    sql`select * from orders where ${sql`tenant_id = ${'acme'}`} ${sql`or true`}`,
  'a list of fragments': (sql) =>
    sql`select * from orders where true ${['acme', 'globex'].map((x) => sql`and tenant_id = ${x}`)}`,
  'a name': (sql) => sql`select * from ${sql('orders')}`,
  'names of columns': (sql) => sql`select ${sql(['id', 'item'])} from orders`,
  'rows of another tenant': (sql) =>
    sql`insert into orders ${sql([
      { id: 9, tenant_id: 'acme', item: 'x' },
      { id: 9, tenant_id: 'globex', item: 'x' },
    ])}`,
  'changes of every row': (sql) => sql`update orders set ${sql({ item: 'x' })}`,
  'changes that move a row': (sql) =>
    sql`update orders set ${sql({ tenant_id: 'globex' })} where tenant_id = ${'acme'}`,
  'a list with another tenant': (sql) =>
    sql`select * from orders where tenant_id in ${sql(['acme', 'globex'])}`,
  'an array with another tenant': (sql) =>
    sql`select * from orders where tenant_id = any(${sql.array(['acme', 'globex'])})`,
  'a value that its type cuts': (sql) =>
    sql`select * from orders where tenant_id = ${sql.typed('acme', 18)}`,
  'a list that its type cuts': (sql) =>
    sql`select * from orders where tenant_id = any(${sql.array(['acme'], 18)})`,
  'a list of a type that cuts': (sql) =>
    sql`select * from orders where tenant_id = any(${sql.typed(['acme'], 1002) as never})`,
  'a typed value': (sql) => sql`select * from orders where tenant_id = ${sql.typed('globex', 25)}`,
  'a value as JSON': (sql) =>
    sql`select * from orders where tenant_id = ${sql.json('acme')}::jsonb #>> '{}'`,
  unsafe: (sql) => sql.unsafe('select * from orders'),
  'unsafe with values': (sql) =>
    sql.unsafe('select * from orders where tenant_id = $1', ['globex']),
  'unsafe, prepared': (sql) =>
    sql.unsafe('select * from orders where tenant_id = $1', ['globex'], { prepare: true }),
  'unsafe, several statements': (sql) =>
    sql.unsafe(`select item from orders where tenant_id = 'acme'; delete from orders`),
  'a text of unsafe in a template': (sql) => sql`select * from ${sql.unsafe('orders')}`,
  'a simple query': (sql) => sql`select 1; delete from orders`.simple(),
  'a description': (sql) => sql`select * from orders`.describe(),
  'rows as lists': (sql) => sql`select * from orders`.values(),
  'rows as bytes': (sql) => sql`select * from orders`.raw(),
  'execute alone': (sql) => sql`delete from orders`.execute().then(),
  'rows one by one': (sql) => sql`select * from orders`.forEach(nothing),
  'a cursor': async (sql) => {
    for await (const _ of sql`select * from orders`.cursor()) break
  },
  'a cursor with a callback': (sql) => sql`select * from orders`.cursor(1, () => undefined),
  'a reserved connection': async (sql) => {
    const own = await sql.reserve()
    try {
      await own`select * from orders`
    } finally {
      own.release()
    }
  },
  'a transaction': (sql) => sql.begin((own) => own`select * from orders`),
  'a transaction that answers with a list': (sql) =>
    sql.begin((own) => [own`select 1`, own`delete from orders`]),
  'a savepoint': (sql) => sql.begin((own) => own.savepoint((inner) => inner`delete from orders`)),
  'a savepoint with a name': (sql) =>
    sql.begin((own) => own.savepoint('a', (inner) => inner.unsafe('delete from orders'))),
  'handle, called by hand': (sql) => {
    const query = sql`delete from orders`
    const { handler } = query as unknown as { handler: (given: unknown) => void }
    handler(query)
    return query
  },
  'a query made of the class of queries': (sql) => {
    const query = sql`select 1`
    const {
      constructor: Query,
      handler,
      canceller,
    } = query as unknown as {
      constructor: new (...given: unknown[]) => Promise<unknown>
      handler: unknown
      canceller: unknown
    }
    return new Query(['delete from orders'], [], handler, canceller, { simple: true })
  },
}

it.each(Object.entries(leaks))(
  'refuses %s that is not confined, and sends nothing',
  async (_, leak) => {
    await expect(asAcme(async () => leak(sql))).rejects.toMatchObject(refused)
    await expect((async () => leak(sql))()).rejects.toMatchObject(refused)
    const meant = sent.filter(({ text }) => !/^(begin|rollback|savepoint|$)/.test(text))
    expect(meant).toEqual([])
    expect(await shop.rows()).toEqual(allRows)
  },
)

const closed: Readonly<Record<string, (sql: Sql) => unknown>> = {
  'COPY to us': (sql) => sql`copy orders to stdout`.readable(),
  'COPY to them': (sql) => sql`copy orders from stdin`.writable(),
  'a file that cannot be parsed': async (sql) => {
    const path = join(tmpdir(), `partywall-${process.pid}.sql`)
    await writeFile(path, 'selec')
    return sql.file(path)
  },
  subscriptions: (sql) => sql.subscribe('*', () => undefined),
  'channels to listen on': (sql) => sql.listen('orders', () => undefined),
  'channels to tell': (sql) => sql.notify('orders', 'x'),
  'large objects': (sql) => sql.largeObject(),
  'a transaction begun by hand': (sql) => sql`begin`,
  'a transaction ended by hand': (sql) => sql.unsafe('select 1; commit'),
  'options of a transaction that say more': (sql) => sql.begin('read write delete from', () => 1),
  'a prepared transaction': (sql) =>
    sql.begin(async (own) => {
      await own.prepare('x')
    }),
  'a name with an end in it': (sql) =>
    sql.begin((own) => own.savepoint('a\0', () => Promise.resolve())),
  'settings of the session': (sql) => sql`set search_path to other`,
}

it.each(Object.entries(closed))('refuses %s', async (_, way) => {
  await expect(asAcme(async () => way(sql))).rejects.toMatchObject(opaque)
  const meant = sent.filter(({ text }) => !/^(begin|rollback)/.test(text))
  expect(meant).toEqual([])
})

it('answers confined statements in every form', async () => {
  const expected = [{ item: 'ink' }, { item: 'pen' }]
  const tenant = 'acme'
  await asAcme(async () => {
    const own = () => sql`select item from orders where tenant_id = ${tenant} order by id`
    expect([...(await own())]).toEqual(expected)
    expect([...(await own().values())]).toEqual([['ink'], ['pen']])
    expect([...(await own().execute())]).toEqual(expected)
    const { columns } = await own().describe()
    expect(columns.map(({ name }) => name)).toEqual(['item'])
    const seen: unknown[] = []
    for await (const rows of own().cursor(1)) seen.push(...rows)
    expect(seen).toEqual(expected)
    const text = 'select item from orders where tenant_id = $1 order by id'
    expect([...(await sql.unsafe(text, [tenant]))]).toEqual(expected)
    expect([...(await sql.unsafe(text, [tenant], { prepare: true }))]).toEqual(expected)
    const path = join(tmpdir(), `partywall-own-${process.pid}.sql`)
    await writeFile(path, text)
    expect([...(await sql.file(path, [tenant]))]).toEqual(expected)
    const listed = sql`select item from orders where tenant_id = any(${sql.array([tenant, tenant])})`
    expect(await listed).toHaveLength(2)
    expect(
      await sql`select item from orders where tenant_id = ${sql.typed(tenant, 25)}`,
    ).toHaveLength(2)
  })
})

it('takes the tenant of the scope that first awaits a query, not of the one that wrote it', async () => {
  const written = asAcme(() => sql`select item from orders where tenant_id = ${'globex'}`)
  const mended = asAcme(() => sql`select item from orders where tenant_id = ${'globex'}`)
  expect([...(await asGlobex(async () => written))]).toEqual([{ item: 'cup' }])
  await expect(asAcme(async () => mended)).rejects.toMatchObject(refused)
  // A fragment is not sent, and has no scope.
  const fragment = asGlobex(() => sql`tenant_id = ${'acme'}`)
  expect(await asAcme(async () => sql`select 1 from orders where ${fragment}`)).toHaveLength(2)
})

it('keeps two tenants apart that take turns on the same connections', async () => {
  const items = (tenant: string) =>
    sql<{ item: string }[]>`select item from orders where tenant_id = ${tenant} order by id`
  const replies = await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      i % 2 === 0
        ? asAcme(async () => [...(await items('acme'))])
        : asGlobex(async () => [...(await items('globex'))]),
    ),
  )
  for (const [i, reply] of replies.entries()) {
    expect(reply).toEqual(i % 2 === 0 ? [{ item: 'ink' }, { item: 'pen' }] : [{ item: 'cup' }])
  }
})

it('calls back in the scope of the caller, whoever opened the connection', async () => {
  const own = openInTest(undefined, { max: 1 })
  await asGlobex(async () => own`select 1`)
  const tenants: unknown[] = []
  const note = () => {
    tenants.push(currentScope()?.tenant?.tenantId)
  }
  await asAcme(async () => {
    await own`select x from generate_series(1, 2) x`.forEach(note)
    await own`select x from generate_series(1, 2) x`.cursor(1, note)
    await own.begin(async (one) => {
      note()
      await one`select 1`
      note()
    })
    await own`select 1`
    note()
  })
  expect(new Set(tenants)).toEqual(new Set(['acme']))
  expect(tenants.length).toBeGreaterThanOrEqual(7)
})

it('keeps a transaction and a reserved connection with one tenant', async () => {
  const theirs = (own: Pick<Sql, 'unsafe'>) =>
    asGlobex(async () => own.unsafe(`delete from orders where tenant_id = 'globex'`))
  const { promise: intruded, resolve: end } = withResolvers<void>()
  const { promise: begun, resolve: begin } = withResolvers<Pick<Sql, 'unsafe'>>()
  const transaction = asAcme(() =>
    sql.begin(async (own) => {
      begin(own as unknown as Pick<Sql, 'unsafe'>)
      await intruded
    }),
  )
  await expect(theirs(await begun)).rejects.toMatchObject(opaque)
  end()
  await expect(transaction).rejects.toMatchObject(opaque)

  const reserved = await sql.reserve()
  await asAcme(async () => reserved`begin`)
  await expect(theirs(reserved)).rejects.toMatchObject(opaque)
  await reserved`rollback`
  expect(await theirs(reserved).then(({ count }) => count)).toBe(1)
  reserved.release()
  await shop.raw.query(`insert into orders values (1, 'globex', 'cup')`)
  expect(await shop.rows()).toEqual(allRows)
})

it('fails a transaction with a statement that was refused, whoever hears of it', async () => {
  const attempt = asAcme(() =>
    sql.begin(async (own) => {
      await own`update orders set item = 'x' where tenant_id = ${'acme'}`
      await own`delete from orders`.catch(() => undefined)
      return 1
    }),
  )
  await expect(attempt).rejects.toMatchObject(refused)
  expect(await shop.rows()).toEqual(allRows)
  // Unless a savepoint was between.
  const kept = await asAcme(() =>
    sql.begin(async (own) => {
      await own.savepoint((inner) => inner`delete from orders`).catch(() => undefined)
      return own`select item from orders where tenant_id = ${'acme'}`
    }),
  )
  expect(kept).toHaveLength(2)
})

it('lets transactions, savepoints and lists of statements pass', async () => {
  await asAcme(async () => {
    const counts = await sql.begin('isolation level serializable', (own) => [
      own`update orders set item = item where tenant_id = ${'acme'}`,
      own`select 1 as one`,
    ])
    expect(counts.map(({ count }) => count)).toEqual([2, 1])
    const item = await sql.begin('read only', async (own) => {
      const [row] = await own.savepoint('one', (inner) => [
        inner`select item from orders where tenant_id = ${'acme'} and id = 2`,
      ])
      return row?.[0]?.['item']
    })
    expect(item).toBe('pen')
  })
})

it('sends nothing by a connection that was given back', async () => {
  const reserved = await sql.reserve()
  reserved.release()
  reserved.release()
  const own = (by: Pick<Sql, 'unsafe'>) =>
    asAcme(async () => by.unsafe(`select item from orders where tenant_id = 'acme'`))
  await expect(own(reserved)).rejects.toMatchObject(opaque)
  let kept: Pick<Sql, 'unsafe'> = reserved
  await asAcme(() =>
    sql.begin(async (one) => {
      kept = one as unknown as Pick<Sql, 'unsafe'>
    }),
  )
  await expect(own(kept)).rejects.toMatchObject(opaque)
  expect(await own(sql)).toHaveLength(2)
})

it('sends what it checked, whatever becomes of the call while it waits for its turn', async () => {
  const own = openInTest(undefined, { max: 1 })
  await own`select 1`
  const names = ['acme']
  const args = [names]
  const text = 'select item from orders where tenant_id = any($1) order by id'
  const row = { tenant_id: 'acme', id: 7, item: 'cap' }
  const typed = own.typed('acme', 25) as unknown as { value: string }
  const replies = asAcme(() => {
    const busy = own`select count(*) from generate_series(1, 50000)`.execute()
    return Promise.all([
      busy,
      own.unsafe(text, args as never[]).execute(),
      own`insert into orders ${own(row)} returning tenant_id`.execute(),
      own`select item from orders where tenant_id = ${typed as never} and id < 7`.execute(),
    ])
  })
  await Promise.resolve()
  await Promise.resolve()
  names[0] = 'globex'
  args[0] = ['globex']
  row.tenant_id = 'globex'
  typed.value = 'globex'
  const [, listed, [inserted], chosen] = await replies
  expect([...listed]).toEqual([{ item: 'ink' }, { item: 'pen' }])
  expect(inserted).toEqual({ tenant_id: 'acme' })
  expect(chosen).toHaveLength(2)
  await shop.raw.query('delete from orders where id = 7')
})

it('reads a query once, and a query of its own cannot be changed any more', async () => {
  let reads = 0
  const shifting = {
    get tenant_id() {
      reads += 1
      return reads === 1 ? 'acme' : 'globex'
    },
  }
  const reply = asAcme(
    async () => sql`insert into orders ${sql({ id: 8, ...{} }, 'id')} returning id`,
  )
  await expect(reply).rejects.toMatchObject(refused)
  const [row] = await asAcme(
    async () => sql`insert into orders ${sql(shifting, 'tenant_id')} returning tenant_id`,
  )
  expect(row).toEqual({ tenant_id: 'acme' })
  expect(reads).toBe(1)
  await shop.raw.query('delete from orders where id is null')

  const strings = Object.assign(['select 1'], { raw: ['select 1'] })
  const query = asAcme(() => sql(strings as never).execute())
  const made = query as unknown as { strings: string[]; args: unknown[]; options: object }
  await Promise.resolve()
  made.strings = ['delete from orders']
  strings[0] = 'delete from orders'
  await query
  expect(await shop.rows()).toEqual(allRows)
  let looks = 0
  const sometimes = Object.defineProperty([`select * from orders`], 'raw', {
    get: () => {
      looks += 1
      return looks === 1 ? undefined : []
    },
  })
  expect(() => sql(sometimes as never)).toThrow('second sight')
})

it('has no member that leads around the guard', async () => {
  const reachable: unknown[] = [sql, sql.options]
  await asAcme(() => sql.begin(async (own) => void reachable.push(own)))
  expect(Object.keys(sql).sort()).toEqual(
    [
      ...['types', 'typed', 'json', 'array', 'unsafe', 'file', 'notify', 'CLOSE', 'END', 'options'],
      ...[
        'PostgresError',
        'begin',
        'reserve',
        'listen',
        'subscribe',
        'largeObject',
        'close',
        'end',
      ],
    ].sort(),
  )
  expect(Reflect.ownKeys(sql.options)).not.toContain('socket')
  expect(Reflect.ownKeys(sql.options)).not.toContain('pass')
  expect(Reflect.ownKeys(sql.options)).not.toContain('shared')
  for (const one of reachable) expect(Object.isFrozen(one)).toBe(true)
  expect(sql.parameters).toMatchObject({ client_encoding: 'UTF8' })
})

// mutation src/doors/postgres-sender.ts: const text = String(given ?? compiled.text) => const text = given ?? compiled.text
it('sends the text that it read of an object that looks like one', async () => {
  let reads = 0
  const shifting = (): string => {
    reads += 1
    return reads === 1 ? `select item from orders where tenant_id = 'acme'` : 'select * from orders'
  }
  for (const tagged of [true, false]) {
    reads = 0
    const text = Object.assign(new String('select 1'), { toString: shifting, valueOf: shifting })
    const query = tagged
      ? sql(Object.assign([text], { raw: [] }) as never)
      : Object.assign(sql.unsafe('select 1', []), { strings: [text] })
    expect(await asAcme(async () => query)).toHaveLength(2)
    expect(reads).toBe(1)
  }
})

// mutation src/doors/postgres-sender.ts: AsyncResource.bind((row: unknown, result: unknown) => forEachFn(row, detachedAnswer(result))) => AsyncResource.bind(forEachFn)
it('calls who reads rows as no method of the driver', async () => {
  const callers: unknown[] = []
  const note = function (this: unknown): undefined {
    callers.push(this)
  }
  await asAcme(() => sql`select 1 as one`.forEach(note))
  expect(callers).toEqual([undefined])
})

it('sends the text that was checked where a serializer of the user says otherwise', async () => {
  let calls = 0
  const more = {
    types: {
      tenant: {
        to: 25,
        from: [25],
        parse: (text: string) => text,
        serialize: (value: unknown) => {
          calls += 1
          return calls % 2 === 1 ? `${value}` : 'globex'
        },
      },
    },
  } as never
  const own = openInTest(undefined, more)
  const reply = asAcme(async () => own`select item from orders where tenant_id = ${'acme'}`)
  expect(await reply).toHaveLength(2)
  calls = 1
  const other = asAcme(async () => own`select item from orders where tenant_id = ${'acme'}`)
  await expect(other).rejects.toMatchObject({ code: refused.code })
  // Tables that libraries above change are the driver's own.
  own.options.serializers[25] = () => 'globex'
  const third = asAcme(async () => own`select item from orders where tenant_id = ${'acme'}`)
  await expect(third).rejects.toMatchObject({ code: refused.code })
})

it('gives tenants a clean connection after the system changed one', async () => {
  const own = openInTest(systemGuard, { max: 1 })
  const items = () => asAcme(async () => own`select item from orders where tenant_id = ${'acme'}`)
  expect(await items()).toHaveLength(2)
  await asSystem(async () => {
    await own`set search_path to nowhere`
    await own`create temp table orders (tenant_id text, item text)`
    await own`set role pg_monitor`
  })
  expect(await items()).toHaveLength(2)
  const [settings] = await asSystem(
    async () =>
      own`select current_setting('search_path') as path, current_user as who,
      (select count(*)::int from pg_class where relpersistence = 't') as temporary`,
  )
  expect(settings).toMatchObject({ temporary: 0 })
  expect(settings?.['path']).not.toBe('nowhere')
  expect(settings?.['who']).not.toBe('pg_monitor')

  const reserved = await own.reserve()
  await asSystem(async () => {
    await reserved`begin`
    await reserved`create temp table orders (tenant_id text, item text)`
  })
  await expect(
    asAcme(async () => reserved`select item from orders where tenant_id = ${'acme'}`),
  ).rejects.toMatchObject(opaque)
  reserved.release()
  expect(await items()).toHaveLength(2)
})

describe('a transaction of the system that changed its session', () => {
  const traces = `select current_setting('search_path') as path, current_user::text as who,
    (select count(*)::int from pg_locks where locktype = 'advisory') as locks,
    (select count(*)::int from pg_class where relpersistence = 't') as temporary`

  async function disturb(own: Sql, end: (transaction: TransactionSql) => unknown): Promise<void> {
    await asSystem(() =>
      own.begin(async (transaction) => {
        await transaction`set search_path to nowhere`
        await transaction`select pg_advisory_lock(7)`
        await transaction`create temp table orders (id int, tenant_id text, item text)`
        await transaction`insert into orders values (1, 'acme', 'of the system')`
        await transaction.savepoint((inner) => inner`set role pg_monitor`)
        await end(transaction)
      }),
    ).catch(nothing)
  }
  it.each([
    ['is kept', nothing],
    ['is given up', () => Promise.reject(new Error('given up'))],
    ['fails', (transaction: TransactionSql) => transaction`select 1 / 0`],
  ])('leaves nothing of it to tenants when it %s', async (_, end) => {
    const own = openInTest(systemGuard, { max: 1 })
    const [before] = await asSystem(async () => own.unsafe(traces))
    await disturb(own, end)
    expect(
      await asAcme(async () => own`select item from orders where tenant_id = ${'acme'}`),
    ).toHaveLength(2)
    expect((await asSystem(async () => own.unsafe(traces)))[0]).toEqual(before)
  })

  it('is not prepared', async () => {
    const own = openInTest(systemGuard, { max: 1 })
    const prepared = asSystem(() =>
      own.begin(async (transaction) => {
        await transaction`set search_path to nowhere`
        await transaction.prepare('later')
      }),
    )
    await expect(prepared).rejects.toMatchObject({ code: 'sql.transaction' })
  })
})

// mutation src/doors/postgres-held.ts: if (given?.reserved !== lent) return => if (given !== undefined) return
it.each([true, false])(
  'rolls back what was left open on a connection that is given back, watched: %s',
  async (watching) => {
    const guard = await createGuard(shopSchema, { enforcement: { ...bypassingSystem, watching } })
    const own = openInTest(guard, { max: 1 })
    const reserved = await own.reserve()
    await asAcme(async () => {
      await reserved`begin`
      await reserved`delete from orders where tenant_id = ${'acme'}`
    })
    reserved.release()
    expect(
      await asGlobex(async () => own`select item from orders where tenant_id = ${'globex'}`),
    ).toHaveLength(1)
    expect(await shop.rows()).toEqual(allRows)
  },
)

// mutation src/doors/postgres-held.ts: if (given?.reserved !== lent) return => if (given !== undefined) return
it('rolls back what was left open by an end that was not reached', async () => {
  const client = openInTest(undefined, { max: 1 })
  for (const isAwaited of [true, false]) {
    await asAcme(async () => {
      const own = await client.reserve()
      await own`begin`
      await own`insert into orders values (50, 'acme', 'unwanted')`
      const end = own.unsafe('select 1/0; commit').catch((error: unknown) => error)
      if (isAwaited) expect(await end).toMatchObject({ code: '22012' })
      own.release()
      await end
    })
    const items = async () => client`select item from orders where tenant_id = 'globex'`
    expect(await asGlobex(items)).toHaveLength(1)
  }
  expect(await shop.rows()).toEqual(allRows)
})

// mutation src/doors/postgres-connection.ts: last = isMeant() ? statement : undefined => last = undefined
it('refuses servers and sessions that read texts in another way', async () => {
  const own = (client: Sql) =>
    asAcme(async () => client`select item from orders where tenant_id = ${'acme'}`)
  for (const [name, value] of [
    ['standard_conforming_strings', 'off'],
    ['client_encoding', 'SQL_ASCII'],
    ['search_path', 'pg_temp, public'],
  ] as const) {
    const client = openInTest(undefined, { connection: { [name]: value } })
    // Of the first one the text was checked before the server had spoken.
    await expect(own(client), name).rejects.toMatchObject(opaque)
    await expect(own(client), name).rejects.toMatchObject(opaque)
    const transaction = openInTest(undefined, { connection: { [name]: value } })
    const begun = asAcme(() => transaction.begin((one) => own(one as unknown as Sql)))
    await expect(begun, name).rejects.toMatchObject(opaque)
  }
  const raw = rawClient({ connection: { options: '-c transform_null_equals=on' } })
  expect(() => guardPostgres(raw, shop.guard)).toThrow('transform_null_equals')
  const other = Object.assign(() => undefined, { unsafe: () => undefined })
  expect(() => guardPostgres(other as never, shop.guard)).toThrow('cannot be guarded')
})

it('cancels what waits, and what runs', async () => {
  const own = openInTest(undefined, { max: 1 })
  const waiting = own`select 1`
  waiting.cancel()
  await expect(waiting).rejects.toMatchObject({ code: '57014' })
  const running =
    own`select count(*) as "by partywall" from generate_series(1, 100000000)`.execute()
  const isRunning = `select 1 from pg_stat_activity where state = 'active' and pid <> pg_backend_pid()
    and query like '%by partywall%'`
  for (let tries = 0; tries < 1000; tries += 1) {
    if ((await shop.raw.query(isRunning)).rowCount === 1) break
  }
  running.cancel()
  await expect(running).rejects.toMatchObject({ code: '57014' })
})
