import { isPartywallError, runAsSystem, runWithTenant } from '@partywall/context'
import { runInScope } from '@partywall/context/spi'
import { guardAdapter, tenantExtension } from '@partywall/prisma'
import { createGuard } from '@partywall/sql'
import { createOwnKeys } from '@partywall/sql/door'
import { PrismaPg } from '@prisma/adapter-pg'
import { makeTypedQueryFactory } from '@prisma/client/runtime/client'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { runCall } from '../src/running-call.ts'
import { type Switches, switched } from './enforcement.ts'
import { acme, eventsDuring, globex, type Shop, type ShopClient, startShop } from './shop.ts'

const switches: Switches = { action: 'block', closed: false }

let shop: Shop
let db: ShopClient
let contents: unknown
beforeAll(async () => {
  shop = await startShop(switched(switches))
  db = shop.client()
  contents = await shop.contents()
})
afterEach(() => Object.assign(switches, { action: 'block', closed: false }))
afterAll(() => shop.stop())

// Prisma begins a call when it is awaited: that must be inside the scope.
const asAcme = <Result>(work: () => Promise<Result>): Promise<Result> =>
  runWithTenant(acme, async () => work())
const asGlobex = <Result>(work: () => Promise<Result>): Promise<Result> =>
  runWithTenant(globex, async () => work())

const refused = (model: string) => ({
  code: 'TENANT_CONTEXT_REQUIRED',
  message: `TENANT_CONTEXT_REQUIRED: ${model}`,
})
const own = { tenantId: 'acme' }

/** What a client says of a call. */
const running = (action: string) => ({
  call: { action },
  keys: createOwnKeys(),
  scope: <Query>(query: Query): Query => query,
})

/** As `prisma generate --sql` writes it for a file of SQL: the text, with its parameters left out. */
const usersNamed = makeTypedQueryFactory('select id from users where name = $1 order by id')
const usersOf = makeTypedQueryFactory(
  '-- @param {String} $1:tenant\nselect id from users where tenant_id = $1 order by id',
)
const usersIn = makeTypedQueryFactory('select id from users where tenant_id = any($1) order by id')

type Leak = readonly [
  name: string,
  model: string,
  action: string,
  call: (db: ShopClient) => Promise<unknown>,
]

/** Calls that forgot the tenant, each with the model and the action of its record. */
const leaks: readonly Leak[] = [
  ['findMany', 'User', 'findMany', (c) => c.user.findMany()],
  ['findFirst', 'User', 'findFirst', (c) => c.user.findFirst({ where: { name: 'Ann' } })],
  ['findUnique', 'User', 'findUnique', (c) => c.user.findUnique({ where: { id: 101 } })],
  ['count', 'User', 'count', (c) => c.user.count()],
  ['aggregate', 'Post', 'aggregate', (c) => c.post.aggregate({ _sum: { views: true } })],
  ['groupBy', 'Post', 'groupBy', (c) => c.post.groupBy({ by: ['status'] })],
  ['OR', 'User', 'findMany', (c) => c.user.findMany({ where: { OR: [own, { name: 'Ann' }] } })],
  ['another tenant', 'User', 'findMany', (c) => c.user.findMany({ where: { tenantId: 'globex' } })],
  [
    'create',
    'Tag',
    'create',
    (c) => c.tag.create({ data: { id: 9, tenantId: 'globex', name: 'x' } }),
  ],
  [
    'createMany',
    'Tag',
    'createMany',
    (c) =>
      c.tag.createMany({
        data: [
          { id: 9, ...own, name: 'x' },
          { id: 10, tenantId: 'globex', name: 'x' },
        ],
      }),
  ],
  ['update', 'Post', 'update', (c) => c.post.update({ where: { id: 101 }, data: { title: 'x' } })],
  [
    'update of the tenant',
    'Tag',
    'update',
    (c) => c.tag.update({ where: { id: 1, ...own }, data: { tenantId: 'globex' } }),
  ],
  ['updateMany', 'Post', 'updateMany', (c) => c.post.updateMany({ data: { title: 'x' } })],
  [
    'upsert',
    'User',
    'upsert',
    (c) =>
      c.user.upsert({
        where: { id: 101 },
        create: { id: 101, ...own, email: 'x' },
        update: { name: 'x' },
      }),
  ],
  ['delete', 'Comment', 'delete', (c) => c.comment.delete({ where: { id: 101 } })],
  ['deleteMany', 'Comment', 'deleteMany', (c) => c.comment.deleteMany()],
  ['include', 'User', 'findMany', (c) => c.note.findMany({ where: own, include: { user: true } })],
  [
    '_count',
    'Note',
    'findMany',
    (c) => c.user.findMany({ where: own, include: { _count: { select: { notes: true } } } }),
  ],
  [
    'relation filter',
    'Note',
    'findMany',
    (c) => c.user.findMany({ where: { ...own, notes: { some: { text: 'note' } } } }),
  ],
  [
    'orderBy',
    'User',
    'findMany',
    (c) => c.note.findMany({ where: own, orderBy: { user: { name: 'asc' } } }),
  ],
  [
    'cursor',
    'Post',
    'findMany',
    (c) => c.post.findMany({ where: own, cursor: { id: 101 }, orderBy: { id: 'asc' } }),
  ],
  [
    'connect',
    'User',
    'create',
    (c) => c.post.create({ data: { id: 9, title: 'x', author: { connect: { id: 101 } } } }),
  ],
  ['$queryRaw', 'User', 'queryRaw', (c) => c.$queryRaw`select * from users`],
  [
    '$queryRawUnsafe',
    'User',
    'queryRaw',
    (c) => c.$queryRawUnsafe('select * from users where tenant_id = $1 or true', 'acme'),
  ],
  ['$queryRawTyped', 'User', 'queryRaw', (c) => c.$queryRawTyped(usersNamed('Ann'))],
  ['$executeRaw', 'User', 'executeRaw', (c) => c.$executeRaw`update users set name = ${'x'}`],
  [
    '$executeRawUnsafe',
    'Note',
    'executeRaw',
    (c) => c.$executeRawUnsafe(`delete from notes; delete from users`),
  ],
  ['list of calls', 'User', 'findMany', (c) => c.$transaction([c.user.findMany()])],
  ['transaction', 'User', 'findMany', (c) => c.$transaction((t) => t.user.findMany())],
]

describe('a call that forgot the tenant', () => {
  // mutation src/guard-queries.ts: return session.check({ ...statement, call: running?.call, keys: running?.keys, opaque }) => return undefined
  it.each(leaks)('%s is refused and nothing is touched [69, 154]', async (_, model, __, call) => {
    const error: unknown = await asAcme(() => call(db)).catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'TENANT_CONTEXT_REQUIRED',
      message: `TENANT_CONTEXT_REQUIRED: ${model}`,
    })
    expect(isPartywallError(error)).toBe(true)
    expect(await shop.contents()).toEqual(contents)
  })

  // mutation src/client-call.ts: action: isOneAction ? action : '$transaction', => action: 'other',
  it.each(
    leaks.filter(([name]) => !/create|update|upsert|delete|connect|write|execute/i.test(name)),
  )(
    '%s is answered while logging, with model and action in the record [54, 114, 153]',
    async (_, model, action, call) => {
      switches.action = 'log'
      let reply: unknown
      const events = await eventsDuring(async () => {
        reply = await asAcme(() => call(db))
      })
      expect(reply).toBeDefined()
      const decisions = events.filter((event) => event.type === 'decision')
      expect(decisions.length).toBeGreaterThan(0)
      for (const { violation, decision } of decisions) {
        expect(violation).toMatchObject({ model, action, tenantId: 'acme' })
        expect(decision.action).toBe('log')
      }
      expect(await shop.contents()).toEqual(contents)
    },
  )

  // mutation src/client-call.ts: ...(isOneModel && modelName !== undefined ? { model: modelName } : {}), => ...{},
  it('is told as a missing relation filter where another model was asked for [115]', async () => {
    const events = await eventsDuring(() =>
      asAcme(() => db.note.findMany({ where: own, include: { user: true } })),
    )
    const kinds = events.flatMap((event) =>
      event.type === 'decision' ? [[event.violation.model, event.violation.violation]] : [],
    )
    expect(kinds).toEqual([['User', 'missing_relation_filter']])
  })

  it('is refused without a scope, and every call with it', async () => {
    await expect(db.user.findMany({ where: own })).rejects.toMatchObject(refused('User'))
    const made = runWithTenant(acme, () => db.user.findMany({ where: own }))
    await expect(asGlobex(() => made)).rejects.toMatchObject(refused('User'))
  })
})

describe('two tenants in one tick', () => {
  const find = (id: number, tenantId: string) => () =>
    db.user.findUnique({ where: { id, tenantId } })

  // mutation src/client-call.ts: return `${numberOf(scope)} ${batch}` => return batch
  it('find rows by key, each their own', async () => {
    const replies = await Promise.all([
      asAcme(find(1, 'acme')),
      asGlobex(find(101, 'globex')),
      asAcme(find(2, 'acme')),
      asGlobex(find(102, 'globex')),
    ])
    expect(replies).toMatchObject([{ id: 1 }, { id: 101 }, { id: 2 }, { id: 102 }])
  })

  // mutation src/client-call.ts: originOf(request).run(() => runCall(running([request]), () => singleLoader(request))), => runCall(running([request]), () => singleLoader(request)),
  it('cannot ask for each other’s rows', async () => {
    const replies = await Promise.allSettled([
      asAcme(find(1, 'acme')),
      asGlobex(find(2, 'acme')),
      asGlobex(() =>
        db.user.findUnique({ where: { id: 1, tenantId: 'acme' }, select: { id: true } }),
      ),
    ])
    expect(replies).toMatchObject([
      { status: 'fulfilled', value: { id: 1 } },
      { status: 'rejected', reason: refused('User') },
      { status: 'rejected', reason: refused('User') },
    ])
  })

  it('have transactions, each their own', async () => {
    const count = (tenantId: string) => () =>
      db.$transaction(async (one) => {
        await one.user.findFirst({ where: { tenantId } })
        const all = await Promise.all([
          one.user.findMany({ where: { tenantId }, select: { tenantId: true } }),
          one.post.findMany({ where: { tenantId }, select: { tenantId: true } }),
        ])
        return new Set(all.flat().map((row) => JSON.stringify(row)))
      })
    const replies = await Promise.all([
      asAcme(count('acme')),
      asGlobex(count('globex')),
      asAcme(count('acme')),
    ])
    expect(replies.map((reply) => [...(reply as Set<string>)])).toEqual([
      ['{"tenantId":"acme"}'],
      ['{"tenantId":"globex"}'],
      ['{"tenantId":"acme"}'],
    ])
  })
})

describe('a transaction', () => {
  it('belongs to one tenant', async () => {
    const mixed = asAcme(() =>
      db.$transaction(async (one) => {
        await one.user.findMany({ where: own })
        return new Promise((resolve, reject) => {
          void runInScope(undefined, () =>
            asGlobex(() => one.user.findMany({ where: { tenantId: 'globex' } })).then(
              resolve,
              reject,
            ),
          )
        })
      }),
    )
    await expect(mixed).rejects.toMatchObject(refused('(unknown)'))
  })

  // mutation src/connection-reset.ts: else if (!own.hasEnded) await run(own, rollback) => else if (!own.hasEnded) await undefined
  it('keeps nothing and leaves no connection behind when the kill switch closes before its end', async () => {
    const one = shop.client({ more: { transactionOptions: { maxWait: 5000 } } })
    for (let turn = 0; turn < 12; turn += 1) {
      const work = asAcme(() =>
        one.$transaction(async (transaction) => {
          await transaction.post.updateMany({ where: own, data: { title: `never ${turn}` } })
          await transaction.tag.create({ data: { id: 90, ...own, name: 'never' } })
          switches.closed = true
        }),
      )
      await expect(work).rejects.toMatchObject({ code: 'tenancy.disabled' })
      switches.closed = false
    }
    // More turns than connections; none of them may be inside a transaction still.
    const { rows } = await shop.raw.query(
      `select count(*)::int as open from pg_stat_activity where state like 'idle in transaction%'`,
    )
    expect(rows).toEqual([{ open: 0 }])
    expect(await shop.contents()).toEqual(contents)
  })

  it('takes only an isolation level that PostgreSQL has', async () => {
    const adapter = await guardAdapter(
      new PrismaPg({ connectionString: shop.server.url }),
      shop.guard,
    ).connect()
    const level = 'SERIALIZABLE; update users set name = null' as 'SERIALIZABLE'
    await expect(asAcme(() => adapter.startTransaction(level))).rejects.toMatchObject(
      refused('(unknown)'),
    )
    const transaction = await asAcme(() => adapter.startTransaction('SERIALIZABLE'))
    await expect(
      asAcme(async () => transaction.createSavepoint?.('a; update users set name = null')),
    ).rejects.toMatchObject(refused('User'))
    await transaction.rollback()
    const query = { sql: `select 1`, args: [], argTypes: [] }
    await expect(transaction.queryRaw(query)).rejects.toMatchObject({ code: 'prisma.transaction' })
    await adapter.dispose()
    expect(await shop.contents()).toEqual(contents)
  })
})

describe('typed SQL', () => {
  const rows = [{ id: 1 }, { id: 2 }]

  it('is proved by its text and its values, alone, in a list and in a transaction', async () => {
    expect(await asAcme(() => db.$queryRawTyped(usersOf('acme')))).toEqual(rows)
    expect(await asAcme(() => db.$queryRawTyped(usersIn(['acme', 'acme'])))).toEqual(rows)
    expect(await asAcme(() => db.$transaction([db.$queryRawTyped(usersOf('acme'))]))).toEqual([
      rows,
    ])
    expect(
      await asAcme(() => db.$transaction((one) => one.$queryRawTyped(usersOf('acme')))),
    ).toEqual(rows)
  })

  it('is refused with another tenant, with one more, and with what is none', async () => {
    for (const query of [
      usersOf('globex'),
      usersOf(null),
      usersOf(new Date(0)),
      usersIn(['acme', 'globex']),
      usersIn([]),
    ]) {
      await expect(asAcme(() => db.$queryRawTyped(query))).rejects.toMatchObject(refused('User'))
    }
    const mixed = () =>
      db.$transaction([db.$queryRawTyped(usersOf('acme')), db.$queryRawTyped(usersNamed('Ann'))])
    await expect(asAcme(mixed)).rejects.toMatchObject(refused('User'))
  })

  // mutation src/client-call.ts: raw.some((text) => query.sql.startsWith(text)) ? query : scope(query), => scope(query),
  it('stays as it is written where the tenant is written into calls', async () => {
    const all = shop.client({ confine: 'all' })
    expect(await asAcme(() => all.$queryRawTyped(usersOf('acme')))).toEqual(rows)
    // As Prisma itself would write it.
    const everybody = makeTypedQueryFactory('SELECT "public"."users"."id" FROM "public"."users"')
    await expect(asAcme(() => all.$queryRawTyped(everybody()))).rejects.toMatchObject(
      refused('User'),
    )
  })

  it('of two tenants in one tick is each their own', async () => {
    const replies = await Promise.allSettled([
      asAcme(() => db.$queryRawTyped(usersOf('acme'))),
      asGlobex(() => db.$queryRawTyped(usersOf('globex'))),
      asGlobex(() => db.$queryRawTyped(usersOf('acme'))),
    ])
    expect(replies).toMatchObject([
      { status: 'fulfilled', value: rows },
      { status: 'fulfilled', value: [{ id: 101 }, { id: 102 }] },
      { status: 'rejected', reason: refused('User') },
    ])
  })
})

describe('the system', () => {
  const asSystem = (work: () => Promise<unknown>) =>
    runAsSystem({ actor: 'ops', reason: 'maintenance' }, async () => work())
  const roleOf = async (client: ShopClient): Promise<unknown> => {
    const reply = await asSystem(() => client.$queryRaw`select current_setting('role') as role`)
    return (reply as readonly { readonly role: string }[])[0]?.role
  }

  // mutation src/connection-reset.ts: if (isChanged) await resetSession((text) => run(own, text)) => if (isChanged) await undefined
  it('leaves nothing of what it changed on a connection that tenants get', async () => {
    await shop.raw.query('create role bystander')
    switches.action = 'bypass'
    const one = shop.client({ pool: { max: 1 } })
    await asSystem(() => one.$executeRawUnsafe('set role bystander'))
    expect(await roleOf(one)).toBe('none')
    await asSystem(() =>
      one.$transaction(async (transaction) => {
        await transaction.$executeRawUnsafe('set role bystander')
        await transaction.$executeRawUnsafe('create temp table users (id int)').catch(() => 0)
      }),
    ).catch(() => 0)
    expect(await roleOf(one)).toBe('none')
    switches.action = 'block'
    expect(await asAcme(() => one.user.count({ where: own }))).toBe(2)
    await expect(asAcme(() => one.$executeRawUnsafe('begin'))).rejects.toMatchObject(
      refused('(unknown)'),
    )
  })
})

describe('the adapter', () => {
  it('gives no way to what is inside', async () => {
    const factory = guardAdapter(new PrismaPg({ connectionString: shop.server.url }), shop.guard)
    const adapter = await factory.connect()
    expect(Reflect.ownKeys(factory).sort()).toEqual(['adapterName', 'connect', 'provider'])
    expect(adapter).not.toHaveProperty('underlyingDriver')
    expect(adapter).not.toHaveProperty('client')
    expect(adapter.getConnectionInfo?.()).toMatchObject({ supportsRelationJoins: true })
    expect(adapter.provider).toBe('postgres')
    await adapter.dispose()
  })

  it('proves scripts statement by statement, as they are sent', async () => {
    const factory = guardAdapter(new PrismaPg({ connectionString: shop.server.url }), shop.guard)
    const adapter = await factory.connect()
    const run = (script: string) =>
      asAcme(() => runCall(running('script'), () => adapter.executeScript(script)))
    await run(`update tags set name = name where tenant_id = 'acme'; ; select 1;`)
    // A comment hides the second half from a parser, not from an adapter that splits.
    await expect(run('select 1 /* ; delete from notes; */')).rejects.toMatchObject(
      refused('(unknown)'),
    )
    await expect(run(`select 1; delete from notes`)).rejects.toMatchObject(refused('Note'))
    await expect(asAcme(() => adapter.executeScript('select 1'))).rejects.toMatchObject(
      refused('(unknown)'),
    )
    await adapter.dispose()
    expect(await shop.contents()).toEqual(contents)
  })

  // mutation src/guard-queries.ts: const opaque = statement.opaque === true || running === undefined => const opaque = statement.opaque === true
  it('refuses every statement of a client that is not extended', async () => {
    const adapter = guardAdapter(new PrismaPg({ connectionString: shop.server.url }), shop.guard)
    const bare = new shop.generated.PrismaClient({ adapter })
    await expect(asAcme(() => bare.user.findMany({ where: own }))).rejects.toThrow(
      'TENANT_CONTEXT_REQUIRED: (unknown)',
    )
    await bare.$disconnect()
  })

  it('takes nothing but PostgreSQL', () => {
    const factory = { provider: 'sqlite', adapterName: 'x', connect: () => undefined } as never
    expect(() => guardAdapter(factory, shop.guard)).toThrow(
      expect.objectContaining({ code: 'prisma.adapter' }),
    )
  })

  it('takes no date or bytes for a tenant, whatever their text is', async () => {
    const text = 'select id from users where tenant_id = $1'
    for (const value of [
      new Date(0),
      Buffer.from('acme'),
      { prisma__type: 'date', prisma__value: 'acme' },
    ]) {
      await expect(asAcme(() => db.$queryRawUnsafe(text, value))).rejects.toMatchObject(
        refused('User'),
      )
    }
    expect(await asAcme(() => db.$queryRawUnsafe(`${text} order by id`, 'acme'))).toHaveLength(2)
  })

  // mutation src/sent-query.ts: query: { sql, args: [...values], argTypes: types }, => query: { sql, args, argTypes: types },
  it('sends the values that were checked', async () => {
    const factory = guardAdapter(new PrismaPg({ connectionString: shop.server.url }), shop.guard)
    const adapter = await factory.connect()
    // In a transaction, a statement is sent a moment after it was asked for.
    const transaction = await adapter.startTransaction()
    const names = ['acme']
    const reply = asAcme(() =>
      runCall(running('queryRaw'), () => {
        const sent = transaction.queryRaw({
          sql: 'select id from users where tenant_id = any($1) order by id',
          args: [names],
          argTypes: [{ scalarType: 'string', arity: 'list' }],
        })
        names[0] = 'globex'
        return sent
      }),
    )
    expect((await reply).rows).toEqual([[1], [2]])
    await transaction.rollback()
    await adapter.dispose()
  })

  // mutation src/scope-query.ts: if (text.length > rememberedLength) return scopeStatement(text, parameters, options) => if (text.length > rememberedLength) return undefined
  it('reads lists of keys as long as Prisma writes them, where the guard is told to', async () => {
    const id = { in: Array.from({ length: 30_000 }, (_, key) => key) }
    await expect(asAcme(() => db.tag.findMany({ where: { ...own, id } }))).rejects.toMatchObject(
      refused('(unknown)'),
    )
    const guard = await createGuard(shop.schema, { maxTextLength: 300_000 })
    const [strict, confined] = [shop.client({ guard }), shop.client({ guard, confine: 'all' })]
    const rows = [{ id: 1 }, { id: 2 }]
    const told = { where: { ...own, id }, select: { id: true }, orderBy: { id: 'asc' } }
    expect(await asAcme(() => strict.tag.findMany(told))).toEqual(rows)
    expect(await asAcme(() => confined.tag.findMany({ ...told, where: { id } }))).toEqual(rows)
    await expect(asAcme(() => strict.tag.findMany({ where: { id } }))).rejects.toMatchObject(
      refused('Tag'),
    )
  })
})

describe('the extension', () => {
  const extended = (options: object) => () =>
    new shop.generated.PrismaClient(options).$extends(tenantExtension({ schema: shop.schema }))

  it('refuses a client without a guarded adapter, and a second one on the same client', () => {
    const plain = new PrismaPg({ connectionString: shop.server.url })
    expect(extended({ adapter: plain })).toThrow(expect.objectContaining({ code: 'prisma.client' }))
    expect(() => db.$extends(tenantExtension({ schema: shop.schema }))).toThrow(
      expect.objectContaining({ code: 'prisma.client' }),
    )
  })

  it('refuses a model that nobody declared', () => {
    for (const confine of [['Nobody'], 'some', 7] as never[]) {
      expect(() => tenantExtension({ schema: shop.schema, confine })).toThrow(
        expect.objectContaining({ code: 'prisma.options' }),
      )
    }
  })

  it('keeps the guard on a client that is extended further, and on the one below', async () => {
    const further = db.$extends({
      query: {
        $allModels: { findMany: ({ query }: { query: (args: object) => unknown }) => query({}) },
      },
    })
    await expect(asAcme(() => further.user.findMany({ where: own }))).rejects.toMatchObject(
      refused('User'),
    )
  })

  // mutation src/scope-statement.ts: return models.has(relation.model) ? relation : undefined => return relation
  it('writes the tenant for the models that it is told to, and leaves the others to the guard', async () => {
    const some = shop.client({ confine: ['User'] })
    expect(
      await asAcme(() => some.user.findMany({ select: { id: true }, orderBy: { id: 'asc' } })),
    ).toEqual([{ id: 1 }, { id: 2 }])
    await expect(asAcme(() => some.post.findMany())).rejects.toMatchObject(refused('Post'))
    await expect(
      asAcme(() => some.user.findMany({ include: { notes: true } })),
    ).rejects.toMatchObject(refused('Note'))
    await expect(asAcme(() => some.$queryRaw`select * from users`)).rejects.toMatchObject(
      refused('User'),
    )
    await expect(
      asAcme(() =>
        some.$transaction([some.user.findMany(), some.$queryRaw`SELECT * FROM "public"."users"`]),
      ),
    ).rejects.toMatchObject(refused('User'))
  })

  it('does not change a tenant that the call names: it is a violation', async () => {
    const all = shop.client({ confine: 'all' })
    for (const call of [
      () => all.tag.create({ data: { id: 9, tenantId: 'globex', name: 'x' } }),
      () => all.tag.update({ where: { id: 1 }, data: { tenantId: 'globex' } }),
    ]) {
      await expect(asAcme(call)).rejects.toMatchObject(refused('Tag'))
    }
    const foreign = () => all.user.findMany({ where: { tenantId: 'globex' } })
    await expect(asAcme(foreign)).rejects.toMatchObject(refused('User'))
    expect(await asAcme(() => all.user.findUnique({ where: { id: 101 } }))).toBeNull()
    await expect(all.user.findMany()).rejects.toMatchObject(refused('User'))
    expect(await shop.contents()).toEqual(contents)
  })
})
