import type { Case, Damaging, Refused } from '../case.ts'

const merged = `with m as (merge into takers t using (values (1, 'globex', 'evil')) s (id, tid, nm)
  on t.tenant_id = $1 and t.id = s.id when matched then update set name = t.name returning *)`

/** Which column stands where, under names that are given by position. */
export const accepted: readonly Case[] = [
  [
    'the owner behind the columns of the source',
    `${merged} select u.name from m as m (c1, c2, c3, c4, c5, c6) join takers u on u.tenant_id = m.c5`,
    'acme',
  ],
  [
    'a row that is made of what MERGE gives',
    `${merged} insert into takers (id, tenant_id, name) select c1 + 100, c5, c3 from m as m (c1, c2, c3, c4, c5)`,
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'a column of the source in the place of the owner',
    'Taker',
    `${merged} select u.name from m as m (c1, c2, c3, c4, c5, c6) join takers u on u.tenant_id = m.c2`,
    'acme',
  ],
]

export const damaging: readonly Damaging[] = [
  [
    'a row of another owner, from a column of the source',
    'Taker tenant_write',
    'public.takers',
    `${merged} insert into takers (id, tenant_id, name) select c1 + 100, c2, c3 from m as m (c1, c2, c3, c4, c5, c6)`,
    'acme',
  ],
]
