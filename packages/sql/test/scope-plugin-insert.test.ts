import { type Kysely, sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
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

/** Columns that a program need not name: the plugin does. */
type Unowned = {
  [Table in keyof Database]: Omit<Database[Table], 'tenant_id'> & { tenant_id?: never }
}
const unowned = (db: Kysely<Database>): Kysely<Unowned> => db as unknown as Kysely<Unowned>

const asks: readonly (readonly [string, Ask])[] = [
  [
    'a row',
    (db) =>
      unowned(db)
        .insertInto('books')
        .values({ id: 70, author_id: 1, title: 'a' })
        .returning(['id', 'tenant_id', 'title']),
  ],
  [
    'rows with expressions and gaps',
    (db) =>
      unowned(db)
        .insertInto('authors')
        .values([
          { id: 70, name: sql<string>`upper('b')` },
          { id: 71, name: null },
        ])
        .returningAll(),
  ],
  [
    'the rows of a query',
    (db) =>
      unowned(db)
        .insertInto('authors')
        .columns(['id', 'name'])
        .expression((eb) =>
          eb.selectFrom('books').select([sql<number>`id + 100`.as('id'), 'title']),
        )
        .returningAll(),
  ],
  [
    'the rows of a UNION',
    (db) =>
      unowned(db)
        .insertInto('authors')
        .columns(['id', 'name'])
        .expression((eb) =>
          eb
            .selectFrom('authors')
            .select([sql<number>`id + 100`.as('id'), 'name'])
            .union(eb.selectFrom('books').select([sql<number>`id + 200`.as('id'), 'title as name']))
            .orderBy('id'),
        )
        .returningAll(),
  ],
  [
    'what is left of several queries',
    (db) =>
      unowned(db)
        .insertInto('authors')
        .columns(['id'])
        .expression((eb) =>
          eb
            .selectFrom('authors')
            .select(sql<number>`id + 100`.as('id'))
            .except((e) =>
              e.parens(
                e
                  .selectFrom('books')
                  .select(sql<number>`id + 100`.as('id'))
                  .intersect(e.selectFrom('pages').select(sql<number>`id + 99`.as('id'))),
              ),
            ),
        )
        .returningAll(),
  ],
  ['default values', (db) => unowned(db).insertInto('books').defaultValues().returningAll()],
]

// mutation src/scope/stamp-insert.ts: setOperations.push({ ...operation, expression }) => setOperations.push(operation)
it.each(asks)('gives %s the owner column', async (_, ask) => {
  const before = await world.othersRows()
  await world.expectSame(ask)
  expect(await world.othersRows()).toEqual(before)
})

it('keeps an owner that is named: the guard decides', async () => {
  const insert = (tenant_id: string) =>
    asAcme(() =>
      world.shared.insertInto('authors').values({ id: 80, tenant_id, name: null }).execute(),
    )
  await expect(insert('globex')).rejects.toMatchObject({ code: 'TENANT_CONTEXT_REQUIRED' })
  await insert('acme')
})

it.each<[string, Ask]>([
  [
    'raw SQL',
    (db) =>
      unowned(db).insertInto('authors').columns(['id']).expression(sql`select id + 100 from books`),
  ],
  [
    'raw SQL in a UNION',
    (db) =>
      unowned(db)
        .insertInto('authors')
        .columns(['id'])
        .expression((eb) =>
          eb
            .selectFrom('authors')
            .select(sql<number>`id + 100`.as('id'))
            .union(sql<{ id: number }>`select id + 100 from books`),
        ),
  ],
  [
    'a query without names of columns',
    (db) =>
      unowned(db)
        .insertInto('authors')
        .expression((eb) => eb.selectFrom('countries').selectAll()),
  ],
])('leaves %s to the guard, which refuses it', async (_, ask) => {
  await expect(asAcme(() => ask(world.shared).execute())).rejects.toMatchObject({
    code: 'TENANT_CONTEXT_REQUIRED',
  })
})
