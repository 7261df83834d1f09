import { defineTenantSchema, liveSchema, loadCatalogue, owner } from '@partywall/sql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { declared, type LiveWorld, startLiveWorld } from './live-world.ts'
import { violationsIn } from './judge.ts'

let world: LiveWorld
beforeAll(async () => {
  world = await startLiveWorld()
})
afterAll(async () => {
  await world.stop()
})

function open(text: string, ...values: unknown[]): string {
  return violationsIn(world.schema, text, values)
    .map(({ model, detail }) => (detail === undefined ? model : `${model} ${detail}`))
    .join(', ')
}

describe('what keys do to rows that refer to a row', () => {
  const unsafe = [
    ['a cascade that does not compare owners', 'Book', 'delete from books where tenant_id = $1'],
    ['a cascade behind one that does', 'Author', 'delete from authors where tenant_id = $1'],
    ['a key that follows its row', 'Shelf', 'update shelves set id = 7 where tenant_id = $1 and id = 1'],
    [
      'a key that follows its row in an upsert',
      'Book',
      `insert into books (id, tenant_id, title) values (1, $1, 'x') on conflict (id) do update set id = 50 where books.tenant_id = $1`,
    ],
    ['a key that is emptied with its owner', 'Measure', 'delete from measures where tenant_id = $1'],
  ] as const
  it.each(unsafe)('refuses %s', async (_, model, text) => {
    expect(open(text, 'acme')).toContain(model)
  })

  it.each(unsafe.slice(0, 3))('refuses %s for a reason: rows of another tenant change', async (...[, , text]) => {
    expect(await world.damage(text, ['acme'])).not.toBe('')
  })

  const safe = [
    ['a change of what no key refers to', `update shelves set label = 'x' where tenant_id = $1`],
    ['the owner set to itself', `update authors set tenant_id = $1, name = 'x' || id where tenant_id = $1`],
    ['a row that nothing hangs on', 'delete from leaves where tenant_id = $1'],
    ['a key of a table whose followers compare owners', 'update leaves set id = 9 where tenant_id = $1'],
    ['rows of a partitioned table', 'delete from events where tenant_id = $1'],
  ] as const
  it.each(safe)('accepts %s', async (_, text) => {
    expect(open(text, 'acme')).toBe('')
    expect(await world.damage(text, ['acme'])).toBe('')
  })
})

describe('what ON CONFLICT can meet', () => {
  const insert = `insert into takers (id, tenant_id, name) values (11, $1, 'tom')`
  const safe = [
    ['a key with the owner', `${insert} on conflict (tenant_id, name) do update set name = excluded.name`],
    ['the constraint of such a key', `${insert} on conflict on constraint takers_tenant_id_name_key do nothing`],
    [
      'a key without the owner where that may be told, and the owner is compared',
      `${insert} on conflict (id) do update set name = 'x' where takers.tenant_id = excluded.tenant_id`,
    ],
    ['nothing to be done where that may be told', `${insert} on conflict do nothing`],
    ['a table without keys', `insert into coded (id, tenant_id) values (1, $1) on conflict do nothing`],
  ] as const
  it.each(safe)('accepts %s', async (_, text) => {
    expect(open(text, 'acme')).toBe('')
    expect(await world.damage(text, ['acme'])).toBe('')
  })

  const unsafe = [
    ['a key without the owner', `${insert} on conflict (id) do update set name = 'x'`],
    [
      'a comparison with somebody else',
      `${insert} on conflict (id) do update set name = 'x' where takers.tenant_id = 'globex'`,
    ],
    ['the constraint of such a key', `${insert} on conflict on constraint takers_pkey do update set name = 'x'`],
  ] as const
  it.each(unsafe)('refuses %s', async (_, text) => {
    expect(open(text, 'acme')).toBe('Taker tenant_write')
    expect(await world.damage(text, ['acme'])).toBe('public.takers')
  })

  it.each([
    ['a key without the owner, where nothing may be told', `insert into authors (id, tenant_id) values (1, $1) on conflict do nothing`],
    ['a key of a partition', `insert into events values (11, $1, '2026-05-05') on conflict do nothing`],
  ])('refuses %s', (_, text) => {
    expect(open(text, 'acme')).not.toBe('')
  })

  it('accepts the key of a partitioned table that all its partitions have', () => {
    const text = `insert into events values (11, $1, '2026-05-05') on conflict (tenant_id, id, day) do nothing`
    expect(open(text, 'acme')).toBe('')
  })
})

describe('names and code', () => {
  it('knows every column, so that an unqualified name is certain', () => {
    expect(open('select title from books b join authors a on a.tenant_id = b.tenant_id where b.tenant_id = $1 and name is not null', 'acme')).toBe('')
    expect(open('select nothing from books where tenant_id = $1', 'acme')).toBe('(unknown) unsupported')
  })

  it('refuses what stands in nobody’s declaration, partitions too', () => {
    expect(open('select * from events_2026 where tenant_id = $1', 'acme')).toBe('(unknown) unknown_relation')
    expect(open('select * from pg_class')).toBe('(unknown) unknown_relation')
  })

  it('refuses to write where a rule or the server itself puts something else', () => {
    expect(open('delete from ruled where tenant_id = $1', 'acme')).toBe('(unknown) unsupported')
    expect(open('insert into made (id) values (1)')).toBe('(unknown) unsupported')
    expect(open('select * from ruled where tenant_id = $1', 'acme')).toBe('')
  })

  it('refuses a column that is a function of the row', async () => {
    await world.client.query(
      `create function titles(coded) returns bigint language sql as 'select count(*) from books'`,
    )
    expect(open('select c.titles from coded c where c.tenant_id = $1', 'acme')).toBe('(unknown) unsupported')
  })

  it('refuses a built-in name that the database has code of its own for', async () => {
    const text = 'select lower(title), id || title from books where tenant_id = $1'
    expect(open(text, 'acme')).toBe('')
    await world.client.query('begin')
    await world.client.query(`
      create function lower(x text) returns bigint language sql as 'select count(*) from books';
      create function glue(x int, y text) returns text language sql as 'select y';
      create operator || (function = glue, leftarg = int, rightarg = text)`)
    const schema = liveSchema(declared, await loadCatalogue(world.client))
    await world.client.query('rollback')
    const refused = violationsIn(schema, 'select id || title from books where tenant_id = $1', ['acme'])
    expect(refused[0]?.detail).toBe('unsupported')
    const called = violationsIn(schema, 'select lower(title) from books where tenant_id = $1', ['acme'])
    expect(called[0]?.detail).toBe('unsupported')
    const qualified = 'select pg_catalog.lower(title) from books where tenant_id = $1'
    expect(violationsIn(schema, qualified, ['acme'])).toEqual([])
  })
})

describe('declarations that do not fit', () => {
  const cases = [
    ['a table that does not exist', { nowhere: owner('tenant_id') }, 'public.nowhere does not exist'],
    ['a column that does not exist', { books: owner('owner') }, 'no owner column owner'],
    ['another type', { books: owner('tenant_id', { type: 'uuid' }) }, `declare { type: 'text' }`],
    ['a type that no owner has', { odd: owner('tenant_id') }, 'ALTER TABLE odd ALTER COLUMN tenant_id TYPE text'],
    ['a collation that calls different bytes equal', { folded: owner('tenant_id') }, 'TYPE text COLLATE "C"'],
    ['a view', { seen: owner('tenant_id') }, 'seen is a view'],
    ['columns that are not there', { books: owner('tenant_id', { columns: ['tenant_id', 'isbn'] }) }, 'books has no column isbn'],
  ] as const
  it.each(cases)('refuses %s and says how to mend it', async (_, tables, says) => {
    await world.client.query('begin')
    await world.client.query(`
      create table odd (tenant_id char(8));
      create collation folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      create table folded (tenant_id text collate folding);
      create view seen as select * from books`)
    const catalogue = await loadCatalogue(world.client)
    await world.client.query('rollback')
    expect(() => liveSchema(defineTenantSchema(tables), catalogue)).toThrow(says)
  })
})
