import { defineTenantSchema, type OwnerType, ownedThrough, owner } from '@partywall/sql'
import {
  loadSecurityCatalogue,
  rowSecurityStatements,
  verifyRowSecurity,
} from '@partywall/sql/row-security'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SecuredWorld, securedSchema, startSecuredWorld } from './secured-world.ts'

type AnyTables = Record<string, Record<string, unknown>>

let world: SecuredWorld
beforeAll(async () => {
  world = await startSecuredWorld()
})
afterAll(async () => {
  await world.stop()
})

async function runAll(statements: readonly string[]): Promise<void> {
  for (const statement of statements) await world.admin.query(statement)
}

/** Everything about row-level security that a table or a view can have. */
async function switches(): Promise<string> {
  const { rows } = await world.admin.query<{ line: string }>(
    `select c.relname || ' ' || c.relrowsecurity || ' ' || c.relforcerowsecurity || ' '
      || coalesce(c.reloptions::text, '') || ' '
      || (select count(*) from pg_policy p where p.polrelid = c.oid) as line
     from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') order by 1`,
  )
  return rows.map(({ line }) => line).join('\n')
}

/** Runs work as the serving role, with this value of the setting. */
async function as<Result>(
  tenant: string | undefined,
  work: (query: (text: string) => Promise<pg.QueryResult>) => Promise<Result>,
): Promise<Result> {
  await world.admin.query('begin')
  try {
    await world.admin.query(`set local role ${world.role}`)
    if (tenant !== undefined) {
      await world.admin.query(`select set_config('partywall.tenant', $1, true)`, [tenant])
    }
    return await work((text) => world.admin.query(text))
  } finally {
    await world.admin.query('rollback')
  }
}

const readable = ['users', 'orders', 'lines', 'parts', 'events', 'events_a', 'order_notes']

describe('a database with row-level security', () => {
  let before = ''
  let disable: readonly string[] = []
  beforeAll(async () => {
    before = await switches()
    const catalogue = await loadSecurityCatalogue(world.admin)
    const statements = rowSecurityStatements(securedSchema, { catalogue })
    disable = statements.disable
    await runAll(statements.enable)
  })

  it('gives nothing to a session without a tenant, or with an empty one', async () => {
    for (const tenant of [undefined, '']) {
      for (const name of readable) {
        const { rowCount } = await as(tenant, (query) => query(`select * from ${name}`))
        expect(`${name} ${rowCount}`).toBe(`${name} 0`)
      }
    }
  })

  it('gives each tenant its own rows, also of tables that are owned through others, of partitions and views', async () => {
    const own = { users: 1, orders: 1, lines: 1, parts: 1, events: 1, order_notes: 1, note_list: 1 }
    for (const tenant of ['acme', 'globex']) {
      for (const [name, count] of Object.entries(own)) {
        const { rowCount } = await as(tenant, (query) => query(`select * from ${name}`))
        expect(`${name} ${rowCount}`).toBe(`${name} ${count}`)
      }
    }
    const direct = await as('globex', (query) => query('select * from events_a'))
    expect(direct.rowCount).toBe(0)
  })

  // mutation src/row-security/policy-statements.ts: FOR SELECT USING (${shared}) => USING (${shared})
  it('lets everybody read rows without an owner, and nobody write them', async () => {
    const { rows } = await as('acme', (query) => query('select id from roles order by id'))
    expect(rows).toEqual([{ id: 1 }, { id: 2 }])
    const changed = await as('acme', (query) => query(`update roles set name = 'x'`))
    expect(changed.rowCount).toBe(1)
    const removed = await as('acme', (query) => query('delete from roles'))
    expect(removed.rowCount).toBe(1)
    const inserted = as('acme', (query) => query(`insert into roles values (9, null, 'x')`))
    await expect(inserted).rejects.toThrow(/row-level security/)
    const given = as('acme', (query) => query('update roles set tenant_id = null where id = 2'))
    await expect(given).rejects.toThrow(/row-level security/)
  })

  it('lets nobody write a row of another tenant, or hand one over', async () => {
    const writes = [
      `insert into orders values (9, 'globex', 'x')`,
      `update orders set tenant_id = 'globex'`,
      `insert into lines values (9, 2, 'x')`,
      'update lines set order_id = 2',
      'update parts set line_id = 2',
      `insert into events_rest values (9, 'globex', 'x')`,
    ]
    for (const text of writes) {
      await expect(as('acme', (query) => query(text))).rejects.toThrow(/row-level security/)
    }
    const removed = await as('acme', async (query) => [
      (await query('delete from parts')).rowCount,
      (await query('delete from lines')).rowCount,
      (await query('delete from orders')).rowCount,
    ])
    expect(removed).toEqual([1, 1, 1])
  })

  it('passes its own verification, and has nothing to say of the views', async () => {
    expect(await verifyRowSecurity(world.admin, securedSchema, { roles: [world.role] })).toEqual([])
  })

  // mutation src/row-security/row-security-statements.ts: RESET (security_invoker)` => SET (security_invoker = false)`
  it('is taken back as a whole, and can be made again', async () => {
    await runAll(disable)
    expect(await switches()).toBe(before)
    const catalogue = await loadSecurityCatalogue(world.admin)
    const again = rowSecurityStatements(securedSchema, { catalogue })
    await runAll(again.enable)
    await runAll(again.enable)
    expect(await verifyRowSecurity(world.admin, securedSchema, { roles: [world.role] })).toEqual([])
  })

  // mutation src/row-security/policy-statements.ts: ...(context.hasOthers(table) => ...(!context.hasOthers(table)
  // mutation src/row-security/policy-statements.ts: FOR DELETE USING (${own}) => FOR DELETE USING (${own} OR ${shared})
  // mutation src/row-security/policy-statements.ts: FOR UPDATE USING (${own}) => FOR UPDATE USING (${own} OR ${shared})
  // mutation src/row-security/policy-statements.ts: FOR INSERT WITH CHECK (${own}) => FOR INSERT WITH CHECK (true)
  it('is not opened by policies of somebody else', async () => {
    const tables = ['users', 'roles', 'orders', 'lines', 'events', 'events_a']
    const open = tables.map((table) => `create policy old on ${table} using (true)`)
    const closed = tables.map((table) => `drop policy old on ${table}`)
    await runAll(disable)
    await runAll(open)
    const catalogue = await loadSecurityCatalogue(world.admin)
    const statements = rowSecurityStatements(securedSchema, { catalogue })
    await runAll(statements.enable)
    await runAll(statements.enable)
    for (const tenant of [undefined, 'acme', 'globex']) {
      const own = tenant === undefined ? 0 : 1
      const seen = { users: own, orders: own, lines: own, events: own, roles: own + 1 }
      for (const [name, count] of Object.entries(seen)) {
        const { rowCount } = await as(tenant, (query) => query(`select * from ${name}`))
        expect(`${tenant} ${name} ${rowCount}`).toBe(`${tenant} ${name} ${count}`)
      }
      // Without WHERE no policy for SELECT is asked.
      const changed = await as(tenant, (query) => query(`update roles set name = 'x'`))
      const removed = await as(tenant, (query) => query('delete from roles'))
      expect([changed.rowCount, removed.rowCount]).toEqual([own, own])
    }
    const direct = await as('globex', (query) => query('select * from events_a'))
    expect(direct.rowCount).toBe(0)
    for (const owner of ['null', `'globex'`]) {
      const inserted = as('acme', (query) => query(`insert into roles values (9, ${owner}, 'x')`))
      await expect(inserted).rejects.toThrow(/row-level security/)
    }
    expect(await verifyRowSecurity(world.admin, securedSchema, { roles: [world.role] })).toEqual([])
    // They are taken back whether the others are still there, or gone.
    await runAll(closed)
    const later = await loadSecurityCatalogue(world.admin)
    await runAll(rowSecurityStatements(securedSchema, { catalogue: later }).enable)
    await runAll(rowSecurityStatements(securedSchema, { catalogue: later }).disable)
    await runAll(disable)
    expect(await switches()).toBe(before)
    await runAll(rowSecurityStatements(securedSchema, { catalogue: later }).enable)
  })

  it('stays on for a table that has policies of somebody else', async () => {
    await world.admin.query('create policy mine on users using (false)')
    const catalogue = await loadSecurityCatalogue(world.admin)
    const statements = rowSecurityStatements(securedSchema, { catalogue })
    await world.admin.query('drop policy mine on users')
    expect(statements.disable.join()).not.toContain('ALTER TABLE "public"."users"')
    expect(statements.disable.join()).toContain('ALTER TABLE "public"."orders"')
  })
})

describe('the statements', () => {
  it.each<[OwnerType, string]>([
    ['uuid', '7f1c2c9e-6a77-4c35-8c06-7f6f0e0a1b2c'],
    ['int2', '7'],
    ['int4', '7'],
    ['int8', '9007199254740993'],
    ['text', 'acme'],
    ['varchar', 'acme'],
  ])('confine an owner column of type %s, whatever tables are called', async (type, key) => {
    const name = `odd "table" ${type}`
    const schema = defineTenantSchema<AnyTables>({ [name]: owner('the "owner"', { type }) })
    const quoted = `"odd ""table"" ${type}"`
    await world.admin.query(`create table ${quoted} ("the ""owner""" ${type} not null);
      insert into ${quoted} values ('${key}'); grant select on ${quoted} to ${world.role}`)
    await runAll(rowSecurityStatements(schema).enable)
    expect(await verifyRowSecurity(world.admin, schema, { roles: [world.role] })).toEqual([])
    const own = await as(key, (query) => query(`select * from ${quoted}`))
    expect(own.rowCount).toBe(1)
    const none = await as(undefined, (query) => query(`select * from ${quoted}`))
    expect(none.rowCount).toBe(0)
    await runAll(rowSecurityStatements(schema).disable)
    await world.admin.query(`drop table ${quoted}`)
  })

  it('need a setting with a dot, and a plain name for the policy', () => {
    for (const setting of ['role', 'search_path', `a.b'`, 'a.b; drop', 'A.b', '', '.a']) {
      expect(() => rowSecurityStatements(securedSchema, { setting })).toThrow(
        expect.objectContaining({ code: 'sql.options' }),
      )
    }
    expect(() => rowSecurityStatements(securedSchema, { policy: 'a"b' })).toThrow(
      expect.objectContaining({ code: 'sql.options' }),
    )
  })

  it('need the catalogue for a table that is owned through others', () => {
    expect(() => rowSecurityStatements(securedSchema)).toThrow(
      expect.objectContaining({ code: 'sql.schema' }),
    )
  })

  it('refuse tables whose tenant keys are made in different ways', () => {
    const schema = defineTenantSchema<AnyTables>({
      users: owner('tenant_id'),
      orders: owner('tenant_id', { tenantKey: (tenantId) => tenantId.length }),
    })
    expect(() => rowSecurityStatements(schema)).toThrow(/tenant keys/)
  })

  it('refuse a table that is owned through itself: its policy would ask for itself', async () => {
    await world.admin.query(
      'create table trees (id int primary key, parent_id int not null references trees (id))',
    )
    const schema = defineTenantSchema<AnyTables>({ trees: ownedThrough('parent_id') })
    const catalogue = await loadSecurityCatalogue(world.admin)
    await world.admin.query('drop table trees')
    expect(() => rowSecurityStatements(schema, { catalogue })).toThrow(/owned through itself/)
  })

  it('name the setting and the policy that they are given', () => {
    const schema = defineTenantSchema<AnyTables>({ users: owner('tenant_id') })
    const { enable, disable } = rowSecurityStatements(schema, {
      setting: 'shop.tenant',
      policy: 'ours',
    })
    expect(enable.join()).toContain(`current_setting('shop.tenant', true)`)
    expect(enable.join()).toContain('CREATE POLICY "ours" ON "public"."users"')
    expect(disable.join()).toContain('DROP POLICY IF EXISTS "ours" ON "public"."users"')
  })
})
