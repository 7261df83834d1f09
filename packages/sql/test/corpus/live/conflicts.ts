import type { Case, Damaging, Refused } from '../case.ts'

export const accepted: readonly Case[] = [
  [
    'a key with the owner',
    `insert into takers (id, tenant_id, name) values (11, $1, 'tom') on conflict (tenant_id, name) do update set name = excluded.name`,
    'acme',
  ],
  [
    'the constraint of such a key',
    `insert into takers (id, tenant_id, name) values (11, $1, 'tom') on conflict on constraint takers_tenant_id_name_key do nothing`,
    'acme',
  ],
  [
    'nothing to be done where that may be told',
    `insert into takers (id, tenant_id, name) values (11, $1, 'tom') on conflict do nothing`,
    'acme',
  ],
  [
    'a table without keys',
    'insert into coded (id, tenant_id) values (1, $1) on conflict do nothing',
    'acme',
  ],
  [
    'the key of a partitioned table that all its partitions have',
    `insert into events values (50, $1, '2026-05-05') on conflict (tenant_id, id, day) do nothing`,
    'acme',
  ],
]

/** Accepted where the schema declares that a key may tell: nobody’s rows change. */
export const oracles: readonly Case[] = [
  [
    'a key without the owner where that may be told, and the owner is compared',
    `insert into takers (id, tenant_id, name) values (11, $1, 'tim') on conflict (id) do update set name = 'x' where takers.tenant_id = excluded.tenant_id`,
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'a key without the owner, where nothing may be told',
    'Author tenant_write',
    'insert into authors (id, tenant_id) values (11, $1) on conflict do nothing',
    'acme',
  ],
  [
    'a key of a partition',
    'Event tenant_write',
    `insert into events values (11, $1, '2026-05-05') on conflict do nothing`,
    'acme',
  ],
]

export const damaging: readonly Damaging[] = [
  [
    'a key without the owner',
    'Taker tenant_write',
    'public.takers',
    `insert into takers (id, tenant_id, name) values (11, $1, 'tom') on conflict (id) do update set name = 'x'`,
    'acme',
  ],
  [
    'a comparison with somebody else',
    'Taker tenant_write',
    'public.takers',
    `insert into takers (id, tenant_id, name) values (11, $1, 'tom') on conflict (id) do update set name = 'x' where takers.tenant_id = 'globex'`,
    'acme',
  ],
  [
    'the constraint of such a key',
    'Taker tenant_write',
    'public.takers',
    `insert into takers (id, tenant_id, name) values (11, $1, 'tom') on conflict on constraint takers_pkey do update set name = 'x'`,
    'acme',
  ],
]
