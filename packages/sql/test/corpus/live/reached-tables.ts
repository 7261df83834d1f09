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
