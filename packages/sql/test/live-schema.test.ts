import {
  defineTenantSchema,
  type GlobalTable,
  global,
  liveSchema,
  loadCatalogue,
  type OwnerTable,
  ownedThrough,
  owner,
} from '@partywall/sql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violationsIn } from './judge.ts'
import { declared, type LiveWorld, startLiveWorld } from './live-world.ts'

type AnyTables = Record<string, Record<string, unknown>>

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
    [
      'a key that follows its row',
      'Shelf',
      'update shelves set id = 7 where tenant_id = $1 and id = 1',
    ],
    [
      'a key that follows its row in an upsert',
      'Book',
      `insert into books (id, tenant_id, title) values (1, $1, 'x') on conflict (id) do update set id = 50 where books.tenant_id = $1`,
    ],
    [
      'a key that is emptied with its owner',
      'Measure',
      'delete from measures where tenant_id = $1',
    ],
  ] as const
  it.each(unsafe)('refuses %s', async (_, model, text) => {
    expect(open(text, 'acme')).toContain(model)
  })

  it.each(unsafe.filter(([what]) => !/upsert|emptied/.test(what)))(
    'refuses %s for a reason: rows of another tenant change',
    async (...[, , text]) => {
      expect(await world.damage(text, ['acme'])).not.toBe('')
    },
  )

  const safe = [
    ['a change of what no key refers to', `update shelves set label = 'x' where tenant_id = $1`],
    [
      'the owner set to itself',
      `update authors set tenant_id = $1, name = 'x' || id where tenant_id = $1`,
    ],
    ['a row that nothing hangs on', 'delete from leaves where tenant_id = $1'],
    [
      'a key of a table whose followers compare owners',
      'update leaves set id = 9 where tenant_id = $1',
    ],
    ['what stays in its partition', 'update visits set id = 1 where tenant_id = $1'],
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
    [
      'a key with the owner',
      `${insert} on conflict (tenant_id, name) do update set name = excluded.name`,
    ],
    [
      'the constraint of such a key',
      `${insert} on conflict on constraint takers_tenant_id_name_key do nothing`,
    ],
    [
      'a key without the owner where that may be told, and the owner is compared',
      `${insert} on conflict (id) do update set name = 'x' where takers.tenant_id = excluded.tenant_id`,
    ],
    ['nothing to be done where that may be told', `${insert} on conflict do nothing`],
    [
      'a table without keys',
      `insert into coded (id, tenant_id) values (1, $1) on conflict do nothing`,
    ],
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
    [
      'the constraint of such a key',
      `${insert} on conflict on constraint takers_pkey do update set name = 'x'`,
    ],
  ] as const
  it.each(unsafe)('refuses %s', async (_, text) => {
    expect(open(text, 'acme')).toBe('Taker tenant_write')
    expect(await world.damage(text, ['acme'])).toBe('public.takers')
  })

  it.each([
    [
      'a key without the owner, where nothing may be told',
      `insert into authors (id, tenant_id) values (1, $1) on conflict do nothing`,
    ],
    [
      'a key of a partition',
      `insert into events values (11, $1, '2026-05-05') on conflict do nothing`,
    ],
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
    expect(
      open(
        'select title from books b join authors a on a.tenant_id = b.tenant_id where b.tenant_id = $1 and name is not null',
        'acme',
      ),
    ).toBe('')
    expect(open('select nothing from books where tenant_id = $1', 'acme')).toBe(
      '(unknown) unsupported',
    )
  })

  it('refuses what stands in nobody’s declaration, partitions too', () => {
    expect(open('select * from events_2026 where tenant_id = $1', 'acme')).toBe(
      '(unknown) unknown_relation',
    )
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
    expect(open('select c.titles from coded c where c.tenant_id = $1', 'acme')).toBe(
      '(unknown) unsupported',
    )
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
    const refused = violationsIn(schema, 'select id || title from books where tenant_id = $1', [
      'acme',
    ])
    expect(refused[0]?.detail).toBe('unsupported')
    const called = violationsIn(schema, 'select lower(title) from books where tenant_id = $1', [
      'acme',
    ])
    expect(called[0]?.detail).toBe('unsupported')
    const qualified = 'select pg_catalog.lower(title) from books where tenant_id = $1'
    expect(violationsIn(schema, qualified, ['acme'])).toEqual([])
  })
})

describe('declarations that do not fit', () => {
  const cases = [
    [
      'a table that does not exist',
      { nowhere: owner('tenant_id') },
      'public.nowhere does not exist',
    ],
    ['a column that does not exist', { books: owner('owner') }, 'no owner column owner'],
    ['another type', { books: owner('tenant_id', { type: 'uuid' }) }, `declare { type: 'text' }`],
    [
      'a type that no owner has',
      { odd: owner('tenant_id') },
      'ALTER TABLE odd ALTER COLUMN tenant_id TYPE text',
    ],
    [
      'a collation that calls different bytes equal',
      { folded: owner('tenant_id') },
      'TYPE text COLLATE "C"',
    ],
    [
      'a child of another kind',
      { bases: global(), kids: owner('tenant_id') },
      'declared otherwise',
    ],
    ['a child that nobody declared', { bases: global() }, 'declare it alike'],
    ['a view', { seen: owner('tenant_id') }, 'seen is a view'],
    [
      'columns that are not there',
      { books: owner('tenant_id', { columns: ['tenant_id', 'isbn'] }) },
      'books has no column isbn',
    ],
  ] as [string, Record<string, OwnerTable | GlobalTable>, string][]
  it.each(cases)('refuses %s and says how to mend it', async (_, tables, says) => {
    await world.client.query('begin')
    await world.client.query(`
      create table odd (tenant_id char(8));
      create table bases (id int);
      create table kids (tenant_id text) inherits (bases);
      create collation folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      create table folded (tenant_id text collate folding);
      create view seen as select * from books`)
    const catalogue = await loadCatalogue(world.client)
    await world.client.query('rollback')
    expect(() => liveSchema(defineTenantSchema<AnyTables>(tables), catalogue)).toThrow(says)
  })
})

describe('rows that belong to the owner of the row that they refer to', () => {
  const safe = [
    [
      'a join',
      'select p.body from pages p join books b on b.id = p.book_id where b.tenant_id = $1',
    ],
    [
      'a join that is turned',
      'select p.body from books b left join pages p on p.book_id = b.id where b.tenant_id = $1',
    ],
    ['IN', 'select body from pages where book_id in (select id from books where tenant_id = $1)'],
    [
      '= ANY',
      'select body from pages where book_id = any (select id from books where tenant_id = $1)',
    ],
    [
      'EXISTS',
      'select body from pages p where exists (select 1 from books b where b.id = p.book_id and b.tenant_id = $1)',
    ],
    [
      'a query in SELECT',
      'select b.title, (select count(*) from pages p where p.book_id = b.id) from books b where b.tenant_id = $1',
    ],
    [
      'a derived table',
      'select p.body from (select id from books where tenant_id = $1) b join pages p on p.book_id = b.id',
    ],
    [
      'a query of WITH',
      'with own as (select id from books where tenant_id = $1) select p.body from pages p join own on own.id = p.book_id',
    ],
    [
      'two parents',
      `select l.book_id from links l join books b on b.id = l.book_id join authors a on a.id = l.author_id
      where b.tenant_id = $1 and a.tenant_id = $1`,
    ],
    [
      'a parent with a parent',
      `select w.word from words w join pages p on p.id = w.page_id join books b on b.id = p.book_id where b.tenant_id = $1`,
    ],
    [
      'a change',
      `update pages set body = 'x' from books b where b.id = pages.book_id and b.tenant_id = $1`,
    ],
    ['a removal', 'delete from pages where book_id in (select id from books where tenant_id = $1)'],
    [
      'an insert from a parent',
      `insert into pages (id, book_id, body) select 90 + id, id, 'x' from books where tenant_id = $1`,
    ],
    [
      'an insert beside its parent',
      `with b as (insert into books (id, tenant_id, title) values (91, $1, 'new') returning id)
      insert into pages (id, book_id) select 92, id from b`,
    ],
    [
      'a locked queue',
      `update pages set body = 'x' where book_id in (select id from books where tenant_id = $1 for update skip locked)`,
    ],
  ] as const
  it.each(safe)('accepts %s', async (_, text) => {
    expect(open(text, 'acme')).toBe('')
    expect(await world.difference(text, ['acme'])).toBe('')
    expect(await world.damage(text, ['acme'])).toBe('')
  })

  const unsafe = [
    ['nothing', 'Page', 'select body from pages'],
    [
      'another key',
      'Page',
      'select p.body from pages p join books b on b.id = p.id where b.tenant_id = $1',
    ],
    [
      'a parent that is open',
      'Page, Book',
      'select p.body from pages p join books b on b.id = p.book_id',
    ],
    [
      'a parent on the nullable side',
      'Page',
      'select p.body from pages p left join books b on b.id = p.book_id and b.tenant_id = $1',
    ],
    [
      'NOT IN',
      'Page',
      'select body from pages where book_id not in (select id from books where tenant_id = $1)',
    ],
    [
      'OR',
      'Page',
      `select body from pages where book_id in (select id from books where tenant_id = $1) or body = 'b11'`,
    ],
    [
      'another column of the parent',
      'Page',
      'select body from pages where book_id in (select author_id from books where tenant_id = $1)',
    ],
    [
      'a query that always emits a row',
      'Page',
      'select body from pages where book_id in (select max(id) from books where tenant_id = $1)',
    ],
    [
      'EXISTS over an aggregate',
      'Page',
      'select body from pages p where exists (select count(*) from books b where b.id = p.book_id and b.tenant_id = $1)',
    ],
    [
      'one of two parents',
      'Link',
      'select l.book_id, l.author_id from links l join books b on b.id = l.book_id where b.tenant_id = $1',
    ],
    [
      'a key from the caller',
      'Page tenant_write',
      `insert into pages (id, book_id) values (1, 11)`,
    ],
    [
      'a new parent',
      'Page tenant_write',
      `update pages set book_id = 11 from books b where b.id = pages.book_id and b.tenant_id = $1`,
    ],
    [
      'a key that was changed on the way',
      'Page tenant_write',
      `with b as (update books set author_id = 2 where tenant_id = $1 returning id + 10 as id)
      insert into pages (id, book_id) select 92, id from b`,
    ],
  ] as const
  it.each(unsafe)('refuses %s', async (_, expected, text) => {
    expect(open(text, ...(text.includes('$1') ? ['acme'] : []))).toBe(expected)
  })

  it('refuses them without a catalogue', () => {
    const text =
      'select p.body from pages p join books b on b.id = p.book_id where b.tenant_id = $1'
    expect(violationsIn(declared, text, ['acme']).map(({ model }) => model)).toEqual(['Page'])
  })

  it('refuses to insert without a catalogue, however it is written', () => {
    for (const text of [
      'insert into pages (id, book_id) values (50, 11)',
      `insert into pages (id, book_id) values (11, 11) on conflict (id) do update set body = 'x'`,
      `insert into pages (id, book_id, body) select 60, 11, 'x'`,
    ]) {
      expect(violationsIn(declared, text, [])).toHaveLength(1)
    }
  })

  it('refuses a column that says of two tables which row it belongs to', async () => {
    await world.client.query('begin')
    await world.client.query(`create table entries (id int primary key, tenant_id text);
      create table both_ways (id int, key int not null references books (id) references entries (id))`)
    const catalogue = await loadCatalogue(world.client)
    await world.client.query('rollback')
    const schema = defineTenantSchema<AnyTables>({
      books: owner('tenant_id'),
      entries: owner('tenant_id'),
      both_ways: ownedThrough('key'),
    })
    expect(() => liveSchema(schema, catalogue)).toThrow('several tables')
  })

  it.each([
    ['a key that may be NULL', 'notes', 'book_id', 'SET NOT NULL'],
    ['no key', 'coded', 'id', 'no validated, enforced foreign key'],
  ])('refuses %s', async (_, table, column, says) => {
    const catalogue = await loadCatalogue(world.client)
    const schema = defineTenantSchema<AnyTables>({
      books: owner('tenant_id'),
      [table]: ownedThrough(column),
    })
    expect(() => liveSchema(schema, catalogue)).toThrow(table === 'coded' ? 'may be NULL' : says)
  })
})

describe('rows that all tenants share', () => {
  const safe = [
    [
      'own rows and shared ones',
      'select name from roles where tenant_id = $1 or tenant_id is null',
    ],
    [
      'in another order',
      'select name from roles where (tenant_id is null or $1 = tenant_id) and id > 0',
    ],
    ['own rows alone', 'select name from roles where tenant_id = $1'],
    [
      'in a join',
      `select r.name from books b join roles r on r.id = b.id and (r.tenant_id = b.tenant_id or r.tenant_id is null)
      where b.tenant_id = $1`,
    ],
    [
      'in the ON of the nullable side',
      `select b.id, r.name from books b left join roles r on r.id > b.id and (r.tenant_id = $1 or r.tenant_id is null)
      where b.tenant_id = $1`,
    ],
    ['a change of own rows', `update roles set name = 'x' where tenant_id = $1`],
  ] as const
  it.each(safe)('accepts %s', async (_, text) => {
    expect(open(text, 'acme')).toBe('')
    expect(await world.difference(text, ['acme'])).toBe('')
    expect(await world.damage(text, ['acme'])).toBe('')
  })

  it.each([
    [
      'a filter above the nullable side',
      `select b.id, r.name from books b left join roles r on r.id = 3
      where b.tenant_id = $1 and (r.tenant_id = $1 or r.tenant_id is null)`,
      'Role',
    ],
    [
      'a third arm',
      `select name from roles where tenant_id = $1 or tenant_id is null or name = 'own10'`,
      'Role',
    ],
    [
      'another column that is NULL',
      'select name from roles where tenant_id = $1 or name is null',
      'Role',
    ],
    [
      'a change of shared rows',
      `update roles set name = 'x' where tenant_id = $1 or tenant_id is null`,
      'Role',
    ],
    [
      'a removal of shared rows',
      `delete from roles where tenant_id = $1 or tenant_id is null`,
      'Role',
    ],
    [
      'a row that would be shared',
      `insert into roles (id, tenant_id) values (9, null)`,
      'Role tenant_write',
    ],
    [
      'a column passed on',
      `insert into coded (id, tenant_id) select id, tenant_id from roles where tenant_id = $1 or tenant_id is null`,
      'Coded tenant_write',
    ],
    [
      'a table of which it is not declared',
      'select * from coded where tenant_id = $1 or tenant_id is null',
      'Coded',
    ],
  ])('refuses %s', (_, text, expected) => {
    expect(open(text, ...(text.includes('$1') ? ['acme'] : []))).toBe(expected)
  })
})

describe('conditions with OR', () => {
  it('takes what every arm says', async () => {
    const text = `select title from books where (tenant_id = $1 and id = 1) or (id = 2 and tenant_id = 'acme')`
    expect(open(text, 'acme')).toBe('')
    expect(await world.difference(text, ['acme'])).toBe('')
    expect(open(text, 'globex')).toBe('Book foreign_value')
  })

  it.each([
    'select title from books where (tenant_id = $1 and id = 1) or id = 2',
    `select title from books where tenant_id = $1 or tenant_id = 'globex'`,
    'select title from books b join authors a on a.id = b.author_id where b.tenant_id = $1 or a.tenant_id = $1',
  ])('refuses what one arm leaves open: %s', (text) => {
    expect(open(text, 'acme')).toContain('Book')
  })
})

describe('views', () => {
  const safe = [
    ['a filter above', 'select title from titles where owner = $1'],
    ['a filter above a group', 'select books from counts where tenant_id = $1'],
    ['a filter inside', `select * from own_titles`],
    [
      'a view under another name, with other columns',
      'select v.t from titles v (t, o) where v.o = $1',
    ],
    [
      'a view beside a table',
      'select t.name from books b join titles t on t.owner = b.tenant_id and t.title = b.title where b.tenant_id = $1',
    ],
  ] as const
  it.each(safe)('accepts %s', async (_, text) => {
    const values = text.includes('$1') ? ['acme'] : []
    expect(open(text, ...values)).toBe('')
    expect(await world.difference(text, values)).toBe('')
  })

  it.each([
    ['an open view', 'select * from titles', 'Book, Author'],
    ['a view over everybody', 'select * from totals', 'Book'],
    [
      'a materialised view',
      'select * from kept where tenant_id = $1',
      '(unknown) unknown_relation',
    ],
    [
      'a view as a target',
      `update titles set title = 'x' where owner = $1`,
      '(unknown) unknown_relation',
    ],
  ])('refuses %s', (_, text, expected) => {
    expect(open(text, ...(text.includes('$1') ? ['acme'] : []))).toBe(expected)
  })
})

describe('rows that an outer join makes up', () => {
  const open2 = (text: string): string => open(text, 'acme', null)

  it.each([
    [
      'a column',
      'select a.id from authors a left join countries c on a.tenant_id = $1 and c.id = a.country where c.name is not distinct from $2',
    ],
    [
      'a column, in one arm',
      `select a.id from authors a left join countries c on a.tenant_id = $1 and c.id = a.country where c.name = 'CH' or c.name is not distinct from $2`,
    ],
    [
      'a column of a full join',
      'select a.id from authors a full join countries c on a.tenant_id = $1 and c.id = a.country where c.name is not distinct from $2',
    ],
    [
      'a column, from above',
      'select d.id from (select a.id, c.name from authors a left join countries c on a.tenant_id = $1 and c.id = a.country) d where d.name is not distinct from $2',
    ],
  ])('are not excluded by a comparison with what may be NULL: %s', async (_, text) => {
    expect(open2(text)).toBe('Author')
    expect(await world.difference(text, ['acme', null])).not.toBe('')
  })

  it('are excluded by a comparison with a literal, and the tenant is never NULL', async () => {
    for (const text of [
      `select a.id from authors a left join countries c on a.tenant_id = $1 and c.id = a.country where c.name is not distinct from 'CH'`,
      'select title from books where tenant_id is not distinct from $1',
    ]) {
      expect(open(text, 'acme')).toBe('')
      expect(await world.difference(text, ['acme'])).toBe('')
    }
    expect(open('select title from books where tenant_id is not distinct from $1', null)).not.toBe(
      '',
    )
  })
})

describe('MERGE', () => {
  const safe = [
    [
      'rows that match',
      `merge into books b using (select * from authors where tenant_id = $1) a on b.tenant_id = $1 and b.author_id = a.id
      when matched and a.name = 'Ann' then update set title = a.name when matched then do nothing`,
    ],
    [
      'rows of a table that match',
      `merge into books b using authors a on b.tenant_id = $1 and a.tenant_id = b.tenant_id and b.author_id = a.id
      when matched then update set title = a.name`,
    ],
    [
      'rows that do not match',
      `merge into coded c using (select id, tenant_id from books where tenant_id = $1) b on c.tenant_id = $1 and c.id = b.id
      when matched then delete when not matched then insert (id, tenant_id) values (b.id, b.tenant_id)`,
    ],
    [
      'a row of values',
      `merge into coded c using (values (7), (1)) v (id) on c.tenant_id = $1 and c.id = v.id
      when matched then do nothing when not matched then insert values (v.id, $1)`,
    ],
    [
      'what it gives back',
      `merge into coded c using (values (7), (1)) v (id) on c.tenant_id = $1 and c.id = v.id
      when matched then update set id = v.id when not matched then insert values (v.id, $1) returning c.id, v.id`,
    ],
  ] as const
  it.each(safe)('accepts %s', async (_, text) => {
    expect(open(text, 'acme')).toBe('')
    expect(await world.difference(text, ['acme'])).toBe('')
    expect(await world.damage(text, ['acme'])).toBe('')
  })

  const unsafe = [
    [
      'a target that is open',
      `merge into coded c using (values (1)) v (id) on c.id = v.id when matched then delete`,
      'Coded',
    ],
    [
      'a source that is open where rows do not match',
      `merge into coded c using books b on c.tenant_id = $1 and b.tenant_id = $1 and c.id = b.id
      when matched then do nothing when not matched then insert values (b.id, $1)`,
      'Book',
    ],
    [
      'a source that is open, with nothing to do',
      `merge into coded c using books b on c.tenant_id = $1 and b.tenant_id = $1 and c.id = b.id
      when matched then do nothing when not matched then do nothing`,
      'Book',
    ],
    [
      'an owner from elsewhere',
      `merge into coded c using (values (7, 'globex')) v (id, o) on c.tenant_id = $1 and c.id = v.id
      when not matched then insert values (v.id, v.o)`,
      'Coded',
    ],
    [
      'an owner that changes',
      `merge into coded c using (values (1, 'globex')) v (id, o) on c.tenant_id = $1 and c.id = v.id
      when matched then update set tenant_id = v.o`,
      'Coded',
    ],
    [
      'an owner that is left out',
      `merge into coded c using (values (7)) v (id) on c.tenant_id = $1 and c.id = v.id
      when not matched then insert (id) values (v.id)`,
      'Coded',
    ],
    [
      'rows of the target that no source has',
      `merge into coded c using (values (1)) v (id) on c.tenant_id = $1 and c.id = v.id
      when not matched by source then delete`,
      '(unknown)',
    ],
    [
      'a removal that cascades',
      `merge into books b using (values (1)) v (id) on b.tenant_id = $1 and b.id = v.id when matched then delete`,
      'Book',
    ],
  ] as const
  it.each(unsafe)('refuses %s', (_, text, model) => {
    expect(open(text, ...(text.includes('$1') ? ['acme'] : []))).toContain(model)
  })
})
