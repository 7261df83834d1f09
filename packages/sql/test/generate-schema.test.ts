import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import {
  type Catalogue,
  type CatalogueTable,
  defineTenantSchema,
  deriveTenantSchema,
  explainProof,
  generateTenantSchema,
  global,
  liveSchema,
  loadCatalogue,
  ownedThrough,
  owner,
  type TenantSchema,
} from '@partywall/sql'
import { auditTenantSchema } from '@partywall/sql/audit'
import { startPostgres } from '@partywall/testing'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const tables = `
create table holdings (id uuid primary key);
create table tenants (id uuid primary key references holdings (id), name text);
create table tenant_settings (tenant uuid not null references tenants (id), theme text);
create table regions (region int, owned_by text, primary key (region, owned_by)) partition by list (owned_by);
create table regions_acme partition of regions for values in ('acme');
create table users (id uuid primary key, tenant_id uuid not null references tenants (id), email text);
create table places (tenant_id text not null, region int, foreign key (region, tenant_id) references regions (region, owned_by));
create table orders (id int primary key, tenant_id varchar(63) not null);
create table lines (id int primary key, order_id int not null references orders (id), item text);
create table parts (line_id int not null references lines (id), self int references orders (id));
create table tags (order_id int not null references orders (id), line_id int not null references lines (id));
create table ring_a (id int primary key, b_id int not null, order_id int not null references orders (id));
create table ring_b (id int primary key, a_id int not null references ring_a (id));
alter table ring_a add foreign key (b_id) references ring_b (id);
create table labels (id int primary key, tenant_id text);
create table order_labels (order_id int not null references orders (id), label_id int not null references labels (id));
create table label_texts (label_id int not null references labels (id), said text);
create materialized view totals as select tenant_id, count(*) from orders group by tenant_id;
create materialized view "all
of" as select count(*) from orders;
create table loose (order_id int references orders (id));
create table late (order_id int not null references orders (id) deferrable);
create table roles (id int, tenant_id text, name text);
create table codes (id int, tenant_id char(9) not null);
create table events (id int, tenant_id text not null) partition by list (tenant_id);
create table events_a partition of events for values in ('acme') partition by list (id);
create table events_a1 partition of events_a default;
create table countries (id int primary key, name text);
create table "odd "" name" (tenant_id text not null);
create table "dotted.name" (tenant_id text not null);
create table __proto__ (tenant_id text not null);
create view listed as select * from users;
create schema audit;
create table audit.entries (tenant_id text not null);
create table audit.users (id int)`

let server: Awaited<ReturnType<typeof startPostgres>>
let client: pg.Client
let catalogue: Catalogue
beforeAll(async () => {
  server = await startPostgres()
  client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(tables)
  catalogue = await loadCatalogue(client)
})
afterAll(async () => {
  await client.end()
  await server.stop()
})

const byTenant = { ownerColumn: 'tenant_id' }

function declarations(schema: TenantSchema): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...schema.relations].map(([key, { table }]) => [key, table]))
}

describe('declarations from a live database', () => {
  it('refuses a database in which nobody owns anything, before it calls all of it global', () => {
    for (const make of [deriveTenantSchema, generateTenantSchema]) {
      expect(() => make(catalogue, { ownerColumn: 'org_id' })).toThrow(
        expect.objectContaining({ code: 'sql.schema' }),
      )
    }
  })

  it('takes tables for owned that have the column, or always refer to a row that is', () => {
    expect(declarations(deriveTenantSchema(catalogue, byTenant))).toEqual({
      'public.users': owner('tenant_id', { type: 'uuid' }),
      'public.places': owner('tenant_id'),
      'public.tenants': owner('id', { type: 'uuid' }),
      'public.holdings': owner('id', { type: 'uuid' }),
      'public.regions': owner('owned_by'),
      'public.tenant_settings': ownedThrough('tenant'),
      'public.orders': owner('tenant_id', { type: 'varchar' }),
      'public.roles': owner('tenant_id'),
      'public.codes': owner('tenant_id'),
      'public.events': owner('tenant_id'),
      'public.odd " name': owner('tenant_id'),
      ['public.__proto__']: owner('tenant_id'),
      'audit.entries': owner('tenant_id'),
      'public.lines': ownedThrough('order_id'),
      'public.parts': ownedThrough('line_id'),
      'public.tags': ownedThrough(['line_id', 'order_id']),
      'public.ring_a': ownedThrough('order_id'),
      'public.ring_b': ownedThrough('a_id'),
      'public.labels': owner('tenant_id'),
      'public.order_labels': ownedThrough('order_id'),
      'public.label_texts': ownedThrough('label_id'),
      'public.loose': global(),
      'public.late': global(),
      'public.countries': global(),
      'audit.users': global(),
    })
  })

  // mutation src/schema/derive-schema.ts: for (const [key, column] of referredTo(table, name, graph)) { => for (const [key, column] of referredTo(table, '', graph)) {
  it("takes what owner columns refer to for owned by that key, not for everybody's", async () => {
    const found = { ...catalogue, tables: catalogue.tables.filter(({ name }) => name !== 'codes') }
    const schema = liveSchema(deriveTenantSchema(found, byTenant), found)
    const open = async (text: string): Promise<boolean> =>
      (await explainProof(text, schema)).some((line) => line.open)
    for (const table of ['tenants', 'holdings', 'regions', 'tenant_settings']) {
      expect(await open(`select * from ${table}`)).toBe(true)
    }
    expect(await open('select * from tenants where id = $1')).toBe(false)
  })

  it('proves with them what the database holds, and nothing else', async () => {
    await client.query('alter table codes alter tenant_id type text')
    const found = await loadCatalogue(client)
    await client.query('alter table codes alter tenant_id type char(9)')
    const schema = liveSchema(deriveTenantSchema(found, byTenant), found)
    const confined = async (text: string): Promise<boolean> =>
      (await explainProof(text, schema)).every(({ open }) => !open)
    const own = 'select item from lines l join orders o on o.id = l.order_id where o.tenant_id = $1'
    expect(await confined(own)).toBe(true)
    expect(await confined('select item from lines')).toBe(false)
    expect(await confined('select name from countries')).toBe(true)
    expect(await confined('update countries set name = $1')).toBe(false)
    expect(await confined('select id from events_a1')).toBe(false)
    expect(await confined('select * from "dotted.name" where tenant_id = $1')).toBe(false)
  })

  it('leaves it to those who compare with the database what its owner column cannot be', async () => {
    const schema = deriveTenantSchema(catalogue, byTenant)
    expect(() => liveSchema(schema, catalogue)).toThrow(/codes.*ALTER TABLE codes/)
    const rules = (await auditTenantSchema(client, schema)).filter(({ object }) =>
      object.includes('codes'),
    )
    expect(rules.map(({ rule }) => rule)).toContain('owner-type')
  })

  it('names tables without a schema where the search path finds them', async () => {
    await client.query('set search_path to audit, public')
    const other = await loadCatalogue(client)
    await client.query('reset search_path')
    const schema = deriveTenantSchema(other, byTenant)
    expect(schema.relation('entries')?.table.kind).toBe('owner')
    expect(schema.relation('entries', 'public')).toBeUndefined()
    expect(schema.relation('users', 'public')?.table.kind).toBe('owner')
    expect(generateTenantSchema(other, byTenant)).toContain(`}, { defaultSchema: 'audit' })`)
  })
})

describe('the text of a module', () => {
  // mutation src/schema/derive-schema.ts: const kept = strict.length === 0 ? columns : strict => const kept = columns
  // mutation src/schema/derive-schema.ts: isUnprovable(table) && !table.isChild => false
  it('declares the same, with what a person has to look at', async () => {
    const text = generateTenantSchema(catalogue, byTenant)
    const folder = new URL(`../node_modules/.cache/generated-${process.pid}/`, import.meta.url)
    mkdirSync(folder, { recursive: true })
    try {
      writeFileSync(new URL('tenant-schema.ts', folder), text)
      const made = (await import(new URL('tenant-schema.ts', folder).pathname)) as {
        schema: TenantSchema
      }
      expect(declarations(made.schema)).toEqual(
        declarations(deriveTenantSchema(catalogue, byTenant)),
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
    expect(text).toMatch(/\/\/ Of type bpchar: ALTER it to .*\n {2}codes: owner\('tenant_id'\),/)
    expect(text).toMatch(/\/\/ NULL is nobody's.*\n {2}roles: owner/)
    expect(text).toContain(`No declaration can have the name public.dotted.name`)
    expect(text).toContain(`tags: ownedThrough(['line_id', 'order_id'])`)
    expect(text).toMatch(/\/\/ Owner columns refer to its id:.*\n {2}tenants: owner/)
    expect(text).toMatch(/\/\/ Not by label_id, .*\n {2}order_labels: ownedThrough\('order_id'\)/)
    expect(text).toContain(`// totals: owner('tenant_id', { type: 'varchar', trusted: true }),`)
    expect(text).toContain('the materialised view all?of holds')
    expect(text).toContain('// "all\\nof": global({ trusted: true }),')
  })

  it('means what it says, whatever tables and columns are called', () => {
    const name = fc.oneof(
      fc.constantFrom(
        '__proto__',
        'constructor',
        `it's`,
        '*/',
        '$x}',
        'a\nb',
        '\u2028',
        '(unknown)',
        'a.b',
      ),
      fc.string({ minLength: 1, maxLength: 8 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
    )
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, fc.boolean(), name), {
          selector: ([each]) => each,
          minLength: 1,
        }),
        name,
        (made, ownerColumn) => {
          const found = {
            ...catalogue,
            tables: made.map((each, i) => tableOf(each, i === 0, ownerColumn)),
          }
          fc.pre(
            found.tables.some(
              (table) => isNamed(table.name) && table.columns[0]?.name === ownerColumn,
            ),
          )
          const text = generateTenantSchema(found, { ownerColumn })
          expect(declarations(evaluate(text))).toEqual(
            declarations(deriveTenantSchema(found, { ownerColumn })),
          )
        },
      ),
      { numRuns: 30 },
    )
  })
})

function isNamed(name: string): boolean {
  return !name.includes('.') && name !== '(unknown)'
}

function tableOf(
  [name, isOwned, type]: readonly [string, boolean, string],
  isFirst: boolean,
  ownerColumn: string,
): CatalogueTable {
  return {
    schema: 'public',
    name,
    kind: 'table',
    columns: [
      {
        name: isFirst || isOwned ? ownerColumn : `${ownerColumn}x`,
        type: isFirst ? 'text' : type,
        deterministic: true,
        notNull: isOwned,
        generated: 'no',
        expression: null,
      },
    ],
    uniques: [],
    checks: [],
    policies: [],
    foreignKeys: [],
    rules: [],
    triggers: [],
    partitionKey: [],
    children: [],
    definition: null,
    isChild: false,
  }
}

/** The module without what only a compiler reads. */
function evaluate(text: string): TenantSchema {
  const [, body = ''] =
    /^import [^\n]*\n\nexport const schema: TenantSchema = (.*)$/s.exec(text) ?? []
  const run = new Function(
    'defineTenantSchema',
    'global',
    'ownedThrough',
    'owner',
    `return ${body}`,
  )
  return run(defineTenantSchema, global, ownedThrough, owner)
}
