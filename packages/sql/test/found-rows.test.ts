import { defineTenantSchema, liveSchema, loadCatalogue, owner } from '@partywall/sql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violationsIn } from './judge.ts'
import { type LiveWorld, startLiveWorld } from './live-world.ts'

let world: LiveWorld
beforeAll(async () => {
  world = await startLiveWorld()
})
afterAll(async () => {
  await world.stop()
})

const open = (text: string): string =>
  violationsIn(world.schema, text, text.includes('$1') ? ['acme'] : [])
    .map(({ model }) => model)
    .join(', ')
const values = (text: string): readonly unknown[] => (text.includes('$1') ? ['acme'] : [])

describe('keys that a query finds', () => {
  const safe = [
    [
      'the row of a scalar query',
      'select body from pages where book_id = (select id from books where tenant_id = $1 and id = 1)',
    ],
    [
      'the row of a scalar query, turned',
      'select body from pages where (select id from books where tenant_id = $1 limit 1) = book_id',
    ],
    [
      'the key of a scalar query in INSERT',
      `insert into pages (id, book_id) values (90, (select id from books where tenant_id = $1 and id = 1)),
       (91, (select id from books where tenant_id = $1 and id = 2))`,
    ],
    [
      'the key of a scalar query in SET',
      `update pages set book_id = (select id from books where tenant_id = $1 order by id desc limit 1)
       where book_id in (select id from books where tenant_id = $1)`,
    ],
    [
      'the key of a scalar query in a SELECT that is inserted',
      `insert into pages (id, book_id) select 93, (select id from books where tenant_id = $1 and id = 1)`,
    ],
    [
      'rows of a union',
      `select body from pages where book_id in
       (select id from books where tenant_id = $1 and id = 1 union select id from books where tenant_id = $1)`,
    ],
    ['rows of columns', 'select * from books where (tenant_id, id) in (($1, 1), ($1, 2))'],
    [
      'rows of columns that a query gives',
      `select body from pages where (book_id, id) in (select id, 1 from books where tenant_id = $1)`,
    ],
    [
      'a key that is set to itself',
      `update pages set book_id = book_id, body = 'x' where book_id in (select id from books where tenant_id = $1)`,
    ],
    [
      'a key that equals one',
      `update pages set book_id = o.book_id from pages o join books b on b.id = o.book_id
       where b.tenant_id = $1 and pages.id = o.id and pages.book_id = b.id`,
    ],
    [
      'the child of a child',
      `with b as (insert into books (id, tenant_id, title) values (91, $1, 'new') returning id),
            p as (insert into pages (id, book_id) select 92, id from b returning id)
       insert into words (page_id, word) select id, 'w' from p`,
    ],
    [
      'a key that an update leaves as it is',
      `update books set title = 'x' where tenant_id = $1
       returning id, (select count(*) from pages p where p.book_id = books.id)`,
    ],
    [
      'a key that an upsert leaves as it is',
      `insert into takers (id, tenant_id, name) values (11, $1, 'tom')
       on conflict (tenant_id, name) do update set name = excluded.name
       returning (select count(*) from books b where b.tenant_id = takers.tenant_id)`,
    ],
  ] as const
  it.each(safe)('accepts %s', async (_, text) => {
    expect(open(text)).toBe('')
    expect(await world.difference(text, values(text))).toBe('')
    expect(await world.damage(text, values(text))).toBe('')
  })

  const leaking = [
    [
      'a scalar query that is open',
      'Page, Book',
      'select id from pages where book_id = (select id from books order by id desc limit 1)',
    ],
    [
      'a scalar query that is NULL',
      'Page',
      'select body from pages where nullif(book_id, book_id) is not distinct from (select id from books where tenant_id = $1 and false)',
    ],
    [
      'a scalar query of another column',
      'Page',
      'select body from pages where book_id = (select id + 10 from books where tenant_id = $1 and id = 1)',
    ],
    [
      'a union with an arm of numbers',
      'Page',
      'select body from pages where book_id in (select id from books where tenant_id = $1 union select 11)',
    ],
    [
      'not IN',
      'Page',
      'select body from pages where book_id not in (select id from books where tenant_id = $1)',
    ],
    [
      'rows of columns with another tenant',
      'Book',
      `select * from books where (tenant_id, id) in (($1, 1), ('globex', 11))`,
    ],
    [
      'columns of a row in another order',
      'Page',
      'select body from pages where (id, book_id) in (select id, 11 from books where tenant_id = $1 union select id + 10, id + 10 from books where tenant_id = $1)',
    ],
  ] as const
  it.each(leaking)('refuses %s: it leaks', async (_, models, text) => {
    expect(open(text)).toBe(models)
    expect(await world.difference(text, values(text))).not.toBe('')
  })

  const writing = [
    [
      'the key of a scalar query that is open',
      'insert into pages (id, book_id) values (90, (select max(id) from books))',
    ],
    [
      'one row of two with a number',
      `insert into pages (id, book_id) values (90, (select id from books where tenant_id = $1 and id = 1)), (91, 11)`,
    ],
    [
      'a key that is set to a number',
      'update pages set book_id = 11 where book_id in (select id from books where tenant_id = $1)',
    ],
    [
      'a key that is set to another column',
      'update pages set book_id = id + 10 where book_id in (select id from books where tenant_id = $1)',
    ],
  ] as const
  it.each(writing)('refuses %s: it writes what is another tenant’s', async (_, text) => {
    expect(open(text)).toContain('Page')
    expect(await world.damage(text, values(text))).not.toBe('')
  })

  it.each([
    [
      'a key that an update changes',
      `update shelves set id = id + 10 where tenant_id = $1
       returning id, (select count(*) from books b where b.id = shelves.id)`,
      'Shelf, Book',
    ],
    [
      'a key that the upsert may have found in place',
      `with p as (insert into pages (id, book_id) select 1, id from books where tenant_id = $1 and id = 2
         on conflict (id) do nothing returning id)
       select word from words join p on p.id = words.page_id`,
      'Page',
    ],
  ])('refuses %s', (_, text, models) => {
    expect(open(text)).toContain(models.split(', ').at(-1))
  })
})

describe('a row whose key is that of a confined row of the same table', () => {
  const safe = [
    [
      'a batch',
      'delete from takers where id in (select id from takers where tenant_id = $1 order by id limit 100)',
    ],
    [
      'a queue',
      `update books set title = 'x' where id in
       (select id from books where tenant_id = $1 order by id limit 1 for update skip locked) returning id, title`,
    ],
    [
      'one of a queue',
      `update books set title = 'x' where id = (select id from books where tenant_id = $1 order by id limit 1) returning title`,
    ],
    [
      'a join with itself',
      'select a.title from books a join books b on b.id = a.id where b.tenant_id = $1',
    ],
    [
      'a page of keys',
      `with page as (select id from books where tenant_id = $1 order by id limit 2)
       select b.* from page join books b on b.id = page.id`,
    ],
    [
      'EXISTS',
      'select title from books b where exists (select 1 from books o where o.id = b.id and o.tenant_id = $1)',
    ],
    [
      'a row that is gone',
      `with gone as (delete from leaves where tenant_id = $1 returning tenant_id, author_id)
       select a.name from gone join authors a on a.id = gone.author_id and a.tenant_id = gone.tenant_id`,
    ],
  ] as const
  it.each(safe)('accepts %s', async (_, text) => {
    expect(open(text)).toBe('')
    expect(await world.difference(text, values(text))).toBe('')
    expect(await world.damage(text, values(text))).toBe('')
  })

  const leaking = [
    [
      'a column that is no key',
      'Book',
      'select title from books where title in (select title from books where tenant_id = $1)',
    ],
    [
      'a key of two columns',
      'Author',
      'select * from authors where name in (select name from authors where tenant_id = $1)',
    ],
    [
      'another table’s key',
      'Book',
      'select title from books where id in (select id + 10 from authors where tenant_id = $1)',
    ],
    [
      'a nullable side',
      'Book',
      'select a.title from books a left join books b on b.id = a.id and b.tenant_id = $1',
    ],
  ] as const
  it.each(leaking)('refuses %s: it leaks', async (_, models, text) => {
    expect(open(text)).toBe(models)
    expect(await world.difference(text, values(text))).not.toBe('')
  })

  it.each([
    [
      'a row that the statement made',
      `with made as (insert into shelves (id, tenant_id) values (7, $1) returning id)
       select * from shelves where id in (select id from made)`,
    ],
    [
      'a key of another table',
      'select title from books where id in (select id from authors where tenant_id = $1)',
    ],
  ])('refuses %s', (_, text) => {
    expect(open(text)).not.toBe('')
  })

  it('refuses a key that a constraint may break for a while, and one that children share', async () => {
    await world.client.query('begin')
    await world.client.query(`
      alter table books drop constraint books_pkey cascade;
      alter table books add unique (id) deferrable;
      create table more_takers () inherits (takers)`)
    const catalogue = await loadCatalogue(world.client)
    await world.client.query('rollback')
    const schema = liveSchema(
      defineTenantSchema<Record<string, Record<string, unknown>>>({
        books: owner('tenant_id'),
        takers: owner('tenant_id'),
        more_takers: owner('tenant_id'),
        shelves: owner('tenant_id'),
      }),
      catalogue,
    )
    const same = (table: string): string =>
      `select * from ${table} where id in (select id from ${table} where tenant_id = $1)`
    const refused = ['books', 'takers', 'shelves'].map(
      (table) => violationsIn(schema, same(table), ['acme']).length > 0,
    )
    expect(refused).toEqual([true, true, false])
  })
})

describe('rows that all tenants share', () => {
  const safe = [
    ['those alone', 'select * from roles where tenant_id is null', []],
    [
      'arms that say more',
      `select * from roles where (tenant_id = $1 and name = 'own0') or (tenant_id is null and name = 'admin')`,
      ['acme'],
    ],
    [
      'three arms',
      `select * from roles where tenant_id is null or tenant_id = $1 or tenant_id = 'acme'`,
      ['acme'],
    ],
    [
      'those of an outer join',
      'select b.id, r.name from books b left join roles r on r.tenant_id is null and r.id = b.id where b.tenant_id = $1',
      ['acme'],
    ],
  ] as const
  it.each(safe)('accepts %s', async (_, text, values) => {
    expect(violationsIn(world.schema, text, values)).toEqual([])
    expect(await world.difference(text, values)).toBe('')
  })

  const leaking = [
    ['what is not NULL', 'select * from roles where tenant_id is not null'],
    ['NULL or a name', `select * from roles where tenant_id is null or name like 'own%'`],
    [
      'rows that are missing',
      `select b.id from books b left join roles r on r.name = 'own10' where b.tenant_id = $1 and r.tenant_id is null`,
    ],
    ['not NULL turned', 'select * from roles where not (tenant_id is null)'],
  ] as const
  it.each(leaking)('refuses %s: it leaks', async (_, text) => {
    expect(open(text)).toBe('Role')
    expect(await world.difference(text, values(text))).not.toBe('')
  })

  it('refuses them where the table does not share any, and where they are written', () => {
    expect(open('select * from books where tenant_id is null')).toBe('Book')
    expect(open('delete from roles where tenant_id is null')).toBe('Role')
  })
})

describe('IS NOT NULL', () => {
  it('makes an outer join an inner one', async () => {
    const text =
      'select p.body from pages p left join books b on b.id = p.book_id and b.tenant_id = $1 where b.id is not null'
    expect(open(text)).toBe('')
    expect(await world.difference(text, ['acme'])).toBe('')
    expect(open(text.replace('is not null', 'is null'))).toBe('Page')
    expect(open(text.replace('b.id is not null', 'not (b.id is null)'))).toBe('Page')
    expect(open(`${text} or p.id > 0`)).toBe('Page')
  })
})
