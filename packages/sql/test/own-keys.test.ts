import { createTenantContext, runWithTenant } from '@partywall/context'
import { createGuard, type Guard } from '@partywall/sql'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createOwnKeys, type OwnKeys } from '../src/guard/own-keys.ts'
import { type LiveWorld, startLiveWorld } from './live-world.ts'

let world: LiveWorld
let guard: Guard
beforeAll(async () => {
  world = await startLiveWorld()
  guard = await createGuard(world.schema)
})
afterAll(async () => {
  await world.stop()
})

const tenant = (tenantId: string) => createTenantContext({ tenantId, env: 'prod' })

/** Runs a statement for a tenant as a door does, and takes the keys that it gives. */
async function run(
  keys: OwnKeys,
  text: string,
  values: readonly unknown[] = [],
  tenantId = 'acme',
): Promise<readonly (readonly unknown[])[]> {
  const receipt = runWithTenant(tenant(tenantId), () =>
    guard.session().check({ text, values, keys }),
  )
  const { rows } = await world.client.query<unknown[]>({
    text,
    values: [...values],
    rowMode: 'array',
  })
  if (receipt !== undefined) keys.take(receipt, rows)
  return rows
}

function isRefused(
  keys: OwnKeys | undefined,
  text: string,
  values: readonly unknown[],
  tenantId = 'acme',
): boolean {
  try {
    runWithTenant(tenant(tenantId), () => guard.session().check({ text, values, keys }))
    return false
  } catch {
    return true
  }
}

const mine = 'select id, title from books where tenant_id = $1'
const byKeys = 'update books set title = title where (id in ($1, $2) and 1 = 1) returning id'

it('confines what is read and written by keys that were given', async () => {
  const keys = createOwnKeys()
  expect(isRefused(keys, byKeys, [1, 2])).toBe(true)
  expect(await run(keys, mine, ['acme'])).toHaveLength(2)
  for (const [text, values] of [
    [byKeys, [1, 2]],
    [byKeys, ['2', 1]],
    ['select * from books where id = any($1)', [[1, 2]]],
    ['select body from pages where book_id in ($1, $2)', [1, 2]],
    ['insert into pages (id, book_id) values ($1, $2), ($3, $4)', [90, 1, 11, 2]],
    ['update pages set book_id = $1 where book_id = $2', [1, 2]],
    ['delete from words w using pages p where p.id = w.page_id and p.book_id = $1', [1]],
  ] as const) {
    expect([text, isRefused(keys, text, values)]).toEqual([text, false])
    expect(isRefused(undefined, text, values)).toBe(true)
  }
})

it('wants each of them, for the same tenant, of the same table and column', async () => {
  const keys = createOwnKeys()
  await run(keys, mine, ['acme'])
  expect(isRefused(keys, byKeys, [1, 11])).toBe(true)
  expect(isRefused(keys, byKeys, [1, null])).toBe(true)
  expect(isRefused(keys, byKeys, [1, 2], 'globex')).toBe(true)
  expect(isRefused(keys, 'select * from authors where id = $1', [1])).toBe(true)
  expect(isRefused(keys, 'select * from books where author_id = $1', [1])).toBe(true)
  expect(isRefused(keys, 'select * from books where id = any($1)', [[1, 11]])).toBe(true)
  expect(isRefused(keys, 'select * from books where id = any($1)', [[]])).toBe(true)
  expect(
    isRefused(keys, 'insert into pages (id, book_id) values ($1, $2), ($3, $4)', [90, 1, 91, 11]),
  ).toBe(true)
  expect(isRefused(keys, 'insert into pages (id, book_id) values (90, $1 + 0)', [1])).toBe(true)
  expect(isRefused(keys, 'select * from books where id = $1 or id = $1 + 10', [1])).toBe(true)
})

it('wants each parent of a row that has two', async () => {
  const keys = createOwnKeys()
  await run(keys, mine, ['acme'])
  const link = 'insert into links (book_id, author_id) values ($1, $2)'
  const linked = `select a.name from authors a join links l on l.author_id = a.id
    where a.tenant_id = $1 and l.book_id in ($2, $3)`
  expect(isRefused(keys, link, [1, 1])).toBe(true)
  expect(isRefused(keys, linked, ['acme', 1, 2])).toBe(false)
  expect(isRefused(keys, linked, ['acme', 1, 11])).toBe(true)
  expect(isRefused(keys, linked, ['globex', 1, 2])).toBe(true)
  await run(keys, 'select id from authors where tenant_id = $1', ['acme'])
  expect(isRefused(keys, link, [1, 1])).toBe(false)
  expect(isRefused(keys, link, [1, 11])).toBe(true)
})

it('knows a row without an owner column by its own key', async () => {
  const keys = createOwnKeys()
  const given = 'select p.id from pages p join books b on b.id = p.book_id where b.tenant_id = $1'
  await run(keys, given, ['acme'])
  const one = 'select body from pages where id = $1'
  expect(isRefused(keys, one, [1])).toBe(false)
  expect(isRefused(keys, one, [11])).toBe(true)
  expect(isRefused(undefined, one, [1])).toBe(true)
})

it('takes keys of rows that were made or changed, and none of rows that are gone', async () => {
  const keys = createOwnKeys()
  const one = 'select * from books where id = $1'
  await world.client.query('begin')
  try {
    await run(keys, 'insert into books (id, tenant_id) values ($1, $2) returning id', [91, 'acme'])
    expect(isRefused(keys, one, [91])).toBe(false)
    await run(keys, 'update books set title = $1 where tenant_id = $2 returning title, id', [
      'x',
      'acme',
    ])
    expect(isRefused(keys, one, [2])).toBe(false)
    const shelves = createOwnKeys()
    await run(shelves, 'delete from shelves where tenant_id = $1 and id > 900 returning id', [
      'acme',
    ])
    shelves.take({ tenant: tenant('acme'), columns: [] }, [[1]])
    expect(isRefused(shelves, 'select * from shelves where id = $1', [1])).toBe(true)
  } finally {
    await world.client.query('rollback')
  }
})

it.each([
  ['a column that is no key', 'select author_id from books where tenant_id = $1', ['acme']],
  ['a key that is computed', 'select id + 0 as id from books where tenant_id = $1', ['acme']],
  [
    'keys of an open side',
    'select o.id from books b left join shelves o on o.tenant_id = b.tenant_id and false where b.tenant_id = $1',
    ['acme'],
  ],
  ['keys that an aggregate gives', 'select max(id) from books where tenant_id = $1', ['acme']],
])('takes none of %s', async (_, text, values) => {
  const keys = createOwnKeys()
  await run(keys, text, values)
  expect(isRefused(keys, 'select * from books where id = $1', [1])).toBe(true)
})

it('takes nothing of a statement that is a violation and passes all the same', async () => {
  const keys = createOwnKeys()
  const logging = await createGuard(world.schema, {
    enforcement: {
      watching: true,
      decide: () => ({ action: 'log', reason: 'log_only', stage: 1, mode: 'log_only' }) as never,
      refusal: () => undefined,
    },
  })
  const receipt = runWithTenant(tenant('acme'), () =>
    logging.session().check({ text: 'select id from books', values: [], keys }),
  )
  expect(receipt).toBeUndefined()
})
