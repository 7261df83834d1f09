import { setTimeout } from 'node:timers/promises'
import { runAsSystem, runWithTenant } from '@partywall/context'
import { createGuard, type Guard } from '@partywall/sql'
import { guardPostgres } from '@partywall/sql/postgres'
import postgres, { type Sql, type TransactionSql } from 'postgres'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { eventsDuring, switches } from './enforcement.ts'
import { postgresOptions } from './postgres-shop.ts'
import { acme, allRows, bypassingSystem, globex, type Shop, shopSchema, startShop } from './shop.ts'

const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)
const asGlobex = <Result>(work: () => Result): Result => runWithTenant(globex, work)
const asSystem = <Result>(work: () => Result): Result =>
  runAsSystem({ actor: 'nightly', reason: 'nightly_report' }, work)

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

/** Without a guard where none is given. */
function open(guard?: Guard, max = 2): Sql {
  const raw = postgres({ ...postgresOptions(shop.url), max })
  const sql = guard === undefined ? raw : guardPostgres(raw, guard)
  onTestFinished(() => sql.end({ timeout: 1 }))
  return sql
}

const guards: Readonly<Record<string, () => Promise<Guard | undefined>>> = {
  none: async () => undefined,
  off: () => createGuard(shopSchema, { enforcement: { ...switches('off'), watching: false } }),
  'off for the model': () => createGuard(shopSchema, { enforcement: switches('off') }),
  log: () => createGuard(shopSchema, { enforcement: switches('log') }),
  enforce: () => createGuard(shopSchema),
}

/** What work comes to, with every rejection that nobody listened to. */
async function outcomeOf(work: () => Promise<unknown>): Promise<unknown> {
  const unheard: unknown[] = []
  const hear = (error: unknown): void => void unheard.push(error)
  process.on('unhandledRejection', hear)
  try {
    const outcome = await work().then(
      (value) => ({ value: Array.isArray(value) ? [...value] : value }),
      (error: unknown) => ({ error: String(error) }),
    )
    // Rejections are told after the tick in which nobody took them.
    for (let ticks = 0; ticks < 3; ticks += 1) await new Promise(setImmediate)
    return { ...outcome, unheard }
  } finally {
    process.removeListener('unhandledRejection', hear)
  }
}

const mine = new Error('mine')

/** Statements that nobody waits for, or only later. */
const left: Readonly<Record<string, (own: TransactionSql) => unknown>> = {
  'one that fails is forgotten': async (own) => {
    void own`select 1 / 0`.execute()
    await own`select 1`
  },
  'one that fails is awaited later': async (own) => {
    const first = own`select 1 / 0`.execute()
    await own`select 1`
    await first
  },
  'one that fails is asked for before the work throws': async (own) => {
    void own`select 1 / 0`.execute()
    throw mine
  },
  'one is asked for before the work throws at once': (own) => {
    void own`select 1`.execute()
    throw mine
  },
  'one that fails is forgotten by work that gives another': (own) => {
    void own`select 1 / 0`.execute()
    return own`select 1`
  },
  'one with a cursor fails': async (own) => {
    const first = own`select 1 / 0`
    void first.cursor(1, () => undefined)
    void first.execute()
    await own`select 1`
    await first
  },
  'several fail': (own) => [own`select 1 / 0`, own`select 2 / 0`],
  'one that fails is forgotten in a savepoint': (own) =>
    own.savepoint(async (inner) => {
      void inner`select 1 / 0`.execute()
      await inner`select 1`
    }),
  'one is asked for before a savepoint throws at once': (own) =>
    own
      .savepoint((inner) => {
        void inner`select 1`.execute()
        throw mine
      })
      .catch((error: unknown) => error === mine),
}

describe.each(Object.keys(guards).slice(1))('with enforcement %s, begin', (name) => {
  // mutation src/doors/postgres-transaction.ts: taken: listenTo, => taken: held.taken,
  it.each(Object.entries(left))('ends as without a guard where %s', async (_, work) => {
    const outcomes = []
    for (const guard of [await guards['none']?.(), await guards[name]?.()]) {
      const sql = open(guard)
      const send = (): Promise<unknown> => asAcme(() => sql.begin((own) => work(own)))
      outcomes.push(await outcomeOf(send))
    }
    const [plain, guarded] = outcomes
    expect(guarded).toEqual(plain)
    expect(guarded).toMatchObject({ unheard: [] })
  })
})

describe('a refused statement that nobody waits for', () => {
  it('fails its transaction, and nothing else', async () => {
    const sql = open(shop.guard)
    const works: readonly ((own: TransactionSql) => unknown)[] = [
      (own) => void own`delete from orders`.execute(),
      async (own) => {
        void own`delete from orders`.execute()
        await own`select 1`
      },
      async (own) => {
        const first = own`delete from orders`.execute()
        await own`select 1`
        await first
      },
      (own) =>
        own.savepoint(async (inner) => {
          void inner`delete from orders`.execute()
          await inner`select 1`
        }),
    ]
    for (const work of works) {
      const outcome = await outcomeOf(() => asAcme(() => sql.begin((own) => work(own))))
      expect(outcome).toMatchObject({
        error: expect.stringContaining('TENANT_CONTEXT_REQUIRED: Order'),
        unheard: [],
      })
    }
    expect(await shop.rows()).toEqual(allRows)
  })

  // mutation src/doors/postgres-transaction.ts: await Promise.resolve() => void 0
  it('is sent where it was asked for before its work threw at once', async () => {
    const sql = open(shop.guard)
    let sent: unknown
    const begun = asAcme(() =>
      sql.begin((own) => {
        sent = own`select item from orders where tenant_id = 'acme'`.execute()
        throw mine
      }),
    )
    await expect(begun).rejects.toBe(mine)
    expect(await sent).toHaveLength(2)
  })
})

describe('an end of the transaction inside of begin', () => {
  const ends = ['commit', 'rollback', 'select 1; commit', '/* now */ end', 'commit; select 1']

  it.each(ends)('is a violation: %s', async (text) => {
    const sql = open(shop.guard)
    const ended = asAcme(() =>
      sql.begin(async (own) => {
        await own`insert into orders (id, tenant_id, item) values (77, 'acme', 'kept?')`
        await own.unsafe(text)
      }),
    )
    await expect(ended).rejects.toMatchObject({
      code: 'TENANT_CONTEXT_REQUIRED',
      message: 'TENANT_CONTEXT_REQUIRED: (unknown)',
    })
    expect(await shop.rows()).toEqual(allRows)
  })

  // mutation src/doors/postgres-transaction-end.ts: guard.session().check({ ...statement, opaque: true }) => throw ended()
  it.each(ends)('is counted, and passes, while nothing is enforced: %s', async (text) => {
    for (const name of ['none', 'off', 'off for the model', 'log']) {
      const sql = open(await guards[name]?.())
      let result: unknown
      const events = await eventsDuring(async () => {
        result = await asAcme(() =>
          sql.begin(async (own) => {
            await own.unsafe(text)
            return 1
          }),
        )
      })
      expect(result, name).toBe(1)
      const decided = events.filter(({ type }) => type === 'decision')
      const actions = decided.map((event) => Reflect.get(event, 'decision').action)
      expect(actions, name).toEqual(
        name === 'log' ? ['log'] : name.includes('model') ? ['off'] : [],
      )
    }
  })

  it.each(['commit and chain', 'commit; begin', 'savepoint a; rollback to a'])(
    'is none where one is open after it: %s',
    async (text) => {
      const sql = open(shop.guard)
      const begun = asAcme(() => sql.begin((own) => own.unsafe(text).then(() => 1)))
      expect(await begun).toBe(1)
    },
  )

  // mutation src/doors/postgres-transaction-end.ts: if (hasEnded && currentScope()?.system !== undefined) throw ended() => void 0
  it('is the last that the system may send by it', async () => {
    const guard = await createGuard(shopSchema, { enforcement: bypassingSystem })
    const sql = open(guard)
    const worked = (last: string): Promise<unknown> =>
      asSystem(() =>
        sql.begin(async (own) => {
          await own`commit`
          if (last !== '') await own.unsafe(last)
          return 1
        }),
      )
    expect(await worked('')).toBe(1)
    for (const text of ['select 1', 'set role pg_monitor']) {
      await expect(worked(text)).rejects.toMatchObject({ code: 'sql.transaction' })
    }
  })

  const changes = [
    ['set role pg_monitor', 'commit'],
    ['set search_path to nowhere', 'commit'],
    ['set search_path to nowhere', 'rollback and no chain'],
    ['set search_path to nowhere; commit'],
    ['/* */ commit; /* */ set search_path to nowhere'],
    [`prepare transaction 'x'`],
  ]
  // mutation src/doors/postgres-transaction-end.ts: if (isChanged) throw ended() => void 0
  it.each(changes.map((texts) => [texts.join(', then '), texts] as const))(
    'leaves nothing of the system on a connection: %s',
    async (_, texts) => {
      const guard = await createGuard(shopSchema, { enforcement: bypassingSystem })
      const sql = open(guard, 1)
      const begun = asSystem(() =>
        sql.begin(async (own) => {
          for (const text of texts) await own.unsafe(text)
        }),
      )
      await expect(begun).rejects.toMatchObject({ code: 'sql.transaction' })
      expect(
        await asGlobex(async () => sql`select item from orders where tenant_id = 'globex'`),
      ).toHaveLength(1)
      const left = await asSystem(
        async () => sql`select current_setting('search_path') as path, current_user as who`,
      )
      expect(left).not.toContainEqual(expect.objectContaining({ path: 'nowhere' }))
      expect(left).not.toContainEqual(expect.objectContaining({ who: 'pg_monitor' }))
    },
  )
})

describe('a savepoint that nobody waits for', () => {
  // mutation src/doors/postgres-transaction.ts: await Promise.allSettled(left) => await Promise.allSettled([])
  it('ends before the transaction does: the driver would take back what others do', async () => {
    const sql = open(await createGuard(shopSchema), 1)
    let fail: (error: Error) => void = () => undefined
    const failing = new Promise((_, reject) => {
      fail = reject
    })
    const ended = asAcme(() =>
      sql.begin((own) => {
        own.savepoint(() => failing).catch(() => undefined)
        return own`select item from orders where tenant_id = 'acme'`
      }),
    ).then(() => 'ended')
    expect(await Promise.race([ended, setTimeout(200, 'open')])).toBe('open')
    fail(mine)
    expect(await ended).toBe('ended')
  })

  it('is not made where its transaction is over', async () => {
    const sql = open(await createGuard(shopSchema), 1)
    const begin = (work: (own: TransactionSql) => unknown): Promise<unknown> => sql.begin(work)
    let kept: TransactionSql | undefined
    await asAcme(() => begin((own) => own`select 1`.then(() => (kept = own))))
    let finish: () => void = () => undefined
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    const next = asGlobex(() => begin((own) => own`select 1`.then(() => finished)))
    const late = asAcme(async () => kept?.savepoint((inner) => inner`select 1`))
    await expect(late).rejects.toMatchObject({ code: 'TENANT_CONTEXT_REQUIRED' })
    finish()
    await next
  })
})
