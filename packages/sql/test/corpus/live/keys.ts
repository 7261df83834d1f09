import type { Case, Damaging } from '../case.ts'

export const accepted: readonly Case[] = [
  [
    'a change of what no key refers to',
    `update shelves set label = 'x' where tenant_id = $1`,
    'acme',
  ],
  [
    'the owner set to itself',
    `update authors set tenant_id = $1, name = 'x' || id where tenant_id = $1`,
    'acme',
  ],
  ['a row that nothing hangs on', 'delete from leaves where tenant_id = $1', 'acme'],
  [
    'a key of a table whose followers compare owners',
    'update leaves set id = 9 where tenant_id = $1',
    'acme',
  ],
  ['what stays in its partition', 'update visits set id = 1 where tenant_id = $1', 'acme'],
  ['rows of a partitioned table', 'delete from events where tenant_id = $1', 'acme'],
]

export const damaging: readonly Damaging[] = [
  [
    'a cascade that does not compare owners',
    'Book tenant_write',
    'public.notes, public.links, public.pairs, public.marks',
    'delete from books where tenant_id = $1',
    'acme',
  ],
  [
    'a cascade behind one that does',
    'Author tenant_write',
    'public.notes, public.links, public.pairs, public.marks',
    'delete from authors where tenant_id = $1',
    'acme',
  ],
  [
    'a key that follows its row',
    'Shelf tenant_write',
    'public.places',
    'update shelves set id = 7 where tenant_id = $1 and id = 1',
    'acme',
  ],
  [
    'a key that follows its row in an upsert',
    'Rack tenant_write',
    'public.slots',
    `insert into racks (id, tenant_id, label) values (60, $1, 'top') on conflict (tenant_id, label) do update set id = excluded.id`,
    'acme',
  ],
  [
    'a key that is emptied with its owner',
    'Measure tenant_write',
    'public.lost',
    'delete from measures where tenant_id = $1',
    'acme',
  ],
]
