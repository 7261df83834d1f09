import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { defineTenantSchema, global, ownedThrough, owner, type TenantSchema } from '@partywall/sql'
import { auditDatabase, auditTenantSchema, type Finding, findingRules } from '@partywall/sql/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuditedWorld, auditedSchema, startAuditedWorld } from './audited-world.ts'

type AnyTables = Record<string, Record<string, unknown>>

let world: AuditedWorld
beforeAll(async () => {
  world = await startAuditedWorld()
})
afterAll(async () => {
  await world.stop()
})

function audit(schema: TenantSchema = auditedSchema): Promise<readonly Finding[]> {
  return auditTenantSchema(world.admin, schema, { roles: [world.role] })
}

const identity = ({ rule, object }: Finding): string => `${rule}: ${object}`

/** Runs work after these statements, and takes everything back. */
async function after<Result>(
  texts: readonly string[],
  work: () => Promise<Result>,
): Promise<Result> {
  await world.admin.query('begin')
  try {
    for (const text of texts) await world.admin.query(text.replaceAll('ROLE', world.role))
    return await work()
  } finally {
    await world.admin.query('rollback')
  }
}

/** What was planted, what must be found of it, and how the tables are declared then. */
interface Fault {
  readonly plant: readonly string[]
  readonly found: string
  readonly severity: Finding['severity']
  readonly schema?: TenantSchema
  /** What the reason must say where only a person can mend it. */
  readonly says?: RegExp
}

/** The schema with one more table. */
function withTable(name: string, table: unknown): TenantSchema {
  const tables: Record<string, unknown> = { [name]: table }
  for (const [key, relation] of auditedSchema.relations) tables[key] = relation.table
  // Put together from declarations.
  return defineTenantSchema<AnyTables>(tables as never)
}

const faults: readonly Fault[] = [
  {
    plant: ['alter table users disable row level security'],
    found: 'row-security-disabled: public.users',
    severity: 'HIGH',
  },
  {
    plant: ['alter table events_a disable row level security'],
    found: 'row-security-disabled: public.events_a',
    severity: 'HIGH',
  },
  {
    plant: ['alter table users no force row level security'],
    found: 'row-security-not-forced: public.users',
    severity: 'HIGH',
  },
  {
    plant: ['create policy sesame on users using (true)'],
    found: 'policy-does-not-confine: public.users sesame',
    severity: 'CRITICAL',
  },
  {
    plant: [`alter role ROLE set partywall.tenant = 'acme'`],
    found: 'setting-has-default: ROLE in every database',
    severity: 'CRITICAL',
  },
  {
    plant: ['alter role ROLE set transform_null_equals = on'],
    found: 'null-equals: sessions of ROLE in every database',
    severity: 'HIGH',
  },
  { plant: ['alter role ROLE superuser'], found: 'role-is-superuser: ROLE', severity: 'CRITICAL' },
  {
    plant: ['alter role ROLE bypassrls'],
    found: 'role-bypasses-row-security: ROLE',
    severity: 'CRITICAL',
  },
  {
    plant: [
      'create role partywall_test_far bypassrls',
      'create role partywall_test_near',
      'grant partywall_test_far to partywall_test_near',
      'grant partywall_test_near to ROLE',
    ],
    found: 'role-bypasses-row-security: ROLE as partywall_test_far',
    severity: 'CRITICAL',
  },
  {
    plant: ['grant pg_execute_server_program to ROLE'],
    found: 'role-is-superuser: ROLE as pg_execute_server_program',
    severity: 'CRITICAL',
  },
  {
    plant: ['alter table users owner to ROLE', 'alter table lines owner to ROLE'],
    found: 'role-owns-table: ROLE',
    severity: 'HIGH',
  },
  {
    plant: [
      'create role partywall_test_owner',
      'alter table users owner to partywall_test_owner',
      'grant partywall_test_owner to ROLE',
    ],
    found: 'role-owns-table: ROLE as partywall_test_owner',
    severity: 'HIGH',
  },
  {
    plant: ['alter role ROLE replication'],
    found: 'role-bypasses-row-security: ROLE',
    severity: 'CRITICAL',
  },
  {
    plant: ['alter role ROLE bypassrls replication'],
    found: 'role-bypasses-row-security: ROLE',
    severity: 'CRITICAL',
  },
  {
    plant: ['alter schema public owner to ROLE'],
    found: 'role-owns-schema: ROLE',
    severity: 'HIGH',
  },
  {
    plant: [
      `do $$ begin execute format('alter database %I owner to ROLE', current_database()); end $$`,
    ],
    found: 'role-owns-schema: ROLE as pg_database_owner',
    severity: 'HIGH',
  },
  {
    plant: [
      'create role partywall_test_base',
      `do $$ begin execute format('alter database %I owner to partywall_test_base', current_database()); end $$`,
      'grant partywall_test_base to ROLE',
    ],
    found: 'role-owns-schema: ROLE as pg_database_owner',
    severity: 'HIGH',
  },
  {
    plant: ['alter table lines alter order_id drop not null'],
    found: 'declaration-contradicts: public.lines order_id',
    severity: 'HIGH',
  },
  {
    plant: ['alter table lines alter constraint lines_order_id_fkey deferrable'],
    found: 'declaration-contradicts: public.lines order_id',
    severity: 'HIGH',
  },
  {
    plant: ['create table notes (tenant_id text, body text)', 'grant select on notes to ROLE'],
    found: 'table-undeclared: public.notes',
    severity: 'HIGH',
  },
  {
    plant: [
      'create table notes (tenant_id text, body text)',
      'grant update (body) on notes to ROLE',
    ],
    found: 'table-undeclared: public.notes',
    severity: 'HIGH',
  },
  ...['pg_read_all_data', 'pg_write_all_data'].map(
    (all): Fault => ({
      plant: ['create table notes (tenant_id text, body text)', `grant ${all} to ROLE`],
      found: 'table-undeclared: public.notes',
      severity: 'HIGH',
    }),
  ),
  {
    plant: [
      'alter table lines drop constraint lines_order_id_not_null',
      'alter table lines add constraint later not null order_id not valid',
    ],
    found: 'declaration-contradicts: public.lines order_id',
    severity: 'HIGH',
  },
  {
    plant: ['alter table countries add tenant_id text'],
    found: 'declaration-contradicts: public.countries',
    severity: 'MEDIUM',
    says: /declare it as owner\('tenant_id'\)/,
  },
  {
    plant: [
      'create table tenants (id text primary key)',
      'grant select on tenants to ROLE',
      `insert into tenants values ('acme'), ('globex')`,
      'alter table orders add foreign key (tenant_id) references tenants',
    ],
    found: 'declaration-contradicts: public.tenants',
    severity: 'MEDIUM',
    schema: withTable('tenants', global()),
    says: /owner columns refer to its id.*owner\('id'\)/,
  },
  {
    plant: [
      'create table tenants (id text primary key)',
      'grant select on tenants to ROLE',
      `insert into tenants values ('acme'), ('globex')`,
      'alter table orders add foreign key (tenant_id) references tenants',
    ],
    found: 'table-undeclared: public.tenants',
    severity: 'HIGH',
  },
  {
    plant: ['create table notes (body text)', 'grant select on notes to public'],
    found: 'table-without-owner: public.notes',
    severity: 'HIGH',
  },
  {
    plant: ['create table tags (name text)'],
    found: 'table-without-owner: public.tags',
    severity: 'HIGH',
    schema: withTable('tags', owner('tenant_id')),
  },
  {
    plant: ['create table tags (tenant_id char(8) not null)', 'create index on tags (tenant_id)'],
    found: 'owner-type: public.tags tenant_id',
    severity: 'HIGH',
    schema: withTable('tags', owner('tenant_id')),
  },
  {
    plant: [
      `create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
      'create table tags (tenant_id text collate loose not null)',
      'create index on tags (tenant_id)',
    ],
    found: 'owner-type: public.tags tenant_id',
    severity: 'HIGH',
    schema: withTable('tags', owner('tenant_id')),
  },
  {
    plant: ['create table tags (tenant_id text)', 'create index on tags (tenant_id)'],
    found: 'owner-nullable: public.tags tenant_id',
    severity: 'MEDIUM',
    schema: withTable('tags', owner('tenant_id')),
  },
  {
    plant: [
      'create table tags (tenant_id text)',
      'create index on tags (tenant_id)',
      'alter table tags add constraint later not null tenant_id not valid',
    ],
    found: 'owner-nullable: public.tags tenant_id',
    severity: 'MEDIUM',
    schema: withTable('tags', owner('tenant_id')),
  },
  {
    plant: ['alter table lines add slug text unique'],
    found: 'unique-without-owner: public.lines lines_slug_key',
    severity: 'MEDIUM',
  },
  {
    plant: ['alter table users add unique (email)'],
    found: 'unique-without-owner: public.users users_email_key',
    severity: 'MEDIUM',
  },
  {
    plant: ['alter table users add unique nulls not distinct (email) include (name)'],
    found: 'unique-without-owner: public.users users_email_name_key',
    severity: 'MEDIUM',
  },
  {
    plant: [`create unique index "odd ""name" on users (lower(email)) where email <> ''`],
    found: 'unique-without-owner: public.users odd "name',
    severity: 'MEDIUM',
  },
  {
    plant: ['alter table users add exclude using btree (email with =)'],
    found: 'unique-without-owner: public.users users_email_excl',
    severity: 'MEDIUM',
  },
  {
    plant: ['alter table users add code uuid', 'alter table users add unique (code)'],
    found: 'unique-without-owner: public.users users_code_key',
    severity: 'LOW',
  },
  {
    plant: [
      'create table tags (id int primary key, tenant_id text not null, parent_id int references tags (id) on delete set null)',
      'create index on tags (tenant_id)',
    ],
    found: 'unique-without-owner: public.tags tags_pkey',
    severity: 'MEDIUM',
    schema: withTable('tags', owner('tenant_id')),
  },
  {
    plant: ['alter table orders add backup_id int references orders (id)'],
    found: 'foreign-key-without-owner: public.orders orders_backup_id_fkey',
    severity: 'MEDIUM',
  },
  {
    plant: [
      'alter table orders add backup_id int references orders (id) on delete set null on update cascade deferrable initially deferred',
    ],
    found: 'foreign-key-without-owner: public.orders orders_backup_id_fkey',
    severity: 'HIGH',
  },
  {
    plant: [
      'alter table users add backup_id int',
      'alter table users add foreign key (tenant_id, backup_id) references users (tenant_id, id) on delete set null',
    ],
    found: 'foreign-key-without-owner: public.users users_tenant_id_backup_id_fkey',
    severity: 'HIGH',
  },
  {
    plant: ['alter table countries add order_id int references orders (id)'],
    found: 'foreign-key-without-owner: public.countries countries_order_id_fkey',
    severity: 'MEDIUM',
  },
  {
    plant: ['alter table lines add other_id int references orders (id)'],
    found: 'foreign-key-without-owner: public.lines lines_other_id_fkey',
    severity: 'MEDIUM',
  },
  {
    plant: [
      'alter table lines add id int unique',
      'alter table users add line_id int references lines (id)',
    ],
    found: 'foreign-key-without-owner: public.users users_line_id_fkey',
    severity: 'MEDIUM',
    says: /give public\.lines an owner column that is never NULL/,
  },
  {
    plant: [
      'alter table roles add unique (id)',
      'alter table users add role_id int references roles (id)',
    ],
    found: 'foreign-key-without-owner: public.users users_role_id_fkey',
    severity: 'MEDIUM',
    says: /give public\.roles an owner column that is never NULL/,
  },
  {
    plant: [
      'alter table roles add unique (id)',
      'alter table users add role_id int references roles (id)',
    ],
    found: 'unique-without-owner: public.roles roles_id_key',
    severity: 'MEDIUM',
    says: /before it can be mended: users_role_id_fkey of public\.users relies on it/,
  },
  {
    plant: ['drop index roles_tenant_id_idx'],
    found: 'owner-not-indexed: public.roles tenant_id',
    severity: 'MEDIUM',
  },
  {
    plant: ['drop index lines_order_id_idx'],
    found: 'owner-not-indexed: public.lines order_id',
    severity: 'MEDIUM',
  },
  {
    plant: ['create index by_name on users (name desc, (lower(email))) include (id) where id > 0'],
    found: 'index-not-led-by-owner: public.users by_name',
    severity: 'LOW',
  },
  {
    plant: ['create index by_id on events (id)'],
    found: 'index-not-led-by-owner: public.events by_id',
    severity: 'LOW',
  },
  {
    plant: [
      `create function "all users"(text, "limit" int default 1) returns bigint language sql security definer as 'select count(*) from users'`,
    ],
    found: 'definer-function: public."all users"(text, "limit" integer)',
    severity: 'HIGH',
  },
  {
    plant: ['create view names as select name from users', 'grant select on names to ROLE'],
    found: 'view-without-invoker: public.names',
    severity: 'HIGH',
  },
  {
    plant: ['create view names as select id from order_view', 'grant select on names to ROLE'],
    found: 'view-without-invoker: public.names',
    severity: 'HIGH',
  },
  {
    plant: [
      'create materialized view kept_names as select name from users',
      'grant select on kept_names to ROLE',
    ],
    found: 'materialized-view: public.kept_names',
    severity: 'HIGH',
  },
  {
    plant: ['create view names as select name from users', 'grant select (name) on names to ROLE'],
    found: 'view-without-invoker: public.names',
    severity: 'HIGH',
  },
  {
    plant: [
      'create materialized view kept_names as select name from users',
      'grant select (name) on kept_names to ROLE',
    ],
    found: 'materialized-view: public.kept_names',
    severity: 'HIGH',
  },
  {
    plant: [
      'create materialized view kept_names as select name from users',
      'create role partywall_test_reader',
      'grant pg_read_all_data to partywall_test_reader',
      'grant partywall_test_reader to ROLE',
    ],
    found: 'materialized-view: public.kept_names',
    severity: 'HIGH',
  },
  {
    plant: [
      'create rule v_ins as on insert to order_view do instead insert into orders values (new.id, new.tenant_id)',
      'grant insert on order_view to ROLE',
    ],
    found: 'rule-on-table: public.order_view v_ins',
    severity: 'HIGH',
  },
  {
    plant: [
      'create view inbox with (security_invoker = true) as select 1 as id',
      `create rule v_ins as on insert to inbox do instead insert into orders values (new.id, 'globex')`,
      'grant insert on inbox to ROLE',
    ],
    found: 'rule-on-table: public.inbox v_ins',
    severity: 'HIGH',
  },
  {
    plant: ['create rule "quiet one" as on delete to users do instead nothing'],
    found: 'rule-on-table: public.users quiet one',
    severity: 'HIGH',
  },
  {
    plant: ['grant truncate on users to ROLE'],
    found: 'truncate-granted: public.users ROLE',
    severity: 'HIGH',
  },
  {
    plant: ['grant truncate on users to public'],
    found: 'truncate-granted: public.users public',
    severity: 'HIGH',
  },
  {
    plant: [`create function lower(varchar) returns text language sql as 'select $1::text'`],
    found: 'overload-in-path: function public.lower(character varying)',
    severity: 'CRITICAL',
  },
  {
    plant: [
      `create function same(varchar, varchar) returns boolean language sql as 'select true'`,
      'create operator = (leftarg = varchar, rightarg = varchar, function = same)',
    ],
    found: 'overload-in-path: operator public.= (character varying, character varying)',
    severity: 'CRITICAL',
  },
  ...(
    [
      ['alter table users alter name set default number()', 'public.users name'],
      [
        'alter table users add mark text generated always as (number()) stored',
        'public.users mark',
      ],
      [
        'alter table users add constraint "is fine" check (number() <> name)',
        'public.users is fine',
      ],
      ['alter table users alter name type numbered', 'public.numbered numbered_check'],
      [
        'alter domain numbered set default number(); alter table users add label numbered',
        'public.numbered',
      ],
    ] as const
  ).map(
    ([change, object]): Fault => ({
      plant: [
        `create function number() returns text language sql immutable as 'select count(*)::text from users'`,
        'create domain numbered as text',
        `alter domain numbered add check (value <> 'x' || number())`,
        change,
      ],
      found: `stored-code: ${object}`,
      severity: 'HIGH',
    }),
  ),
  {
    plant: [
      `create type mood as enum ('calm'); create function of_mood(mood) returns int language sql as 'select 1'`,
      'create cast (mood as int) with function of_mood(mood)',
    ],
    found: 'cast-by-function: cast mood as integer',
    severity: 'HIGH',
  },
  {
    plant: ['create cast (oid as bytea) with function pg_catalog.lo_get(oid)'],
    found: 'cast-by-function: cast oid as bytea',
    severity: 'HIGH',
  },
]

it('has nothing to say of a database that is as it should be', async () => {
  expect(await audit()).toEqual([])
})

const cases = faults.map((fault) => [fault.found, fault.plant.at(-1), fault] as const)

describe('a fault', () => {
  // mutation src/audit/unique-findings.ts: key?.plain === true && owners.includes(key.column) => key !== null
  // mutation src/audit/unique-findings.ts: if (table.kind === 'through') return table.through => if (table.kind === 'through') return []
  // mutation src/audit/unique-findings.ts: if (again === undefined || obstacles.length > 0) { => if (again === undefined) {
  // mutation src/audit/foreign-key-findings.ts: if (other.kind !== 'owner' || other.shared !== undefined) return false => if (other.kind !== 'owner' || other.shared !== undefined) return true
  // mutation src/audit/undeclared-findings.ts: foreignKey.columns.indexOf(table.column) => foreignKey.columns.indexOf('')
  // mutation src/audit/code-findings.ts: if (!readBy(key, catalogue.security).some(isOwned) || => if (key !== '' ||
  // mutation src/row-security/role-findings.ts: if (!isSuper && !target.bypasses && !target.replicates) return [] => if (!isSuper && !target.bypasses) return []
  // mutation src/row-security/load-security-catalogue.ts: b.datname = pg_catalog.current_database() and b.datdba = r.oid => false
  // mutation src/row-security/load-security-catalogue.ts: cross join pg_catalog.aclexplode(a.attacl) x => cross join pg_catalog.aclexplode(null) x
  // mutation src/row-security/load-security-catalogue.ts: ('pg_read_all_data', 'SELECT') => ('pg_monitor', 'SELECT')
  // mutation src/row-security/load-security-catalogue.ts: k.contype = 'n' and not k.convalidated => false
  it.each(cases)(
    'is found and mended: %s (%s)',
    async (...[, , { plant, found, severity, schema, says }]) => {
      await after(plant, async () => {
        const wanted = found.replaceAll('ROLE', world.role)
        const finding = (await audit(schema)).find((each) => identity(each) === wanted)
        expect(finding, wanted).toMatchObject({ severity, object: expect.any(String) })
        expect(finding?.reason).toMatch(says ?? /./)
        if (says !== undefined) return expect(finding?.mend).toEqual([])
        expect(finding?.mend).not.toEqual([])
        for (const statement of finding?.mend ?? []) await world.admin.query(statement)
        expect((await audit(schema)).map(identity)).not.toContain(wanted)
      })
    },
  )

  it('is planted here for every rule', () => {
    const planted = new Set(faults.map(({ found }) => found.split(':')[0]))
    expect(findingRules.filter((rule) => !planted.has(rule))).toEqual([])
  })

  it('does not come alone: mending one after the other ends with none', async () => {
    // Two of them cannot be planted at once.
    const kinds = new Map<string, Fault>()
    for (const fault of faults) {
      const [rule = ''] = fault.found.split(':')
      const isApart = fault.schema !== undefined || /^(?:role-is|role-owns|table)/.test(rule)
      if (!isApart && !kinds.has(rule)) kinds.set(rule, fault)
    }
    const once = [...kinds.values()]
    expect(once.length).toBeGreaterThan(15)
    await after(
      once.flatMap(({ plant }) => plant),
      async () => {
        for (let round = 0; round < 60; round += 1) {
          // What cannot be judged before something else is mended has no mend of its own.
          const finding = (await audit()).find(({ mend }) => mend.length > 0)
          if (finding === undefined) break
          for (const statement of finding.mend) await world.admin.query(statement)
        }
        expect((await audit()).map(identity)).toEqual([])
      },
    )
  })
})

describe('what is no fault', () => {
  it.each([
    ['a key by which another table is owned', []],
    ['a table out of reach', ['create table notes (tenant_id text)']],
    ['a view out of reach', ['create view names as select name from users']],
    [
      'a rule of a view out of reach',
      [
        'create view names as select name from users',
        'create rule quiet as on delete to names do instead delete from users',
      ],
    ],
    ['a schema that holds nothing of tenants', ['create schema other authorization ROLE']],
    [
      'a view over what all tenants share',
      ['create view names as select name from countries', 'grant select on names to ROLE'],
    ],
    [
      'a policy for somebody else',
      [
        'create role partywall_test_auditor',
        'create policy all_rows on users to partywall_test_auditor using (true)',
      ],
    ],
    ['a role that serves nobody', ['create role partywall_test_mighty superuser login']],
    [
      'a definer that nobody may call',
      [
        `create function hidden() returns int language sql security definer as 'select 1'`,
        'revoke execute on function hidden from public',
      ],
    ],
    [
      'a reference to what all tenants share',
      ['alter table users add country int references countries (id) on delete cascade'],
    ],
    ['TRUNCATE of what all tenants share', ['grant truncate on countries to ROLE']],
    ['an index of another kind', ['create index on users using brin (id)']],
  ] as const)('%s', async (_, plant) => {
    await after(plant, async () => {
      expect((await audit()).map(identity)).toEqual([])
    })
  })

  it('a unique key without its owner where the schema declares that oracle', async () => {
    const schema = withTable('tags', owner('tenant_id', { keyOracle: true }))
    const plant = [
      'create table tags (tenant_id text not null, slug text unique)',
      'create index on tags (tenant_id)',
    ]
    await after(plant, async () => {
      const rules = (await audit(schema)).map(({ rule }) => rule)
      expect(rules).toEqual(['row-security-disabled'])
    })
  })
})

describe('declarations that do not fit', () => {
  it('are findings, and do not keep the audit from the rest', async () => {
    const schema = defineTenantSchema<AnyTables>({
      users: owner('tenant_id'),
      gone: owner('tenant_id'),
      order_view: owner('tenant_id'),
      orders: owner('account_id'),
      lines: ownedThrough('order_id'),
      countries: global(),
    })
    const found = (await audit(schema)).map(identity)
    expect(found).toEqual(
      expect.arrayContaining([
        'declaration-contradicts: public.gone',
        'declaration-contradicts: public.order_view',
        'table-without-owner: public.orders',
        'table-undeclared: public.roles',
        'policy-does-not-confine: public.lines partywall_tenant',
        'policy-does-not-confine: public.orders partywall_tenant',
      ]),
    )
    expect(found.filter((each) => each.includes('public.users'))).toEqual([])
  })
})

interface Way extends AsyncDisposable {
  readonly url: string
}

/** A way to the server that breaks when something is asked. */
async function breakingAt(asked: string): Promise<Way> {
  const { searchParams, port, hostname } = new URL(world.url)
  const folder = searchParams.get('host')
  const door = createServer((near) => {
    const far =
      folder === null ? connect(Number(port), hostname) : connect(`${folder}/.s.PGSQL.${port}`)
    const broken = (): void => {
      near.destroy()
      far.destroy()
    }
    near.on('data', (bytes) => {
      if (bytes.includes(asked)) broken()
    })
    for (const socket of [near, far]) socket.on('error', broken)
    near.pipe(far).pipe(near)
  })
  door.listen(0, '127.0.0.1')
  await once(door, 'listening')
  const address = door.address()
  const way = new URL(world.url)
  way.searchParams.delete('host')
  way.hostname = '127.0.0.1'
  way.port = String(typeof address === 'object' ? address?.port : '')
  return {
    url: way.href,
    async [Symbol.asyncDispose]() {
      door.close()
      await once(door, 'close')
    },
  }
}

describe('an audit by a connection string', () => {
  // mutation src/audit/audit-tenant-schema.ts: client.on('error', () => {}) => client.on('notice', () => {})
  it('fails, and leaves the process alone, where the connection breaks', async () => {
    const uncaught: unknown[] = []
    const note = (error: unknown): void => void uncaught.push(error)
    await using way = await breakingAt('pg_policy')
    process.on('uncaughtExceptionMonitor', note)
    try {
      await expect(auditDatabase(way.url, auditedSchema)).rejects.toThrow(/terminated/)
      // The event comes in the same turn, if at all.
      await setImmediate()
    } finally {
      process.off('uncaughtExceptionMonitor', note)
    }
    expect(uncaught).toEqual([])
  })

  it('finds the same, for all roles that can log in where none is named', async () => {
    await world.admin.query('alter table users no force row level security')
    const named = await auditDatabase(world.url, auditedSchema, { roles: [world.role] })
    const all = await auditDatabase(world.url, auditedSchema)
    await world.admin.query('alter table users force row level security')
    expect(named.map(identity)).toEqual(['row-security-not-forced: public.users'])
    expect(all.map(identity)).toEqual(expect.arrayContaining(named.map(identity)))
  })

  it('says of the role that the cluster began with that another one must serve', async () => {
    const { rows } = await world.admin.query<{ name: string }>(
      'select rolname as name from pg_roles where oid = 10',
    )
    const findings = await auditDatabase(world.url, auditedSchema, { roles: [rows[0]?.name ?? ''] })
    const finding = findings.find(({ rule }) => rule === 'role-is-superuser')
    expect(finding).toMatchObject({ severity: 'CRITICAL', mend: [] })
    expect(finding?.reason).toContain('another role')
  })
})
