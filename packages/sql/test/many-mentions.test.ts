import { afterAll, beforeAll, expect, it } from 'vitest'
import { reportedIn } from './judge.ts'
import { type LiveWorld, startLiveWorld } from './live-world.ts'

let world: LiveWorld
beforeAll(async () => {
  world = await startLiveWorld()
})
afterAll(async () => {
  await world.stop()
})

const names = ['a', 'b', 'c', 'd', 'e']
const levels = Array.from({ length: 30 }, (_, i) => i + 1)

/** Asked anew for each way that leads to it, this would take longer than the world lasts. */
it('asks once for a query that writes, however many ways lead to it', () => {
  const parts = levels.map(
    (
      i,
    ) => `w${i} as (update books set title = 'x' from ${names.map((name) => `w${i - 1} ${name}`).join(', ')}
      where books.tenant_id = $1 and ${names.map((name) => `${name}.id = a.id`).join(' and ')} returning a.id)`,
  )
  const text = `with w0 as (update books set title = 'x' where tenant_id = $1 returning id), ${parts.join(', ')}
    select p.id from pages p, w30 w where p.book_id = w.id`
  expect(reportedIn(world.schema, text, ['acme'])).toBe('')
})

it('asks once for a column, however many columns of queries further inside it equals', () => {
  const columns = names.map((name) => `x.${name}`)
  const equal = columns.slice(1).map((column) => `x.a = ${column}`)
  let text = `select ${names.map((name) => `id as ${name}`).join(', ')} from books where tenant_id = $1`
  for (let level = 0; level < 20; level += 1) {
    text = `select ${columns.join(', ')} from (${text}) x where ${equal.join(' and ')}`
  }
  const whole = `select p.id from pages p, (${text}) q where p.book_id = q.c`
  expect(reportedIn(world.schema, whole, ['acme'])).toBe('')
})

it('counts a constant once, however many columns carry it into queries further inside', () => {
  let text = 'select tenant_id as a, tenant_id as b from books'
  for (let level = 0; level < 20; level += 1) {
    text = `select x.a, x.b from (${text}) x where x.a = x.b`
  }
  const whole = `select q.a from (${text}) q where q.a = $1 and q.b = $1`
  expect(reportedIn(world.schema, whole, ['acme'])).toBe('')
})

it('asks for a bounded number of ways, where queries are joined by the same key on each level', () => {
  const chain = Array.from(
    { length: 30 },
    (_, i) => `c${i + 1} as (select a.k, a.id from c${i} a join pages z on z.book_id = a.k)`,
  )
  const text = `with c0 as (select p.book_id as k, p.id from pages p), ${chain.join(', ')}
    select b.id from books b join c30 q on q.k = b.id where b.tenant_id = $1`
  reportedIn(world.schema, text, ['acme'])
  let nested = 'select book_id as c0, book_id as c1, book_id as c2, book_id as c3 from pages'
  for (let level = 0; level < 20; level += 1) {
    nested = `select x.c0, x.c1, x.c2, x.c3 from (${nested}) x where x.c0 = x.c1 and x.c1 = x.c2 and x.c2 = x.c3`
  }
  const whole = `select b.id from books b join (${nested}) q on q.c2 = b.id where b.tenant_id = $1`
  reportedIn(world.schema, whole, ['acme'])
})

it('says once that a query found a row, for however many columns', () => {
  let text = 'select book_id, book_id from pages where book_id = 1'
  for (let level = 0; level < 20; level += 1) {
    text = `select book_id, book_id from pages where (book_id, book_id) in (${text})`
  }
  const whole = `select id from books where tenant_id = $1 and (id, id) in (${text})`
  expect(reportedIn(world.schema, whole, ['acme'])).toBe('')
})
