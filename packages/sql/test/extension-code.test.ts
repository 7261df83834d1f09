import {
  defineTenantSchema,
  global,
  liveSchema,
  loadCatalogue,
  owner,
  type TenantSchema,
} from '@partywall/sql'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violationsIn } from './judge.ts'

const tables = { people: owner('tenant_id'), countries: global() }
const bare: TenantSchema = defineTenantSchema<Record<string, Record<string, unknown>>>(tables)
const declared: TenantSchema = defineTenantSchema<Record<string, Record<string, unknown>>>(tables, {
  extensions: ['pg_trgm', 'vector', 'postgis', 'citext'],
})

let server: PostgresServer
let client: pg.Client
beforeAll(async () => {
  server = await startPostgres()
  client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(`
    create extension pg_trgm; create extension citext; create extension unaccent; create extension pgcrypto;
    create table people (id int, tenant_id text not null, name text, mail citext);
    create table countries (id int, name text);
    insert into people values (1, 'acme', 'Ann', 'ann@x'), (2, 'globex', 'Anna', 'ANN@x');
    insert into countries values (1, 'Switzerland')`)
})
afterAll(async () => {
  await client.end()
  await server.stop()
})

const live = async (): Promise<TenantSchema> => liveSchema(bare, await loadCatalogue(client))
const refused = (schema: TenantSchema, text: string): boolean =>
  violationsIn(schema, text, ['acme']).length > 0

const trigrams = [
  `select id, similarity(name, 'Anne') from people where tenant_id = $1 and name % 'Ann' order by name <-> 'Ann'`,
  `select id from people where tenant_id = $1 and 'Ann' <% name and name %>> 'Ann'`,
]

describe('what a known extension brings', () => {
  it('is read where the database has it, and runs there', async () => {
    const schema = await live()
    for (const text of [
      ...trigrams,
      `select id from people where tenant_id = $1 and mail = 'ANN@x'::citext and unaccent(name) = 'Ann'`,
      `select encode(digest(name, 'sha256'), 'hex') from people where tenant_id = $1`,
    ]) {
      expect(violationsIn(schema, text, ['acme'])).toEqual([])
      expect((await client.query(text, ['acme'])).rows).toHaveLength(1)
    }
  })

  it('is read for each of them where the database has it, and runs there', async () => {
    const extensions = ['cube', 'earthdistance', 'fuzzystrmatch', 'hstore', 'intarray', 'ltree']
    await client.query('begin')
    try {
      for (const name of extensions) await client.query(`create extension ${name}`)
      const schema = await live()
      for (const value of [
        `cube_distance(cube(array[1, 2]), '(2,3)'::cube) <= 2`,
        'earth_distance(ll_to_earth(46, 7), ll_to_earth(47, 8))',
        `point(7, 46) <@> point(8, 47)`,
        `levenshtein(name, 'Anne')`,
        `hstore_to_jsonb(slice(hstore('a', name) || 'b=>2'::hstore, array['a']))`,
        `delete('a=>1, b=>2'::hstore, 'a')`,
        `%% 'a=>1'::hstore`,
        `uniq(sort(array[3, 1, 3])), icount(array[id]) + idx(array[id], id)`,
        `array[1, 2] @@ '1&2'::query_int`,
        `subpath('Top.Science.Astronomy'::ltree, 0, 2), nlevel(text2ltree('a.b'))`,
        `array['a.b'::ltree] ?~ 'a.*'::lquery, 'a.b'::ltree ^@ 'a'::ltxtquery`,
        `pgp_sym_decrypt(pgp_sym_encrypt(name, 'key'), 'key')`,
      ]) {
        const text = `select ${value} from people where tenant_id = $1`
        expect(violationsIn(schema, text, ['acme']), value).toEqual([])
        expect((await client.query(text, ['acme'])).rows, value).toHaveLength(1)
        expect(refused(bare, text), value).toBe(true)
      }
      // It sets a row by what a text says.
      const set = `select people #= 'name=>x'::hstore from people where tenant_id = $1`
      expect(refused(schema, set)).toBe(true)
    } finally {
      await client.query('rollback')
    }
  })

  it('is read where it is declared, and refused where it is neither', () => {
    const nearest = `select id from people where tenant_id = $1 order by embedding <=> '[1,2]'::vector limit 3`
    const near = `select id from people where tenant_id = $1 and st_dwithin(place, st_makepoint(1, 2)::geography, 100)`
    for (const text of [...trigrams, nearest, near]) {
      expect(refused(declared, text)).toBe(false)
      if (!text.includes('<->')) expect(refused(bare, text)).toBe(true)
    }
  })

  it('says nothing of what changes or reads the rest of the database', async () => {
    const schema = await live()
    expect(refused(schema, `select set_limit(0.1), id from people where tenant_id = $1`)).toBe(true)
    expect(refused(declared, `select st_estimatedextent('people', 'place')`)).toBe(true)
    expect(refused(declared, `select updategeometrysrid('people', 'place', 4326)`)).toBe(true)
  })

  it('is read by its schema, and refused where somebody else has put code of that name there', async () => {
    await client.query('begin')
    await client.query(`drop extension unaccent; drop extension pgcrypto; create schema ext;
      create extension unaccent schema ext; create extension pgcrypto schema ext;
      create extension hstore schema ext;
      alter table people add code text default encode(ext.gen_random_bytes(4), 'hex')`)
    const schema = await live()
    const texts = [
      `select ext.unaccent(name) from people where tenant_id = $1 and 'a=>1'::ext.hstore is not null`,
      `insert into people (id, tenant_id) values (7, $1)`,
    ]
    for (const text of texts) {
      expect(violationsIn(schema, text, ['acme'])).toEqual([])
      expect((await client.query(text, ['acme'])).rowCount).toBe(1)
    }
    for (const text of [
      `select ext.set_limit(0.1), id from people where tenant_id = $1`,
      `select nowhere.unaccent(name) from people where tenant_id = $1`,
      `select postgres.ext.unaccent(name) from people where tenant_id = $1`,
      `select id from people where tenant_id = $1 and 'a=>1'::nowhere.hstore is not null`,
    ]) {
      expect(refused(schema, text)).toBe(true)
    }
    await client.query(
      `create function ext.unaccent(x int) returns bigint language sql as 'select count(*) from people'`,
    )
    const taken = await live()
    await client.query('rollback')
    expect(texts.map((text) => refused(taken, text))).toEqual([true, false])
  })

  it('is refused under a name that somebody else has taken, too', async () => {
    await client.query('begin')
    await client.query(
      `create function similarity(x int, y text) returns bigint language sql as 'select count(*) from people'`,
    )
    const schema = await live()
    await client.query('rollback')
    const text = `select similarity(id, 'x') from people where tenant_id = $1`
    expect(refused(schema, text)).toBe(true)
  })
})

// mutation src/schema/tenant-schema.ts: && withSchema.has(name) => && false
it('takes a name without a schema for one that is declared with it, where no catalogue tells them apart', () => {
  const schema = defineTenantSchema(tables, { functions: ['public.unnest', 'app.area'] })
  for (const call of [`unnest('{1}'::int[])`, `lower(area(box '((0,0),(1,1))')::text)`]) {
    expect(violationsIn(schema, `select ${call} as x from countries`, [])).toHaveLength(1)
  }
  const text = `select lower(name), pg_catalog.area(box '((0,0),(1,1))') from countries`
  expect(violationsIn(schema, text, [])).toEqual([])
})

it('takes a function that may be an aggregate for one: it gives a row although nothing was found', async () => {
  await client.query('begin')
  await client.query(`create aggregate glued(text) (sfunc = textcat, stype = text, initcond = '')`)
  const catalogue = await loadCatalogue(client)
  const own = defineTenantSchema<Record<string, Record<string, unknown>>>(tables, {
    functions: ['glued', 'initials'],
  })
  const counting = (call: string): string =>
    `select x.n from countries c, lateral (select ${call} as g, (select count(*) from people o where o.tenant_id = c.name) as n
     from people p where p.tenant_id = $1 and p.tenant_id = c.name) x`
  await client.query(`update countries set name = 'globex'`)
  const { rows } = await client.query(counting('glued(p.name)'), ['acme'])
  await client.query('rollback')
  expect(rows).toEqual([{ n: '1' }])
  expect(refused(own, counting('glued(p.name)'))).toBe(true)
  expect(refused(liveSchema(own, catalogue), counting('glued(p.name)'))).toBe(true)
  expect(refused(own, counting('initials(p.name)'))).toBe(true)
  expect(refused(liveSchema(own, catalogue), counting('initials(p.name)'))).toBe(false)
})
