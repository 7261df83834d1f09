import {
  type Catalogue,
  defineTenantSchema,
  explainProof,
  liveSchema,
  loadCatalogue,
  owner,
  type TenantSchemaOptions,
} from '@partywall/sql'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let server: PostgresServer
let client: pg.Client
beforeAll(async () => {
  server = await startPostgres()
  client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(`
    create table notes (id int, tenant_id text not null, body text);
    insert into notes values (1, 'acme', 'a'), (2, 'globex', 'b'), (3, 'globex', 'c');
    create function tally() returns int language sql volatile as 'select count(*)::int from notes';
    create function is_fine(anyelement) returns boolean language sql immutable as 'select true';
    create function hidden(text) returns int language sql immutable
      as 'select count(*)::int from notes';
    create function own_id() returns text language sql stable
      as $$ select current_setting('app.user', true) $$;
    create sequence numbers;
    create type mood as enum ('calm', 'loud');
    create domain plain as text check (value <> '' and lower(value) = value);
    create domain counted as int default tally() check (is_fine(value));
    create domain nested as counted check (value > 0);
    create type pair as (one nested, two text);
  `)
})
afterAll(async () => {
  await client.end()
  await server.stop()
})

const tables = {
  notes: owner('tenant_id', { model: 'Note' }),
  things: owner('tenant_id', { model: 'Thing' }),
  parts: owner('tenant_id', { model: 'Part' }),
}

/** The catalogue with these tables in it; they are gone again afterwards. */
async function catalogueWith(change: string): Promise<Catalogue> {
  await client.query('begin')
  try {
    await client.query(change)
    return await loadCatalogue(client)
  } finally {
    await client.query('rollback')
  }
}

const things = (columns: string, rest = ''): string =>
  `create table things (id int primary key, tenant_id text not null, ${columns}, unique (tenant_id, id));
   create table parts (id int, tenant_id text not null, thing_id int); ${rest}`

/** Why nothing could be proved of a text, or which models are open; blank where it is accepted. */
async function refusedIn(
  change: string,
  text: string,
  options: TenantSchemaOptions = {},
): Promise<string> {
  const schema = liveSchema(defineTenantSchema(tables, options), await catalogueWith(change))
  const lines = await explainProof(text, schema)
  return lines.flatMap(({ open, obstacle, model }) => (open ? [obstacle ?? model] : [])).join(', ')
}

const insert = `insert into things (id, tenant_id) values (1, $1)`
const update = `update things set id = 2 where tenant_id = $1`
const remove = `delete from things where tenant_id = $1`
const read = `select id from things where tenant_id = $1`
const unknown = 'is not known to be harmless'

describe('what the server computes by itself', () => {
  it.each([
    ['numbers of a sequence', `n int default nextval('numbers')`],
    [
      'the time, an id, a constant',
      `at timestamptz default now(), u uuid default gen_random_uuid(), s text default 'x'`,
    ],
    [
      'arrays, enums and words',
      `a text[] default '{}', m mood default 'calm', n numeric(9, 2) default 0.5, v tsvector generated always as (to_tsvector('english', tenant_id)) stored`,
    ],
    [
      'who asks, and what the session says',
      `w text default current_user, t text default current_setting('app.tenant', true)`,
    ],
    [
      'checks of columns',
      `n int check (n > 0 and n between 1 and 9), s text check (s ~ '^[a-z]+$' and s in ('a', 'b'))`,
    ],
    ['domains whose checks only compare', `p plain default 'x'::plain, o plain[]`],
    [
      'identities and generated columns',
      `i int generated always as identity, g int generated always as (length(tenant_id)) stored, h text generated always as (upper(tenant_id)) virtual`,
    ],
    ['a function that was declared', `n int default tally(), o text default own_id()`],
  ])('may be %s', async (_, columns) => {
    const functions = ['tally', 'own_id']
    for (const text of [insert, update, remove, read]) {
      expect(await refusedIn(things(columns), text, { functions })).toBe('')
    }
  })

  // mutation src/schema/live-schema.ts: const code = tableCode(key, source) => const code = tableCode('', source)
  it.each([
    [
      'a default',
      'n int default tally()',
      'the default of public.things.n: the function tally',
      [insert],
    ],
    [
      'a stored column',
      'n int generated always as (hidden(tenant_id)) stored',
      'the generated column public.things.n: the function hidden',
      [insert, update],
    ],
    [
      'a check',
      'n int check (is_fine(n))',
      'the check things_n_check of public.things: the function is_fine',
      [insert, update],
    ],
    [
      'a check of the table',
      'n int, constraint ok check (hidden(tenant_id) > n)',
      'the check ok of public.things: the function hidden',
      [insert, update],
    ],
    [
      'a check of a domain',
      'n counted default 1',
      'the domain public.counted: the function',
      [insert, update],
    ],
    [
      'a default of a domain',
      'n counted',
      'the domain public.counted: the function',
      [insert, update],
    ],
    ['a domain of a domain', 'n nested default 1', 'the domain public.', [insert, update]],
    ['a domain in an array', 'n nested[]', 'the domain public.', [insert, update]],
    ['a domain in a row', 'n pair', 'the domain public.counted: the function', [insert, update]],
    [
      'a domain that a default is cast to',
      `n text default (5::counted)::text`,
      'the default of public.things.n: the domain public.counted',
      [insert],
    ],
  ] as const)(
    'is refused where it is %s with a function of somebody’s own',
    async (_, columns, why, refused) => {
      for (const text of [insert, update, remove, read]) {
        const wanted = refused.some((each) => each === text)
        const found = await refusedIn(things(columns), text)
        expect([text, found.includes(unknown) && found.startsWith(why)]).toEqual([text, wanted])
      }
    },
  )
})

describe('a default that is not harmless', () => {
  const columns = 'n int default tally(), o int'
  it.each([
    [
      'is not asked for where the column is listed',
      'insert into things (id, tenant_id, n) values (1, $1, 2)',
      false,
    ],
    [
      'is asked for by DEFAULT in a row',
      'insert into things (id, tenant_id, n) values (1, $1, default)',
      true,
    ],
    ['is asked for where a row is short', 'insert into things values (1, $1)', true],
    [
      'is asked for by INSERT … SELECT',
      'insert into things (id, tenant_id) select id, tenant_id from notes where tenant_id = $1',
      true,
    ],
    ['is asked for by SET', 'update things set n = default where tenant_id = $1', true],
    [
      'is asked for by SET of a row',
      'update things set (o, n) = (1, default) where tenant_id = $1',
      true,
    ],
    [
      'is asked for by ON CONFLICT',
      'insert into things (id, tenant_id, n) values (1, $1, 2) on conflict (tenant_id, id) do update set n = default',
      true,
    ],
    [
      'is asked for by MERGE',
      'merge into things t using (select 5 as id) s on t.id = s.id and t.tenant_id = $1 when not matched then insert (id, tenant_id) values (5, $1)',
      true,
    ],
    [
      'is not asked for by MERGE that lists the column',
      'merge into things t using (select 5 as id) s on t.id = s.id and t.tenant_id = $1 when not matched then insert (id, tenant_id, n) values (5, $1, 1)',
      false,
    ],
    ['is not asked for by UPDATE of others', 'update things set o = 1 where tenant_id = $1', false],
  ])('%s', async (_, text, isRefused) => {
    const found = await refusedIn(things(columns), text)
    expect(found.includes('the default of public.things.n')).toBe(isRefused)
    if (!isRefused) expect(found).toBe('')
  })

  it('tells on the server what others have', async () => {
    await client.query('begin')
    await client.query(things(columns))
    const count = async (): Promise<unknown> =>
      (await client.query(`${insert} on conflict do nothing returning n`, ['acme'])).rows
    expect(await count()).toEqual([{ n: 3 }])
    await client.query(`delete from notes where tenant_id <> 'acme'; delete from things`)
    expect(await count()).toEqual([{ n: 1 }])
    await client.query('rollback')
  })
})

describe('code of tables that follow a key', () => {
  const follows = (action: string): string =>
    things(
      'n int',
      `alter table parts add check (hidden(tenant_id) > 0), add foreign key (tenant_id, thing_id)
      references things (tenant_id, id) ${action}; alter table parts alter thing_id set default tally()`,
    )
  const part = 'the check parts_tenant_id_check of public.parts'
  it.each([
    ['', undefined, undefined],
    ['on delete cascade', undefined, undefined],
    ['on update cascade', part, part],
    ['on delete set null (thing_id)', part, part],
    ['on delete set default (thing_id)', part, part],
  ])('counts where rows of it change: %s', async (action, onUpdate, onDelete) => {
    for (const [text, wanted] of [
      [update, onUpdate],
      [remove, onDelete],
    ] as const) {
      const found = await refusedIn(follows(action), text)
      expect([text, found.split(':')[0]]).toEqual([text, wanted ?? ''])
    }
  })

  // mutation src/schema/stored-code.ts: if (changes || onDelete === 'cascade') follow(child) => if (changes) follow(key)
  it('counts in a row of keys', async () => {
    const chain = things(
      'n int',
      `alter table parts add unique (tenant_id, id), add foreign key (tenant_id, thing_id)
      references things (tenant_id, id) on delete cascade;
      create table ends (tenant_id text, part_id int check (is_fine(part_id)),
        foreign key (tenant_id, part_id) references parts (tenant_id, id) on delete set null (part_id))`,
    )
    expect(await refusedIn(chain, remove)).toContain('the check ends_part_id_check of public.ends')
  })
})

describe('policies', () => {
  const secured = (condition: string, rest = ''): string =>
    things(
      'n int',
      `alter table things enable row level security;
      create policy own on things using (${condition}) ${rest}`,
    )
  it.each([
    ['the tenant of the session', `tenant_id = current_setting('app.tenant', true)`],
    ['the same as a query', `tenant_id = (select nullif(current_setting('app.tenant', true), ''))`],
    ['the roles of the session', `pg_has_role(current_user, 'pg_monitor', 'member') or true`],
    [
      'rows of the same tenant',
      'exists (select from notes where notes.tenant_id = things.tenant_id)',
    ],
  ])('may go by %s', async (_, condition) => {
    for (const text of [insert, update, remove, read]) {
      expect(await refusedIn(secured(condition), text)).toBe('')
    }
  })

  // mutation src/translate/stored-code.ts: return (leaf.relation?.live?.code.policies ?? []).flatMap( => return [].flatMap(
  it.each([
    [
      'a function of somebody’s own',
      'is_fine(n)',
      'the policy own of public.things: the function is_fine',
    ],
    ['rows of others', 'n in (select id from notes)', 'Note'],
    [
      'a table that nobody declared',
      'n in (select 1 from hidden_table)',
      'the policy own of public.things: hidden_table',
    ],
    [
      'a check with a function',
      'true) with check (is_fine(n)',
      'the policy own of public.things: the function is_fine',
    ],
  ])('are refused with %s', async (_, condition, why) => {
    const change = `create table hidden_table (id int); ${secured(condition)}`
    for (const text of [insert, update, remove, read, `select 1 from (${read}) x`]) {
      expect(await refusedIn(change, text)).toContain(why)
    }
  })

  it('count for nothing where row security is not enabled', async () => {
    const change = `${secured('is_fine(n)')}; alter table things disable row level security`
    expect(await refusedIn(change, read)).toBe('')
  })
})

describe('casts that run a function of somebody’s own', () => {
  const change = `${things('n int')}; create function loud(mood) returns int language sql immutable
    as 'select 1'; create cast (mood as int) with function loud(mood) as assignment`
  it('are refused when the database is read, unless the function is declared', async () => {
    const reason = 'the cast from mood to integer runs public.loud: declare it in `functions`'
    await expect(refusedIn(change, read)).rejects.toThrow(reason)
    for (const name of ['loud', 'public.loud']) {
      expect(await refusedIn(change, read, { functions: [name] })).toBe('')
    }
  })

  it('may come with an extension', async () => {
    expect(await refusedIn(`create extension hstore; ${things('n int')}`, read)).toBe('')
  })
})

it('takes casts to domains that only compare, and to no other', async () => {
  expect(await refusedIn(things('n int'), `${read} and 'x'::plain = $2`)).toBe('')
  expect(await refusedIn(things('n int'), `${read} and 'x'::public.plain = $2`)).toBe('')
  const refused = await refusedIn(things('n int'), `${read} and 5::counted = $2`)
  expect(refused).toContain('the domain public.counted: the function')
})
