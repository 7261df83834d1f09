import { runAsSystem } from '@partywall/context'
import { type Kysely, sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Ask,
  asAcme,
  type Database,
  type ScopedWorld,
  startScopedWorld,
} from './scoped-world.ts'

let world: ScopedWorld
beforeAll(async () => {
  world = await startScopedWorld()
})
afterAll(async () => {
  await world.stop()
})
beforeEach(async () => {
  await world.begin()
})
afterEach(async () => {
  await world.rollback()
})

describe('reads', () => {
  const asks: readonly (readonly [string, Ask])[] = [
    ['a table', (db) => db.selectFrom('authors').selectAll()],
    ['an alias', (db) => db.selectFrom('authors as a').select(['a.id', 'a.name'])],
    [
      'OR',
      (db) =>
        db
          .selectFrom('books')
          .select('id')
          .where((eb) => eb.or([eb('id', '>', 0), eb('title', '=', 'x')])),
    ],
    [
      'a join',
      (db) =>
        db
          .selectFrom('books')
          .innerJoin('authors', 'authors.id', 'books.author_id')
          .select(['books.id', 'authors.name']),
    ],
    [
      'a left join',
      (db) =>
        db
          .selectFrom('books as b')
          .leftJoin('authors as a', (on) => on.on('a.name', '=', 'Bob'))
          .select(['b.id', 'a.id as author']),
    ],
    [
      'a right join',
      (db) =>
        db
          .selectFrom('authors as a')
          .rightJoin('books as b', 'b.author_id', 'a.id')
          .select(['b.id', 'a.name']),
    ],
    [
      'a full join',
      (db) =>
        db
          .selectFrom('authors as a')
          .fullJoin('books as b', 'b.author_id', 'a.id')
          .select(['b.id', 'a.name']),
    ],
    [
      'what is missing',
      (db) =>
        db
          .selectFrom('authors as a')
          .leftJoin('books as b', 'b.author_id', 'a.id')
          .where('b.id', 'is', null)
          .select('a.id'),
    ],
    ['a count', (db) => db.selectFrom('books').select((eb) => eb.fn.countAll().as('n'))],
    [
      'EXISTS',
      (db) =>
        db
          .selectFrom('authors')
          .select('name')
          .where((eb) =>
            eb.exists(
              eb
                .selectFrom('books')
                .select('books.id')
                .whereRef('books.author_id', '=', 'authors.id'),
            ),
          ),
    ],
    [
      'NOT IN',
      (db) =>
        db
          .selectFrom('authors')
          .select('name')
          .where('id', 'not in', (eb) =>
            eb.selectFrom('books').select('author_id').where('author_id', 'is not', null),
          ),
    ],
    [
      'a query in SELECT',
      (db) =>
        db.selectFrom('authors as a').select((eb) => [
          'a.id',
          eb
            .selectFrom('books as b')
            .whereRef('b.author_id', '=', 'a.id')
            .select((e) => e.fn.countAll().as('n'))
            .as('books'),
        ]),
    ],
    [
      'a union',
      (db) => db.selectFrom('authors').select('id').unionAll(db.selectFrom('books').select('id')),
    ],
    [
      'WITH',
      (db) =>
        db
          .with('recent', (w) => w.selectFrom('books').selectAll().where('id', '>', 1))
          .selectFrom('recent')
          .innerJoin('authors', 'authors.id', 'recent.author_id')
          .select(['recent.id', 'authors.name']),
    ],
    [
      'WITH under the name of a table',
      (db) =>
        db
          .with('books', (w) => w.selectFrom('books').select(['id', 'title']))
          .selectFrom('books')
          .select('title'),
    ],
    [
      'WITH RECURSIVE',
      (db) =>
        db
          .withRecursive('chain(id)', (w) =>
            w
              .selectFrom('books')
              .select('id')
              .where('id', '=', 1)
              .unionAll(
                w
                  .selectFrom('chain')
                  .innerJoin('books', (on) => on.on(sql<boolean>`books.id = chain.id + 1`))
                  .select('books.id'),
              ),
          )
          .selectFrom('chain')
          .selectAll(),
    ],
    ['a table owned through another', (db) => db.selectFrom('pages').select(['id', 'body'])],
    [
      'one in a left join',
      (db) =>
        db
          .selectFrom('books')
          .leftJoin('pages', 'pages.book_id', 'books.id')
          .select(['books.id', 'pages.body']),
    ],
    ['shared rows', (db) => db.selectFrom('roles').select('name')],
    [
      'shared rows in a left join',
      (db) =>
        db
          .selectFrom('books')
          .leftJoin('roles', 'roles.id', 'books.id')
          .select(['books.id', 'roles.name']),
    ],
    ['a global table', (db) => db.selectFrom('countries').selectAll()],
    [
      'LATERAL',
      (db) =>
        db
          .selectFrom('authors as a')
          .leftJoinLateral(
            (eb) =>
              eb
                .selectFrom('books as b')
                .whereRef('b.author_id', '=', 'a.id')
                .select('b.title')
                .orderBy('b.id')
                .limit(1)
                .as('last'),
            (on) => on.onTrue(),
          )
          .select(['a.id', 'last.title']),
    ],
    [
      'a table that is named with its schema',
      (db) =>
        db
          .withSchema('public')
          .selectFrom('books')
          .innerJoin('authors', 'authors.id', 'books.author_id')
          .leftJoin('pages', 'pages.book_id', 'books.id')
          .where('books.id', '>', 1)
          .select(['books.id', 'authors.name', 'pages.body']),
    ],
    [
      'all columns of such a table',
      (db) => {
        const loose = db as unknown as Kysely<{ 'public.books': Database['books'] }>
        return loose.selectFrom('public.books').selectAll('public.books')
      },
    ],
    [
      'a query that is grouped by a key',
      (db) =>
        db
          .selectFrom('authors as a')
          .leftJoin('books as b', 'b.author_id', 'a.id')
          .select((eb) => ['a.id', 'a.name', eb.fn.count('b.id').as('books')])
          .groupBy('a.id'),
    ],
    [
      'a query that is grouped by a key of what may be missing',
      (db) =>
        db
          .selectFrom('authors as a')
          .rightJoin('books as b', 'b.author_id', 'a.id')
          .leftJoin('pages as p', 'p.book_id', 'b.id')
          .select((eb) => ['a.name', 'p.body', eb.fn.count('b.id').as('books')])
          .groupBy(['a.id', 'p.id']),
    ],
    [
      'tables side by side',
      (db) =>
        db
          .selectFrom(['authors as a', 'books as b'])
          .crossJoin('roles as r')
          .rightJoin('pages as p', 'p.book_id', 'b.id')
          .select(['a.id', 'b.title', 'r.name', 'p.body']),
    ],
    [
      'a condition with OR beside a join with OR',
      (db) =>
        db
          .selectFrom('books as b')
          .leftJoin('authors as a', (on) => on.on(sql<boolean>`a.id = b.author_id or true`))
          .where(sql<boolean>`b.id = 1 or true`)
          .select(['b.id', 'a.id as author']),
    ],
    ['FOR UPDATE', (db) => db.selectFrom('books').select('id').where('id', '=', 1).forUpdate()],
  ]
  // mutation src/scope/confine-from.ts: const right = withOn(join, open.splice(0)) => const right = withOn(join, [])
  it.each(asks)('of %s mean the rows of the tenant', async (_, ask) => {
    await world.expectSame(ask)
  })
})

describe('writes', () => {
  const asks: readonly (readonly [string, Ask])[] = [
    ['an update', (db) => db.updateTable('books').set({ title: 'x' }).returning('id')],
    [
      'an update with OR',
      (db) =>
        db
          .updateTable('books')
          .set({ title: 'x' })
          .where((eb) => eb.or([eb('id', '=', 1), eb('id', '=', 11)]))
          .returning('id'),
    ],
    [
      'an update of an alias, from others',
      (db) =>
        db
          .updateTable('books as b')
          .from('authors as a')
          .set({ title: 'x' })
          .whereRef('a.id', '=', 'b.author_id')
          .returning(['b.id', 'a.name']),
    ],
    [
      'an update from joined tables',
      (db) =>
        db
          .updateTable('books')
          .from('authors as a')
          .leftJoin('roles as r', 'r.id', 'a.id')
          .set((eb) => ({ title: eb.ref('r.name') }))
          .whereRef('a.id', '=', 'books.author_id')
          .returning(['books.id', 'books.title', 'r.id as role']),
    ],
    [
      'an update of a table under the name of a query of WITH',
      (db) =>
        db
          .with('books', (w) => w.selectFrom('authors').select('id'))
          .updateTable('books')
          .set({ title: 'x' })
          .returning('title'),
    ],
    [
      'an update in a schema',
      (db) =>
        db
          .withSchema('public')
          .updateTable('books')
          .set({ title: 'x' })
          .where('books.id', '>', 1)
          .returning('books.id'),
    ],
    ['a removal', (db) => db.deleteFrom('pages').returning('id')],
    [
      'a removal of shared rows, which stay',
      (db) => db.deleteFrom('roles').where('name', '<>', 'admin').returning('id'),
    ],
    [
      'a removal by others',
      (db) =>
        db
          .deleteFrom('pages')
          .using('books')
          .whereRef('books.id', '=', 'pages.book_id')
          .where('books.title', '=', 'one')
          .returning('pages.id'),
    ],
    [
      'a removal with OR',
      (db) =>
        db
          .deleteFrom('roles')
          .where((eb) => eb.or([eb('id', '=', 2), eb('id', '=', 12)]))
          .returning('id'),
    ],
  ]
  // mutation src/scope/tenant-scoping.ts: const all = allOf(where?.where, conditions) => const all = where?.where
  it.each(asks)('as %s change the rows of the tenant', async (_, ask) => {
    const before = await world.othersRows()
    await world.expectSame(ask)
    expect(await world.othersRows()).toEqual(before)
  })
})

it('refuses MERGE, and leaves the system and work without a scope alone', async () => {
  const merge = () =>
    world.shared
      .mergeInto('authors as a')
      .using('books as b', 'b.author_id', 'a.id')
      .whenMatched()
      .thenDelete()
      .execute()
  await expect(asAcme(merge)).rejects.toMatchObject({ code: 'sql.unscoped' })
  const all = () => world.shared.selectFrom('authors').select('id').execute()
  await expect(all()).rejects.toMatchObject({ code: 'TENANT_CONTEXT_REQUIRED' })
  await expect(runAsSystem({ actor: 'job', reason: 'nightly_job' }, all)).rejects.toMatchObject({
    code: 'TENANT_CONTEXT_REQUIRED',
  })
})

it('is no wall: what goes past it meets the guard', async () => {
  const past = () => world.shared.withoutPlugins().selectFrom('authors').select('id').execute()
  await expect(asAcme(past)).rejects.toMatchObject({ message: 'TENANT_CONTEXT_REQUIRED: Author' })
})

// mutation src/scope/tenant-scoping.ts: if (name.table.schema !== undefined) { => if (name === undefined) {
it('asks for an alias where a FULL JOIN takes the schema from a table', async () => {
  const full: Ask = (db) =>
    db
      .withSchema('public')
      .selectFrom('authors')
      .fullJoin('books as b', 'b.author_id', 'authors.id')
      .select('b.id')
  await expect(asAcme(() => full(world.shared).execute())).rejects.toMatchObject({
    code: 'sql.unscoped',
  })
  await world.expectSame((db) =>
    db
      .withSchema('public')
      .selectFrom('authors as a')
      .fullJoin('books as b', 'b.author_id', 'a.id')
      .select(['a.id as author', 'b.id']),
  )
})

// mutation src/scope/confine-from.ts: conditions.filter((each) => !says(given, each)) => conditions
it('says whose rows are meant once, also of a query that was built by itself', () => {
  const { shared } = world
  const counted = (query: () => { compile(): { readonly sql: string } }): number =>
    asAcme(() => query().compile().sql.split('tenant_id').length - 1)
  const pages = () => shared.selectFrom('pages').select('book_id')
  expect(counted(() => shared.selectFrom(pages().as('p')).selectAll())).toBe(1)
  const named = () =>
    shared.selectFrom('books as b').where('b.tenant_id', '=', 'acme').select('b.id')
  expect(counted(named)).toBe(1)
  const full = () =>
    shared
      .selectFrom('books as b')
      .fullJoin('authors as a', 'a.id', 'b.author_id')
      .where((eb) => eb.or([eb('b.id', 'in', pages()), eb('a.id', 'in', pages())]))
      .select('b.id')
  expect(counted(() => shared.selectFrom(full().as('f')).selectAll())).toBe(4)
})

// mutation src/scope/tenant-conditions.ts: if (children.includes(relation)) return undefined => children.includes(relation)
it('leaves rows that belong to rows of their own table to the guard', async () => {
  const notes = () => world.shared.selectFrom('notes').select('id').execute()
  await expect(asAcme(notes)).rejects.toMatchObject({ code: 'TENANT_CONTEXT_REQUIRED' })
})
