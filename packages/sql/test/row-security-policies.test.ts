import { defineTenantSchema, ownedThrough, owner } from '@partywall/sql'
import { type Finding, type FindingRule, verifyRowSecurity } from '@partywall/sql/row-security'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type SecuredWorld, startSecuredWorld } from './secured-world.ts'

const schema = defineTenantSchema({
  docs: owner('tenant_id'),
  marks: owner('tenant_id', { shared: 'null' }),
  codes: owner('tenant_id', { type: 'varchar' }),
  numbers: owner('tenant_id', { type: 'int4', tenantKey: () => 1 }),
  shelves: owner('tenant_id'),
  books: ownedThrough('shelf_id'),
})

const tables = `
create table docs (id int, tenant_id text not null, other text);
create table marks (id int, tenant_id text);
create table codes (id int, tenant_id varchar(20) not null);
create table numbers (id int, tenant_id int not null);
create table shelves (id int primary key, tenant_id text not null);
create table books (id int, shelf_id int not null references shelves (id));
create function mine(text) returns boolean language sql stable as 'select true';`
const rows = `
insert into docs values (1, 'acme', 'acme'), (2, 'globex', 'acme');
insert into marks values (1, 'acme'), (2, 'globex'), (3, null);
insert into codes values (1, 'acme'), (2, 'globex');
insert into numbers values (1, 1), (2, 2);
insert into shelves values (1, 'acme'), (2, 'globex');
insert into books values (1, 1), (2, 2);`

let world: SecuredWorld
let group = ''
beforeAll(async () => {
  world = await startSecuredWorld()
  group = `${world.role}_group`
  await world.admin.query(`${tables}${rows}
    grant select, insert, update, delete on all tables in schema public to ${world.role};
    create role ${group}; grant ${group} to ${world.role}`)
})
afterAll(async () => {
  await world.admin.query(`drop role ${group}`)
  await world.stop()
})

const setting = `current_setting('partywall.tenant', true)`
const tenant = `(select nullif(${setting}, '')::text)`

/** Runs work with these policies and without them afterwards. */
async function withPolicies<Result>(
  table: string,
  policies: readonly string[],
  work: () => Promise<Result>,
): Promise<Result> {
  await world.admin.query('begin')
  try {
    for (const policy of policies) {
      const [name = '', ...rest] = policy.replaceAll('GROUP', group).split(' ')
      await world.admin.query(`create policy ${name} on ${table} ${rest.join(' ')}`)
    }
    await world.admin.query(
      `alter table ${table} enable row level security, force row level security`,
    )
    return await work()
  } finally {
    await world.admin.query('rollback')
  }
}

async function openPolicies(): Promise<readonly Finding[]> {
  const findings = await verifyRowSecurity(world.admin, schema, { roles: [world.role] })
  return findings.filter(({ rule }) => rule === 'policy-does-not-confine')
}

/** What the tenant of key `acme` (1 where keys are numbers) gets of rows that are not its own. */
async function leaks(table: string): Promise<string> {
  const key = table === 'numbers' ? '1' : 'acme'
  const foreign = table === 'books' ? 'shelf_id = 2' : `tenant_id::text in ('globex', '2')`
  const seen: string[] = []
  const attempts = {
    SELECT: `select * from ${table} where ${foreign}`,
    UPDATE: `update ${table} set id = 9 where ${foreign}`,
    DELETE: `delete from ${table} where ${foreign}`,
    // Without a condition no policy for SELECT is asked.
    'UPDATE without WHERE': `update ${table} set id = 9`,
    'DELETE without WHERE': `delete from ${table}`,
    INSERT: `insert into ${table} ${table === 'books' ? `values (9, 2)` : `values (9, ${table === 'numbers' ? '2' : `'globex'`})`}`,
  }
  for (const [what, text] of Object.entries(attempts)) {
    await world.admin.query(`savepoint attempt; set local role ${world.role}`)
    await world.admin.query(`select set_config('partywall.tenant', $1, true)`, [key])
    const before = await foreignRows(table, foreign)
    const { rowCount } = await world.admin.query(text).catch(() => ({ rowCount: 0 }))
    const after = what === 'SELECT' ? before : await foreignRows(table, foreign)
    if ((what === 'SELECT' && rowCount !== 0) || after !== before) seen.push(what)
    await world.admin.query('rollback to attempt; reset role')
  }
  return seen.join(', ')
}

/** Looked at by the superuser: an error before is taken back first. */
async function foreignRows(table: string, foreign: string): Promise<string> {
  const look = `select coalesce(string_agg(t::text, ' ' order by t::text), '') as all from ${table} t where ${foreign}`
  try {
    await world.admin.query('savepoint look; reset role')
    const { rows: found } = await world.admin.query<{ all: string }>(look)
    await world.admin.query(`set local role ${world.role}`)
    return found[0]?.all ?? ''
  } catch {
    // The attempt failed, so it changed nothing; what counts is that it is the same text each time.
    await world.admin.query('rollback to attempt')
    const { rows: found } = await world.admin.query<{ all: string }>(look)
    return found[0]?.all ?? ''
  }
}

type Case = readonly [what: string, table: string, ...policies: string[]]

const confining: readonly Case[] = [
  ['the plain comparison', 'docs', `p using (tenant_id = ${tenant})`],
  ['without a subquery', 'docs', `p using (tenant_id = nullif(${setting}, ''))`],
  ['without NULLIF', 'docs', `p using (tenant_id = ${setting})`],
  [
    'that fails where nothing is set',
    'docs',
    `p using (tenant_id = current_setting('partywall.tenant'))`,
  ],
  ['the other way round', 'docs', `p using (${tenant} = tenant_id)`],
  [
    'the setting in capitals',
    'docs',
    `p using (tenant_id = current_setting('PartyWall.Tenant', true))`,
  ],
  ['a further condition', 'docs', `p using (tenant_id = ${tenant} and id > 0)`],
  [
    'a condition in every arm',
    'docs',
    `p using (tenant_id = ${tenant} and id = 1 or tenant_id = ${tenant} and id = 2)`,
  ],
  ['through another column', 'docs', `p using (other = ${tenant} and tenant_id = other)`],
  ['a varchar column', 'codes', `p using (tenant_id = ${tenant})`],
  [
    'a varchar column and a varchar cast',
    'codes',
    `p using (tenant_id = (select ${setting}::varchar))`,
  ],
  ['a number', 'numbers', `p using (tenant_id = (select nullif(${setting}, '')::int))`],
  [
    'a policy for each command',
    'docs',
    `a for select using (tenant_id = ${tenant})`,
    `b for insert with check (tenant_id = ${tenant})`,
    `c for update using (tenant_id = ${tenant}) with check (tenant_id = ${tenant})`,
    `d for delete using (tenant_id = ${tenant})`,
  ],
  ['no policy at all', 'docs'],
  ['a policy that passes nothing', 'docs', 'p using (false)'],
  ['a policy that knows nothing', 'docs', 'p using (null)'],
  ['the comparison IS TRUE', 'docs', `p using ((tenant_id = ${tenant}) is true)`],
  [
    'IS TRUE in every arm',
    'docs',
    `p using ((tenant_id = ${tenant} and id = 1) is true or (tenant_id = ${tenant}) is true and id = 2)`,
  ],
  [
    'a restrictive policy beside one that passes everything',
    'docs',
    'p using (true)',
    `r as restrictive using (tenant_id = ${tenant})`,
  ],
  [
    'a restrictive policy beside one that nobody can read',
    'docs',
    'p using (mine(other))',
    `r as restrictive using (tenant_id = ${tenant})`,
  ],
  [
    'facts of a permissive and a restrictive policy together',
    'docs',
    `p using (other = ${tenant})`,
    'r as restrictive using (tenant_id = other)',
  ],
  [
    'rows that all share, to read',
    'marks',
    `a using (tenant_id = ${tenant})`,
    'b for select using (tenant_id is null)',
  ],
  [
    'own rows and those that all share, to read',
    'marks',
    `a for select using (tenant_id = ${tenant} or tenant_id is null)`,
  ],
  [
    'a parent by EXISTS',
    'books',
    `p using (exists (select 1 from shelves s where s.id = shelf_id and s.tenant_id = ${tenant}))`,
  ],
  [
    'a parent by IN',
    'books',
    `p using (shelf_id in (select id from shelves where tenant_id = ${tenant}))`,
  ],
  [
    'a restrictive policy for the same role',
    'docs',
    'p to GROUP using (true)',
    `r as restrictive to GROUP using (tenant_id = ${tenant})`,
  ],
]

const open: readonly Case[] = [
  ['one that passes everything', 'docs', 'p using (true)'],
  ['another setting', 'docs', `p using (tenant_id = current_setting('application_name'))`],
  ['one arm without the tenant', 'docs', `p using (tenant_id = ${tenant} or id > 0)`],
  [
    'where nothing is set, everything',
    'docs',
    `p using (tenant_id = ${tenant} or ${tenant} is null)`,
  ],
  [
    'COALESCE with the column',
    'docs',
    `p using (tenant_id = coalesce(nullif(${setting}, ''), tenant_id))`,
  ],
  ['the column that is not the owner', 'docs', `p using (other = ${tenant})`],
  ['unequal', 'docs', `p using (tenant_id <> ${tenant})`],
  ['NOT', 'docs', `p using (not (tenant_id = ${tenant}))`],
  ['the comparison IS NOT TRUE', 'docs', `p using ((tenant_id = ${tenant}) is not true)`],
  ['the comparison IS NOT FALSE', 'marks', `p using ((tenant_id = ${tenant}) is not false)`],
  ['NOT of IS TRUE', 'docs', `p using (not ((tenant_id = ${tenant}) is true))`],
  ['a list from a query', 'docs', `p using (tenant_id in (select ${setting}))`],
  ['CASE', 'docs', `p using (case when id = 0 then false else tenant_id = ${tenant} end)`],
  [
    'IS NOT DISTINCT FROM, which a session without a tenant meets',
    'marks',
    `p using (tenant_id is not distinct from ${tenant})`,
  ],
  ['a constant', 'docs', `p using (tenant_id = 'globex')`],
  ['a list with a constant in it', 'docs', `p using (tenant_id in (${tenant}, 'globex'))`],
  ['a function that nobody knows', 'docs', 'p using (mine(tenant_id))'],
  ['a longer pattern', 'docs', `p using (tenant_id like ${tenant} || '%')`],
  ['a cast that cuts', 'codes', `p using (tenant_id::varchar(1) = ${setting}::varchar(1))`],
  [
    'rows that all share, to change',
    'marks',
    `p using (tenant_id = ${tenant} or tenant_id is null)`,
  ],
  [
    'rows that all share, for a table that has none',
    'docs',
    `a using (tenant_id = ${tenant})`,
    'b for select using (tenant_id is null or id > 1)',
  ],
  [
    'confined for reading, and not for writing',
    'docs',
    `p using (tenant_id = ${tenant}) with check (true)`,
  ],
  [
    'open for one command alone',
    'docs',
    `a using (tenant_id = ${tenant})`,
    'b for delete using (true)',
  ],
  [
    'open for INSERT alone',
    'docs',
    `a using (tenant_id = ${tenant})`,
    'b for insert with check (true)',
  ],
  [
    'a permissive policy beside another one',
    'docs',
    `a using (tenant_id = ${tenant})`,
    'b using (id > 0)',
  ],
  [
    'a restrictive policy for another command',
    'docs',
    'p using (true)',
    `r as restrictive for select using (tenant_id = ${tenant})`,
  ],
  [
    'a restrictive policy for another role',
    'docs',
    'p using (true)',
    `r as restrictive to GROUP using (tenant_id = ${tenant})`,
  ],
  [
    'a parent that nobody confines',
    'books',
    'p using (exists (select 1 from shelves s where s.id = shelf_id))',
  ],
  [
    'another row of the parent',
    'books',
    `p using (exists (select 1 from shelves s where s.id <> shelf_id and s.tenant_id = ${tenant}))`,
  ],
  [
    'any row of the tenant',
    'books',
    `p using (exists (select 1 from shelves s where s.tenant_id = ${tenant}))`,
  ],
]

describe('a policy that compares the owner with the tenant', () => {
  // mutation src/row-security/policy-condition.ts: nothing.has(expression) => expression === 'false'
  // mutation src/row-security/policy-condition.ts: && body['booltesttype'] === 'IS_TRUE' => && false
  it.each(confining)('is known to confine: %s', async (_, table, ...policies) => {
    await withPolicies(table, policies, async () => {
      expect(await openPolicies()).toEqual([])
      expect(await leaks(table)).toBe('')
    })
  })
})

/** Some are refused although no row is lost in this world: the setting is somebody else's. */
const harmlessHere =
  /list from a query|CASE|IS NOT FALSE|another setting|another role|IS NOT DISTINCT|where nothing is set|COALESCE|cast that cuts|longer pattern|to change|for a table that has none/

describe('a policy that does not', () => {
  // mutation src/row-security/policy-condition.ts: body['booltesttype'] === 'IS_TRUE' => body['booltesttype'] !== 'IS_FALSE'
  // mutation src/row-security/verify-row-security.ts: own.includes(everybody) || roles.every => own.length > 0 || roles.every
  // mutation src/row-security/policy-proof.ts: constants?.every(isTenant) === true => constants !== undefined
  it.each(open)('is found: %s', async (what, table, ...policies) => {
    await withPolicies(table, policies, async () => {
      const [finding] = await openPolicies()
      expect(finding).toMatchObject({ severity: 'CRITICAL' })
      if (!harmlessHere.test(what)) expect(await leaks(table)).not.toBe('')
      // What mends it is run as it is written.
      for (const statement of finding?.mend ?? []) await world.admin.query(statement)
      expect(await leaks(table)).toBe('')
      expect((await openPolicies()).map(({ object }) => object)).not.toContain(finding?.object)
    })
  })

  // mutation src/row-security/verify-row-security.ts: strangerAmong(uses, live) === undefined => uses !== undefined
  it.each([
    ['permissive', 'create policy p on public.books using (SHELVES)'],
    [
      'restrictive',
      'create policy p on public.books using (true); create policy r on public.books as restrictive using (SHELVES)',
    ],
  ])('is found where its text does not show what it compares by: %s', async (_, policies) => {
    // PostgreSQL prints USING, whichever operator it was made with.
    const shelves = `shelf_id in (select s.id from public.shelves s join public.docs d using (tenant_id)
      where d.tenant_id operator(pg_catalog.=) ${setting})`
    await withPolicies('books', [], async () => {
      await world.admin.query(`create schema app;
        create function app.yes(text, text) returns boolean language sql as 'select true';
        create operator app.= (leftarg = text, rightarg = text, function = app.yes);
        set local search_path = app, pg_catalog, public;
        ${policies.replace('SHELVES', shelves)};
        set local search_path = public`)
      expect(await leaks('books')).not.toBe('')
      expect((await openPolicies()).map(({ object }) => object)).toEqual(['public.books p'])
    })
  })

  // mutation src/row-security/tenant-expression.ts: path.length === 1 && !isShadowed => path.length === 1
  it.each([
    ['takes other arguments', 'public', '(text, int)', ', 1'],
    ['stands before the built-in one', 'public, pg_catalog', '(text, boolean)', ', true'],
  ])('is found where a function of the name of the built-in one %s', async (...test) => {
    const [, path, types, second] = test
    const body = `returns text language sql as 'select ''globex'''`
    const call = `current_setting('partywall.tenant'${second})`
    await world.admin.query(`set search_path = ${path};
      create function public.current_setting${types} ${body}`)
    try {
      await withPolicies('docs', [`p using (tenant_id = ${call})`], async () => {
        expect(await leaks('docs')).not.toBe('')
        expect((await openPolicies()).map(({ object }) => object)).toEqual(['public.docs p'])
      })
    } finally {
      await world.admin.query(`drop function public.current_setting${types}; reset search_path`)
    }
  })

  it('is passed over where it is for nobody who serves tenants', async () => {
    await world.admin.query('create role partywall_test_auditor')
    await withPolicies('docs', ['p to partywall_test_auditor using (true)'], async () => {
      expect(await openPolicies()).toEqual([])
    })
    await world.admin.query('drop role partywall_test_auditor')
  })

  it('is named with the commands for which it is open, and never with what it says', async () => {
    await withPolicies('docs', [`p using (tenant_id = 'globex')`], async () => {
      const [finding] = await openPolicies()
      expect(finding?.reason).toContain(
        'for SELECT and rows that INSERT writes and UPDATE and rows that UPDATE writes and DELETE',
      )
      expect(finding?.reason).not.toContain('globex')
    })
  })
})

describe('a table without policies in force', () => {
  it('is found while row-level security is off, or spares the owner', async () => {
    const rulesOf = async (): Promise<readonly string[]> =>
      (await verifyRowSecurity(world.admin, schema, { roles: [world.role] }))
        .filter(({ object }) => object === 'public.docs')
        .map(({ rule }) => rule)
    expect(await rulesOf()).toEqual(['row-security-disabled'])
    await world.admin.query(`begin; alter table docs enable row level security`)
    expect(await rulesOf()).toEqual(['row-security-not-forced'])
    await world.admin.query('alter table docs force row level security')
    expect(await rulesOf()).toEqual([])
    await world.admin.query('rollback')
  })

  // mutation src/row-security/verify-row-security.ts: // Policies are in force once row-level security is. => return findings.slice(-1)
  it('is found with its policies, which are in force once row-level security is', async () => {
    await world.admin.query('begin; create policy old on docs using (true)')
    try {
      const ofDocs = async (): Promise<readonly Finding[]> =>
        (await verifyRowSecurity(world.admin, schema, { roles: [world.role] })).filter(
          ({ object }) => object.split(' ')[0] === 'public.docs',
        )
      const findings = await ofDocs()
      expect(findings.map(({ rule }) => rule)).toEqual([
        'policy-does-not-confine',
        'row-security-disabled',
      ])
      for (const { mend } of findings)
        for (const statement of mend) await world.admin.query(statement)
      expect(await leaks('docs')).toBe('')
      expect(await ofDocs()).toEqual([])
    } finally {
      await world.admin.query('rollback')
    }
  })

  it('cannot be told for a role that is not there', async () => {
    await expect(
      verifyRowSecurity(world.admin, schema, { roles: ['nobody_at_all'] }),
    ).rejects.toMatchObject({ code: 'sql.options' })
  })
})

describe('a server that gives sessions a tenant', () => {
  // Other databases of the server would begin with it, too.
  const name = `of_${process.pid}.tenant`

  async function settingFindings(client: pg.ClientBase): Promise<readonly Finding[]> {
    const findings = await verifyRowSecurity(client, schema, { roles: [world.role], setting: name })
    return findings.filter(({ rule }) => rule === 'setting-has-default')
  }

  /** What a new session begins with, and is found by it. */
  async function freshSession(): Promise<readonly [tenant: string, found: readonly Finding[]]> {
    const pool = world.pool(1)
    const client = await pool.connect()
    try {
      const { rows: told } = await client.query<{ tenant: string }>(
        `select coalesce(current_setting('${name}', true), '') as tenant`,
      )
      return [told[0]?.tenant ?? '', await settingFindings(client)]
    } finally {
      client.release()
      await pool.end()
    }
  }

  // mutation src/row-security/server-setting.ts: return rows[0]['is_auto'] === true ? 'alter_system' : 'file' => return undefined
  // mutation src/row-security/server-setting.ts: ? 'session' : undefined) => ? undefined : undefined)
  it('is found, also by a role that may not read its files, or before it reads them', async () => {
    expect(await freshSession()).toEqual(['', []])
    await world.admin.query(`alter system set ${name} = 'globex'`)
    try {
      const [pending, ...others] = await settingFindings(world.admin)
      expect(others).toEqual([])
      expect(pending).toMatchObject({ severity: 'CRITICAL', object: 'the server, by ALTER SYSTEM' })
      await world.admin.query('select pg_reload_conf()')
      await vi.waitFor(async () => {
        expect(await freshSession()).toEqual(['globex', [expect.objectContaining({ mend: [] })]])
      })
      for (const statement of pending?.mend ?? []) await world.admin.query(statement)
      await vi.waitFor(async () => expect(await freshSession()).toEqual(['', []]))
      await vi.waitFor(async () => expect(await settingFindings(world.admin)).toEqual([]))
    } finally {
      await world.admin.query(`alter system reset ${name}`)
      await world.admin.query('select pg_reload_conf()')
    }
  })

  it('is found once where a role has it, too', async () => {
    await world.admin.query(`alter role ${world.role} set ${name} = 'globex'`)
    const [tenant, found] = await freshSession()
    expect(tenant).toBe('globex')
    expect(found).toHaveLength(1)
    for (const statement of found[0]?.mend ?? []) await world.admin.query(statement)
    expect(await freshSession()).toEqual(['', []])
  })
})

describe('a way around the policies', () => {
  const ways: readonly (readonly [rule: FindingRule, object: string, made: string])[] = [
    ['view-without-invoker', 'public.plain', 'create view plain as select * from docs'],
    ['materialized-view', 'public.kept', 'create materialized view kept as select * from docs'],
    [
      'definer-function',
      'public.all_docs()',
      `create function all_docs() returns setof docs language sql security definer
        as 'select * from docs'`,
    ],
    [
      'rule-on-table',
      'public.docs swap',
      `create rule swap as on insert to docs do instead insert into marks values (new.id, null)`,
    ],
    ['truncate-granted', 'public.docs ROLE', 'grant truncate on docs to ROLE'],
  ]

  // mutation src/row-security/verify-row-security.ts: ...bypassFindings(inspection) => ...[]
  it.each(ways)('is found: %s', async (rule, object, made) => {
    await withPolicies('docs', [`p using (tenant_id = ${tenant})`], async () => {
      await world.admin.query(made.replaceAll('ROLE', world.role))
      await world.admin.query(`grant select on all tables in schema public to ${world.role}`)
      const findings = await verifyRowSecurity(world.admin, schema, { roles: [world.role] })
      const [found, ...others] = findings.filter((each) => each.rule === rule)
      expect(others).toEqual([])
      expect(found).toMatchObject({ object: object.replaceAll('ROLE', world.role) })
      for (const statement of found?.mend ?? []) await world.admin.query(statement)
      const after = await verifyRowSecurity(world.admin, schema, { roles: [world.role] })
      expect(after.filter((each) => each.rule === rule)).toEqual([])
    })
  })

  // mutation src/row-security/verify-row-security.ts: serving.length > 0 => true
  it('is found where only a superuser can serve tenants', async () => {
    for (const roles of [[], undefined]) {
      await world.admin.query('begin')
      try {
        const { rows: others } = await world.admin.query<{ name: string }>(
          `select quote_ident(rolname) as name from pg_roles where rolcanlogin and oid <> 10`,
        )
        for (const { name } of others) await world.admin.query(`alter role ${name} nologin`)
        const findings = await verifyRowSecurity(world.admin, schema, { roles })
        expect(findings).toContainEqual(
          expect.objectContaining({ rule: 'role-is-superuser', severity: 'CRITICAL', mend: [] }),
        )
      } finally {
        await world.admin.query('rollback')
      }
    }
  })
})
