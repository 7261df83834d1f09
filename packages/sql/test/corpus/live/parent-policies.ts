import { defineTenantSchema, ownedThrough, owner } from '@partywall/sql'
import type { OtherDatabase } from './databases.ts'

const tenant = `(select nullif(pg_catalog.current_setting('app.tenant', true), '')::text)`
const ofCase = (child: string): string =>
  `exists (select 1 from cases as p1 where p1.id = ${child}.case_id and p1.tenant_id = ${tenant})`

/** A help desk whose tables have policies; those of remarks say what is to be tried. */
function desk(
  why: string,
  policy: string,
  reports: OtherDatabase['reports'],
  further = '',
): OtherDatabase {
  return {
    why: `policies of ${why}`,
    change: `create table cases (id int primary key, tenant_id text not null, number int not null unique);
      create table remarks (id int primary key, case_id int not null references cases (id), said text, other int,
        unique (case_id, said));
      create table scans (id int primary key, remark_id int not null references remarks (id));
      create table strangers (id int primary key);
      create table badges (id int primary key, tenant_id text not null);
      ${['cases', 'remarks', 'scans'].map((table) => `alter table ${table} enable row level security;`).join('')}
      create policy own on cases using (tenant_id = ${tenant});
      create policy own on remarks using (${policy});
      create policy own on scans using (exists (select 1 from remarks as p1 where p1.id = scans.remark_id and
        exists (select 1 from cases as p2 where p2.id = p1.case_id and p2.tenant_id = ${tenant})));
      ${further}`,
    declared: defineTenantSchema({
      cases: owner('tenant_id', { model: 'HelpCase' }),
      remarks: ownedThrough('case_id', { model: 'Remark' }),
      scans: ownedThrough('remark_id', { model: 'Scan' }),
      badges: owner('tenant_id', { model: 'Badge' }),
    }),
    reports: reports ?? [],
  }
}

const read = 'select n.said from remarks n join cases t on t.id = n.case_id where t.tenant_id = $1'
const ofMade =
  'with t as (insert into cases (id, tenant_id, number) values (1, $1, 1) returning id) insert into remarks (id, case_id) select 1, t.id from t'
const accepted: OtherDatabase['reports'] = [
  ['a read', '', read, 'acme'],
  ['rows of rows that are made', '', ofMade, 'acme'],
]
const refused = (expected: string): OtherDatabase['reports'] => [['a read', expected, read, 'acme']]

/** Policies that ask for the rows by which rows are owned. */
export const parentPolicies: readonly OtherDatabase[] = [
  desk('the row that a row refers to', ofCase('remarks'), [
    ['a read', '', read, 'acme'],
    [
      'a read by two keys',
      '',
      'select f.id from scans f join remarks n on n.id = f.remark_id join cases t on t.id = n.case_id where t.tenant_id = $1',
      'acme',
    ],
    [
      'a new row',
      '',
      `insert into remarks (id, case_id, said) values (1, (select id from cases where tenant_id = $1 and id = 1), 'x')`,
      'acme',
    ],
    [
      'a new row that may be there',
      '',
      `insert into remarks (id, case_id, said) select 1, id, 'x' from cases where tenant_id = $1
         on conflict (case_id, said) do update set said = excluded.said`,
      'acme',
    ],
    [
      'a count of them',
      '',
      'update cases t set number = (select count(*) from remarks n where n.case_id = t.id) where t.tenant_id = $1',
      'acme',
    ],
    ['rows of rows that are made', '', ofMade, 'acme'],
    ['rows of nobody', 'Remark', 'select said from remarks'],
  ]),
  desk(
    'the row that a row refers to, asked for its tenant',
    `(select p.tenant_id from cases p where remarks.case_id = p.id) = ${tenant}`,
    accepted,
  ),
  desk(
    'the row that a row refers to, whosever it is',
    'exists (select 1 from cases p where p.id = remarks.case_id)',
    accepted,
  ),
  desk(
    'that row, which asks for others by a policy of its own',
    'exists (select 1 from cases p where p.id = remarks.case_id)',
    [['rows of rows that are made', 'Badge, HelpCase', ofMade, 'acme']],
    `create policy more on cases as restrictive using (exists (select 1 from badges b where b.tenant_id = cases.tenant_id))`,
  ),
  desk(
    'a row of another table by the same column',
    'exists (select 1 from badges b where b.id = remarks.case_id)',
    refused('Badge'),
  ),
  desk(
    'that row, or every one where there is none',
    'exists (select 1 from cases p where p.id = remarks.case_id or remarks.case_id is null)',
    refused('HelpCase'),
  ),
  desk(
    'that row, and of one more what is asked of others',
    `exists (select 1 from cases p where p.id = remarks.case_id and ${ofCase('remarks')} and
       exists (select 1 from cases o where o.number > p.number))`,
    refused('HelpCase'),
  ),
  desk(
    'that row and what WITH asks of others',
    `exists (with w as (select 1 from cases o where o.number > 1) select 1 from cases p where p.id = remarks.case_id)`,
    refused('HelpCase'),
  ),
  desk(
    'the row that another column names',
    ofCase('remarks').replace('.case_id', '.other'),
    refused('HelpCase'),
  ),
  desk(
    'a row that another column finds',
    ofCase('remarks').replace('p1.id', 'p1.number'),
    refused('HelpCase'),
  ),
  desk(
    'a row that it names by another column, said the other way round',
    'exists (select 1 from cases p where remarks.other = p.id)',
    refused('HelpCase'),
  ),
  desk(
    'a row that it finds by another column, said the other way round',
    'exists (select 1 from cases p where remarks.case_id = p.number)',
    refused('HelpCase'),
  ),
  desk(
    'the row of which a query of no table says that it is that one',
    'exists (select 1 from cases p where exists (select 1 where p.id = remarks.case_id))',
    [
      ['a read', '', read, 'acme'],
      ['rows of rows that are made', 'HelpCase', ofMade, 'acme'],
    ],
  ),
  desk(
    'any row',
    `exists (select 1 from cases p where p.tenant_id = ${tenant})`,
    refused('HelpCase'),
  ),
  desk(
    'that row or others',
    'exists (select 1 from cases p where p.id = remarks.case_id or p.id = remarks.other)',
    refused('HelpCase'),
  ),
  desk(
    'that row beside others',
    'exists (select 1 from cases p, cases o where p.id = remarks.case_id and o.number > p.number)',
    refused('HelpCase'),
  ),
  desk(
    'that row and what is asked of others with it',
    'exists (select 1 from cases p where p.id = remarks.case_id and exists (select 1 from cases o where o.number > p.number))',
    refused('HelpCase'),
  ),
  desk(
    'that row, or others beside it',
    'exists (select 1 from cases p where p.id = remarks.case_id union select 1 from cases o where o.number > remarks.other)',
    refused('HelpCase'),
  ),
  desk(
    'others by a query of no table',
    '(select exists (select 1 from cases o where o.number > remarks.other))',
    refused('HelpCase'),
  ),
  desk(
    'that row and a table that nobody declared',
    'exists (select 1 from cases p where p.id = remarks.case_id and exists (select 1 from strangers))',
    refused('(unknown) unsupported'),
  ),
]
