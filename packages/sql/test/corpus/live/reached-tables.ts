import { defineTenantSchema, ownedThrough, owner } from '@partywall/sql'
import type { Refused } from '../case.ts'
import type { OtherDatabase } from './databases.ts'

const ruled = (rule: string): string => `
create table par (id int primary key, tenant_id text not null, code int, unique (tenant_id, id), unique (tenant_id, code));
create table kid (id int, tenant_id text not null, par_id int, code int,
  foreign key (tenant_id, par_id) references par (tenant_id, id) on delete cascade,
  foreign key (tenant_id, code) references par (tenant_id, code) on update cascade);
create table oth (id int, tenant_id text not null, label text);
create rule ruling as ${rule}`
const removal = 'delete from par where tenant_id = $1'
const change = 'update par set code = code + 100 where tenant_id = $1'
const tables = { par: owner('tenant_id'), kid: owner('tenant_id'), oth: owner('tenant_id') }

const parted = `
create table ev (id int primary key, tenant_id text not null, at date) partition by hash (id);
create table ev_0 partition of ev for values with (modulus 2, remainder 0);
create table ev_1 partition of ev for values with (modulus 2, remainder 1);
create table ch (ev_id int not null references ev on delete cascade on update cascade, note text);
create table loose (tenant_id text, ev_id int references ev on delete cascade)`
const below = 'delete from ch using ev where ev.id = ch.ev_id and ev.tenant_id = $1'
const withLoose = { ev: owner('tenant_id'), ch: ownedThrough('ev_id'), loose: owner('tenant_id') }

const ofTheirOwn: readonly Refused[] = [
  ['a removal', '', 'delete from ev where tenant_id = $1', 'acme'],
  ['a change of its key', '', 'update ev set id = id + 2 where tenant_id = $1', 'acme'],
  ['a removal below', '', below, 'acme'],
]

/** Tables whose rows follow others: those with rules, and those that refer to partitions. */
export const reachedTables: readonly OtherDatabase[] = [
  {
    why: 'a rule on a table whose rows go with others',
    change: ruled('on delete to kid do also delete from oth'),
    declared: defineTenantSchema(tables),
    reports: [
      ['delete', 'par tenant_write', removal, 'acme'],
      [
        'merge',
        'par tenant_write',
        'merge into par using (values (1)) v (id) on par.tenant_id = $1 and par.id = v.id when matched then delete',
        'acme',
      ],
      ['a change of no key', '', 'update par set id = id where tenant_id = $1', 'acme'],
    ],
  },
  {
    why: 'a rule on a table whose rows change with others',
    change: ruled(`on update to kid do also update oth set label = 'ruled'`),
    declared: defineTenantSchema(tables),
    reports: [['update', 'par tenant_write', change, 'acme']],
  },
  {
    why: 'a table that is owned through rows in partitions',
    change: parted,
    declared: defineTenantSchema({ ev: owner('tenant_id'), ch: ownedThrough('ev_id') }),
    reports: [
      [
        'a join',
        '',
        'select ch.note from ch join ev on ev.id = ch.ev_id where ev.tenant_id = $1',
        'acme',
      ],
      ['a removal below', '', below, 'acme'],
      // Somebody's rows in another table go with them.
      ['a removal', 'ev tenant_write', 'delete from ev where tenant_id = $1', 'acme'],
    ],
  },
  {
    why: 'the same, and nothing else refers to them',
    change: `${parted}; drop table loose`,
    declared: defineTenantSchema({ ev: owner('tenant_id'), ch: ownedThrough('ev_id') }),
    reports: ofTheirOwn,
  },
  {
    why: 'the same, with the partitions declared beside them',
    change: `${parted}; drop table loose`,
    declared: defineTenantSchema({
      ev: owner('tenant_id'),
      ev_0: owner('tenant_id'),
      ev_1: owner('tenant_id'),
      ch: ownedThrough('ev_id'),
    }),
    reports: [
      ...ofTheirOwn,
      ['a removal in one of them', '', 'delete from ev_0 where tenant_id = $1', 'acme'],
    ],
  },
  ...['check (tally(ev_id) > 0)', 'n int generated always as (tally(ev_id)) stored'].map(
    (code): OtherDatabase => ({
      why: `what a key to the whole reaches from a partition: ${code}`,
      change: `create function tally(int) returns int language sql immutable as 'select 1';
        create table ev (id int, tenant_id text not null, unique (tenant_id, id)) partition by list (tenant_id);
        create table ev_0 partition of ev default;
        create table kid (tenant_id text not null, ev_id int, ${code},
          foreign key (tenant_id, ev_id) references ev (tenant_id, id) on delete set null (ev_id) on update cascade)`,
      declared: defineTenantSchema({
        ev: owner('tenant_id'),
        ev_0: owner('tenant_id'),
        kid: owner('tenant_id'),
      }),
      reports: [
        ['a removal', '(unknown) unsupported', 'delete from ev_0 where tenant_id = $1', 'acme'],
        ['the whole', '(unknown) unsupported', 'update ev set id = 7 where tenant_id = $1', 'acme'],
        ['a read', '', 'select id from ev_0 where tenant_id = $1', 'acme'],
      ],
    }),
  ),
  ...(
    [
      ['partition', 'create foreign table ft partition of ev for values in (1) server away'],
      [
        'partition of a partition',
        'create table part partition of ev for values in (1) partition by list (n); create foreign table ft partition of part default server away',
      ],
    ] as const
  ).flatMap(([what, foreign]): readonly OtherDatabase[] => {
    const remote = `create foreign data wrapper far; create server away foreign data wrapper far;
      create table ev (id int, tenant_id text not null, n int) partition by list (n); ${foreign}`
    return [
      {
        why: `a foreign ${what}`,
        change: remote,
        declared: defineTenantSchema({ ev: owner('tenant_id') }),
        contradicts: 'ev has the foreign table public.ft: declare { trusted: true }',
      },
      {
        why: `a foreign ${what} that is vouched for`,
        change: remote,
        declared: defineTenantSchema({ ev: owner('tenant_id', { trusted: true }) }),
        reports: [
          ['a read', '', 'select id from ev where tenant_id = $1', 'acme'],
          [
            'a write',
            '(unknown) unsupported',
            'insert into ev (id, tenant_id) values (1, $1)',
            'acme',
          ],
        ],
      },
    ]
  }),
  {
    why: 'a foreign child',
    change: `create foreign data wrapper far; create server away foreign data wrapper far;
      create table ev (id int, tenant_id text); create foreign table ft () inherits (ev) server away`,
    declared: defineTenantSchema({ ev: owner('tenant_id') }),
    contradicts: 'ev has the foreign table public.ft: declare { trusted: true }',
  },
  ...[
    ['varchar(3)', 'text', 'ref is shorter than public.named.code'],
    ['varchar(3)', 'varchar(4)', 'ref is shorter than public.named.code'],
    ['varchar(3)', 'varchar', 'ref is shorter than public.named.code'],
    ['varchar(3)', 'varchar(3)', undefined],
    ['varchar(3)', 'varchar(2)', undefined],
    ['varchar', 'varchar(4)', undefined],
  ].map(([child, parent, contradicts]): OtherDatabase => {
    const found =
      contradicts === undefined
        ? {
            reports: [
              [
                'a key that is found',
                '',
                'insert into said (ref) select code from named where tenant_id = $1',
                'acme',
              ] as const,
            ],
          }
        : { contradicts }
    return {
      why: `a key of ${child} to a ${parent}`,
      change: `create table named (code ${parent} primary key, tenant_id text not null);
        create table said (ref ${child} not null references named (code))`,
      declared: defineTenantSchema({ named: owner('tenant_id'), said: ownedThrough('ref') }),
      ...found,
    }
  }),
  {
    why: 'what a key to the whole reaches from a partition of a partition',
    change: `create table ev (id int, tenant_id text not null, n int, primary key (id, tenant_id)) partition by list (tenant_id);
      create table part partition of ev default partition by list (id);
      create table leaf partition of part default;
      create table kid (ev_id int, tenant_id text, other text,
        foreign key (ev_id, other) references ev (id, tenant_id) on delete cascade)`,
    declared: defineTenantSchema({
      ev: owner('tenant_id'),
      leaf: owner('tenant_id'),
      kid: owner('tenant_id'),
    }),
    reports: [
      ['a removal', 'leaf tenant_write', 'delete from leaf where tenant_id = $1', 'acme'],
      ['a read', '', 'select id from leaf where tenant_id = $1', 'acme'],
    ],
  },
  {
    why: 'a child whose rows are not those that others refer to',
    change: `create table base (id int primary key, tenant_id text);
      create table child () inherits (base);
      create table kid (base_id int references base (id) on delete cascade, tenant_id text)`,
    declared: defineTenantSchema({
      base: owner('tenant_id'),
      child: owner('tenant_id'),
      kid: owner('tenant_id'),
    }),
    reports: [
      ['a removal', '', 'delete from child where tenant_id = $1', 'acme'],
      ['a removal above', 'base tenant_write', 'delete from base where tenant_id = $1', 'acme'],
    ],
  },
  {
    why: 'a partition whose rows others refer to',
    change: parted,
    declared: defineTenantSchema({ ...withLoose, ev_0: owner('tenant_id') }),
    reports: [
      ['a removal', 'ev_0 tenant_write', 'delete from ev_0 where tenant_id = $1', 'acme'],
      ['a removal of all', 'ev tenant_write', 'delete from ev where tenant_id = $1', 'acme'],
    ],
  },
]
