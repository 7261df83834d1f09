import {
  defineTenantSchema,
  ownedThrough,
  owner,
  splitStatements,
  type TenantSchema,
} from '@partywall/sql'
import { auditTenantSchema, auditText, type Finding } from '@partywall/sql/audit'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(async () => {
  await server.stop()
})

/** Work with a database of its own in which these statements were run. */
async function withDatabase(
  texts: readonly string[],
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const database = await server.createDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    for (const text of texts) await client.query(text)
    await work(client)
  } finally {
    await client.end()
    await database.drop()
  }
}

const parents = defineTenantSchema({ p: owner('tenant_id'), c: owner('tenant_id') })
const single = defineTenantSchema({ t: owner('tenant_id') })
/** A role that reaches none of these tables. */
const byNobody = { roles: ['pg_monitor'] }

const identity = ({ rule, object }: Finding): string => `${rule}: ${object}`

async function findingOf(client: pg.Client, schema: TenantSchema, found: string): Promise<Finding> {
  const findings = await auditTenantSchema(client, schema, byNobody)
  const finding = findings.find((each) => identity(each) === found)
  if (finding === undefined) throw new Error(`${found} is not in ${findings.map(identity)}`)
  return finding
}

async function constraints(client: pg.Client, table: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ text: string }>(
    `select conname || ' ' || pg_get_constraintdef(oid) as text from pg_constraint
     where conrelid = $1::regclass and contype <> 'n' order by conname`,
    [table],
  )
  return rows.map(({ text }) => text)
}

/** What `psql` does with a text: each statement by itself, the next one also after an error. */
async function runAsPsql(client: pg.Client, text: string): Promise<readonly string[]> {
  const errors: string[] = []
  for (const statement of await splitStatements(text)) {
    try {
      await client.query(statement.text)
    } catch (error) {
      errors.push(String(error))
    }
  }
  return errors
}

const parent = 'create table p (id int primary key, tenant_id text not null)'
const child =
  'create table c (id int, tenant_id text not null, p_id int, primary key (tenant_id, id))'

// mutation src/audit/report.ts: return isApart ? lines : => return true ? lines :
it('keeps what was there where rows do not let it be made again', async () => {
  const plant = [
    parent,
    child,
    'alter table c add foreign key (p_id) references p (id)',
    `insert into p values (1, 'acme')`,
    `insert into c values (1, 'globex', 1)`,
  ]
  await withDatabase(plant, async (client) => {
    const before = [await constraints(client, 'c'), await constraints(client, 'p')]
    const text = auditText(await auditTenantSchema(client, parents, byNobody))
    expect((await runAsPsql(client, text)).join('\n')).toContain('violates foreign key constraint')
    expect(await constraints(client, 'c')).toEqual(before[0])
    expect(await constraints(client, 'p')).toEqual(expect.arrayContaining([...(before[1] ?? [])]))
    await findingOf(client, parents, 'foreign-key-without-owner: public.c c_p_id_fkey')
  })
})

// mutation src/audit/report.ts: [...findings.filter(isFirst), ...findings => [...findings.filter(() => false), ...findings
it('adds columns before the policies and keys that are made of them', async () => {
  await withDatabase(['create table t (id int, slug text unique)'], async (client) => {
    const text = auditText(await auditTenantSchema(client, single, byNobody))
    expect(await runAsPsql(client, text)).toEqual([])
    const left = await auditTenantSchema(client, single, byNobody)
    expect(left.map(identity)).toEqual(['owner-nullable: public.t tenant_id'])
  })
})

describe('a foreign key that is made again', () => {
  const keys = [
    [
      'foreign key (p_id) references p not valid',
      ['FOREIGN KEY (tenant_id, p_id) REFERENCES p(tenant_id, id) NOT VALID'],
    ],
    [
      'foreign key (p_id) references p not enforced',
      ['FOREIGN KEY (tenant_id, p_id) REFERENCES p(tenant_id, id) NOT ENFORCED'],
    ],
    [
      'foreign key (p_id) references p match full deferrable initially deferred',
      ['FOREIGN KEY (tenant_id, p_id) REFERENCES p(tenant_id, id) DEFERRABLE INITIALLY DEFERRED'],
    ],
    [
      'foreign key (p_id, x) references p (id, x) match full',
      [
        'FOREIGN KEY (tenant_id, p_id, x) REFERENCES p(tenant_id, id, x)',
        'CHECK ((num_nulls(p_id, x) = ANY (ARRAY[0, 2])))',
      ],
    ],
    [
      'foreign key (p_id, x) references p (id, x) match full not enforced',
      [
        'FOREIGN KEY (tenant_id, p_id, x) REFERENCES p(tenant_id, id, x) NOT ENFORCED',
        'CHECK ((num_nulls(p_id, x) = ANY (ARRAY[0, 2]))) NOT ENFORCED',
      ],
    ],
  ] as const
  // mutation src/audit/paired-key.ts: if (!enforced) return ' NOT ENFORCED' => if (!enforced) return ''
  // mutation src/audit/paired-key.ts: return validated ? '' : ' NOT VALID' => return ''
  // mutation src/audit/paired-key.ts: ...(reference.full && columns.length > 1 => ...(columns.length > 9
  it.each(keys)('holds as far as before: %s', async (key, wanted) => {
    const plant = [
      parent,
      'alter table p add x int, add unique (id, x)',
      child,
      `alter table c add x int, add constraint "the key" ${key}`,
    ]
    await withDatabase(plant, async (client) => {
      const { mend } = await findingOf(
        client,
        parents,
        'foreign-key-without-owner: public.c the key',
      )
      for (const statement of mend) await client.query(statement)
      const found = (await constraints(client, 'c')).filter((each) => each.startsWith('the key'))
      expect(found.map((each) => each.replace(/^the key(?:_full)? /, ''))).toEqual(wanted)
    })
  })
})

describe('a mend', () => {
  const odd = [
    [
      'unique-without-owner: public.t x USING btree (y',
      ['create unique index "x USING btree (y" on t (a)'],
    ],
    [
      'unique-without-owner: public.t a" USING btree (',
      ['create unique index "a"" USING btree (" on t (lower(a)) where id > 0'],
    ],
    [
      'unique-without-owner: public.t t_id_r_key',
      ['create extension btree_gist', 'alter table t add unique (id, r without overlaps)'],
    ],
    [
      'unique-without-owner: public.t t_x_r_key',
      ['alter table t add x int4range', 'alter table t add unique (x, r without overlaps)'],
    ],
    [
      'overload-in-path: function public.mode(point)',
      ['create aggregate public.mode(order by point) (sfunc = point_add, stype = point)'],
    ],
    [
      'overload-in-path: function public.percentile_cont(text, point)',
      [
        `create aggregate percentile_cont(text order by point) (sfunc = point_add, stype = point, initcond = '(0,0)')`,
      ],
    ],
  ] as const
  // mutation src/audit/with-leading-column.ts: index.definition.replace(head, '') => index.definition.slice(index.definition.indexOf('(') + 1)
  // mutation src/audit/unique-findings.ts: index.method === 'gist' => isExclusion
  // mutation src/row-security/load-security-catalogue.ts: prokind when 'a' then => prokind when 'x' then
  it.each(odd)('is run for what has an odd form: %s', async (found, plant) => {
    const world = [
      'create table t (id int, tenant_id text not null, a text, r int4range)',
      'create index on t (tenant_id)',
      ...plant,
    ]
    await withDatabase(world, async (client) => {
      const { mend } = await findingOf(client, single, found)
      expect(mend).not.toEqual([])
      for (const statement of mend) await client.query(statement)
      const left = (await auditTenantSchema(client, single, byNobody)).map(identity)
      expect(left).not.toContain(found)
    })
  })

  const uuids = defineTenantSchema({ t: owner('tenant_id', { type: 'uuid' }) })
  const hopeless = [
    [
      'unique-without-owner: public.t t_a_excl',
      ['alter table t add exclude using hash (a with =)'],
      /hash indexes have one column only/,
      single,
    ],
    [
      'unique-without-owner: public.t t_r_excl',
      ['alter table t add exclude using spgist (r with &&)'],
      /spgist indexes have one column only/,
      single,
    ],
    [
      'unique-without-owner: public.t t_pkey',
      ['alter table t add primary key (id)', 'create view v as select id, a from t group by id'],
      /before it can be mended: rule _RETURN on view v needs it as it is/,
      single,
    ],
    [
      'unique-without-owner: public.t t_pkey',
      ['alter table t add primary key (id)', 'create table other (t_id int references t)'],
      /other_t_id_fkey of public\.other relies on it/,
      single,
    ],
    [
      'owner-type: public.t tenant_id',
      [
        'alter table t alter tenant_id type char(8)',
        `create policy mine on t using (tenant_id = 'x')`,
        'create view v as select tenant_id from t',
      ],
      /make it again afterwards: policy mine on table t, rule _RETURN on view v$/,
      single,
    ],
    [
      'owner-type: public.t tenant_id',
      ['alter table t alter tenant_id type int using 1'],
      /declare it as it is/,
      uuids,
    ],
  ] as const
  // mutation src/audit/unique-findings.ts: const manyColumned = ['btree', 'gist'] => const manyColumned = ['btree', 'gist', 'hash']
  // mutation src/audit/unique-findings.ts: ...index.neededBy.map( => ...[].map(
  // mutation src/audit/declaration-findings.ts: if (users.length === 0) return undefined => if (users.length < 9) return undefined
  // mutation src/audit/declaration-findings.ts: (found.type === 'uuid' && isNumber) || (numbers.includes(found.type) && type === 'uuid') => found.type === 'uuid' && isNumber
  it.each(hopeless)(
    'is left to a person where it would fail: %s',
    async (found, plant, says, schema) => {
      const world = [
        'create table t (id int, tenant_id text not null, a text, r int4range)',
        ...plant,
      ]
      await withDatabase(world, async (client) => {
        const { mend, reason } = await findingOf(client, schema, found)
        expect(reason).toMatch(says)
        expect(mend).toEqual([])
      })
    },
  )

  it('changes the type of an owner column that only keys are made of', async () => {
    const plant = [
      'create table t (id int, tenant_id char(8) not null, primary key (tenant_id, id))',
      `insert into t values (1, 'acme')`,
    ]
    await withDatabase(plant, async (client) => {
      const { mend } = await findingOf(client, single, 'owner-type: public.t tenant_id')
      for (const statement of mend) await client.query(statement)
      const { rows } = await client.query(`select id from t where tenant_id = 'acme'`)
      expect(rows).toEqual([{ id: 1 }])
      const left = (await auditTenantSchema(client, single, byNobody)).map(identity)
      expect(left).toEqual(['row-security-disabled: public.t'])
    })
  })

  const sharing = defineTenantSchema({ t: owner('tenant_id', { shared: 'null' }) })
  const shared = [
    'create table t (id int not null, tenant_id text, slug text not null, a text)',
    `insert into t values (1, 'acme', 'x'), (2, null, 'y')`,
  ]
  const ofShared = [
    [
      't_pkey',
      'alter table t add primary key (id)',
      /need an owner in tenant_id, since a primary key/,
    ],
    ['t_a_key', 'alter table t add unique (a)', /NULLS NOT DISTINCT, or an index of their own/],
    ['t_slug', 'create unique index t_slug on t (slug)', /decide how rows/],
    ['t_excl', 'alter table t add constraint t_excl exclude (slug with =)', /decide how rows/],
  ] as const
  // mutation src/audit/unique-findings.ts: isPlain && others.every((column) => column?.notNull === true) => isPlain
  it.each(ofShared)(
    'is left to a person where shared rows would be bound no more: %s',
    async (name, plant, says) => {
      await withDatabase([...shared, plant], async (client) => {
        const found = `unique-without-owner: public.t ${name}`
        const { mend, reason } = await findingOf(client, sharing, found)
        expect(reason).toMatch(says)
        expect(mend).toEqual([])
      })
    },
  )

  // mutation src/audit/unique-findings.ts: nullsTogether && !constraint => !nullsTogether && !constraint
  it.each(['unique (slug)', 'unique nulls not distinct (slug)'])(
    'keeps shared rows unique among themselves: %s',
    async (key) => {
      await withDatabase([...shared, `alter table t add ${key}`], async (client) => {
        const found = 'unique-without-owner: public.t t_slug_key'
        const { mend } = await findingOf(client, sharing, found)
        for (const statement of mend) await client.query(statement)
        await client.query(`insert into t values (3, 'acme', 'y'), (4, 'globex', 'x')`)
        await expect(client.query(`insert into t values (5, null, 'y')`)).rejects.toThrow(/t_slug/)
        const left = (await auditTenantSchema(client, sharing, byNobody)).map(identity)
        expect(left).not.toContain(found)
      })
    },
  )

  it('says what has to be done first where rows without an owner would stop it', async () => {
    const plant = [...shared, 'alter table t add primary key (id), add unique (slug)']
    await withDatabase(plant, async (client) => {
      const said = [
        ['unique-without-owner: public.t t_pkey', /need one first: a primary key takes no NULL/],
        ['unique-without-owner: public.t t_slug_key', /need one first: it would not bind them/],
        ['owner-nullable: public.t tenant_id', /give each row its owner first, or declare/],
      ] as const
      for (const [found, says] of said) {
        expect((await findingOf(client, single, found)).reason).toMatch(says)
      }
      await client.query(`update t set tenant_id = 'globex' where tenant_id is null`)
      const text = auditText(await auditTenantSchema(client, single, byNobody))
      expect(await runAsPsql(client, text)).toEqual([])
    })
  })

  it('says so of rows that refer to nothing, too', async () => {
    const plant = ['create table p (id int primary key, tenant_id text not null)']
    plant.push('create table c (p_id int references p)', 'insert into c values (null)')
    await withDatabase(plant, async (client) => {
      const schema = defineTenantSchema({ p: owner('tenant_id'), c: ownedThrough('p_id') })
      const found = 'declaration-contradicts: public.c p_id'
      expect((await findingOf(client, schema, found)).reason).toMatch(/or go, first$/)
    })
  })
})
