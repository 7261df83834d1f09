import { readFileSync } from 'node:fs'
import { defineTenantSchema, liveSchema, loadCatalogue, owner } from '@partywall/sql'
import { startPostgres } from '@partywall/testing'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { declaredTopics, together } from './corpus/corpus.ts'
import { partitionsIn } from './partitions.ts'
import { key, uuid } from './world.ts'

/** The tables of the corpus, each partitioned by its owner; keys without the owner cannot be had then. */
const tables = `
create type mood as enum ('calm', 'angry');
create function my_function(x int) returns int language sql immutable as 'select x + 1';
create table users (id int, tenant_id int not null, email text, name text, country int, boss_id int,
  mood mood, seen timestamptz, unique (tenant_id, id), unique (tenant_id, email)) partition by list (tenant_id);
create table posts (id int default 77, tenant_id int not null, user_id int, title text, score int,
  parent_id int, unique (tenant_id, id), unique (tenant_id, title)) partition by list (tenant_id);
create table tags (id int, tenant_id int not null, post_id int, label text) partition by list (tenant_id);
create table docs (id int, owner text not null, body text, n int, unique (owner, id)) partition by list (owner);
create table files (id int, owner uuid not null, name text, meta jsonb, unique (owner, id)) partition by list (owner);
create table folders (key int, tenant_id int not null, name text) partition by list (tenant_id);
create table pages (id int, folder_key int not null, body text);
create table roles (id int, tenant_id int, name text) partition by list (tenant_id);
create view titles as select p.id, p.tenant_id, p.title, u.name from posts p
  left join users u on u.tenant_id = p.tenant_id and u.id = p.user_id;
create table countries (id int primary key, name text);
create table settings (name text primary key, value text, level int default 1);`

const owners: Readonly<Record<string, readonly [own: string, other: string]>> = {
  users: [`${key}`, '1'],
  posts: [`${key}`, '1'],
  tags: [`${key}`, '1'],
  folders: [`${key}`, '1'],
  roles: [`${key}, null`, '1'],
  docs: [`'acme'`, `'ACME'`],
  files: [`'${uuid}'`, `'11111111-1111-4111-8111-111111111111'`],
}

let client: pg.Client
let stop: () => Promise<void>
beforeAll(async () => {
  const server = await startPostgres()
  client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(tables)
  for (const [table, [own, other]] of Object.entries(owners)) {
    await client.query(`create table ${table}_own partition of ${table} for values in (${own});
      create table ${table}_other partition of ${table} for values in (${other})`)
  }
  stop = async () => {
    await client.end()
    await server.stop()
  }
})
afterAll(() => stop())

it('has the planner look at the tenant’s partitions alone in four of five accepted statements at least', async ({
  annotate,
}) => {
  const spread: string[] = []
  let planned = 0
  for (const [why, text, ...values] of together(declaredTopics).accepted) {
    // EXPLAIN takes one statement.
    if (!/^\s*(?:select|with|values|\(|insert|update|delete|merge|table)/i.test(text)) continue
    if (/;\s*\S/.test(text)) continue
    const found = await partitionsIn(client, text, { values })
    planned += 1
    if (found.some((name) => name.endsWith('_other'))) spread.push(why)
  }
  await annotate(`${planned} planned, ${spread.length} over all partitions: ${spread.join('; ')}`)
  expect(planned).toBeGreaterThan(150)
  expect(spread.length / planned).toBeLessThan(0.2)
})

it('takes every statement that docs/scaling.md tells people to run', async () => {
  const page = readFileSync(new URL('../../../docs/scaling.md', import.meta.url), 'utf8')
  const [tables = '', ...migrations] = [...page.matchAll(/```sql\n(.*?)```/gs)].map(
    ([, block = '']) => block,
  )
  const declared = defineTenantSchema({ orders: owner('tenant_id'), events: owner('tenant_id') })
  expect(migrations).toHaveLength(1)
  await client.query(tables)
  for (const change of migrations) await client.query(change)
  const live = liveSchema(declared, await loadCatalogue(client))
  expect(live.relation('orders')?.live?.uniques).toHaveLength(6)
  const read = 'select number from orders where tenant_id = $1'
  expect(await partitionsIn(client, read, { values: ['acme'] })).toEqual(['orders_acme'])
  expect(await partitionsIn(client, read, { values: ['other'] })).toEqual(['orders_others'])
})
