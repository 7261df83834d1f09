import type { Case, Damaging, Refused, SafeButRefused } from '../case.ts'

export const accepted: readonly Case[] = [
  [
    'rows that match',
    `merge into books b using (select * from authors where tenant_id = $1) a on b.tenant_id = $1 and b.author_id = a.id
      when matched and a.name = 'Ann' then update set title = a.name when matched then do nothing`,
    'acme',
  ],
  [
    'rows of a table that match',
    `merge into books b using authors a on b.tenant_id = $1 and a.tenant_id = b.tenant_id and b.author_id = a.id
      when matched then update set title = a.name`,
    'acme',
  ],
  [
    'rows that do not match',
    `merge into coded c using (select id, tenant_id from books where tenant_id = $1) b on c.tenant_id = $1 and c.id = b.id
      when matched then delete when not matched then insert (id, tenant_id) values (b.id, b.tenant_id)`,
    'acme',
  ],
  [
    'a row of values',
    `merge into coded c using (values (7), (1)) v (id) on c.tenant_id = $1 and c.id = v.id
      when matched then do nothing when not matched then insert values (v.id, $1)`,
    'acme',
  ],
  [
    'what it gives back',
    `merge into coded c using (values (7), (1)) v (id) on c.tenant_id = $1 and c.id = v.id
      when matched then update set id = v.id when not matched then insert values (v.id, $1) returning c.id, v.id`,
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'a source that is open where rows do not match',
    'Book',
    `merge into coded c using books b on c.tenant_id = $1 and b.tenant_id = $1 and c.id = b.id
      when matched then do nothing when not matched then insert values (b.id, $1)`,
    'acme',
  ],
]

export const damaging: readonly Damaging[] = [
  [
    'a target that is open',
    'Coded',
    'public.coded',
    'merge into coded c using (values (1)) v (id) on c.id = v.id when matched then delete',
  ],
  [
    'an owner from elsewhere',
    'Coded tenant_write',
    'public.coded',
    `merge into coded c using (values (7, 'globex')) v (id, o) on c.tenant_id = $1 and c.id = v.id
      when not matched then insert values (v.id, v.o)`,
    'acme',
  ],
  [
    'an owner that changes',
    'Coded tenant_write',
    'public.coded',
    `merge into coded c using (values (1, 'globex')) v (id, o) on c.tenant_id = $1 and c.id = v.id
      when matched then update set tenant_id = v.o`,
    'acme',
  ],
  [
    'an owner that is left out',
    'Coded tenant_write',
    'public.coded',
    `merge into coded c using (values (7)) v (id) on c.tenant_id = $1 and c.id = v.id
      when not matched then insert (id) values (v.id)`,
    'acme',
  ],
  [
    'rows of the target that no source has',
    '(unknown) unsupported',
    'public.coded',
    `merge into coded c using (values (1)) v (id) on c.tenant_id = $1 and c.id = v.id
      when not matched by source then delete`,
    'acme',
  ],
  [
    'a removal that cascades',
    'Book tenant_write',
    'public.notes, public.links',
    'merge into books b using (values (1)) v (id) on b.tenant_id = $1 and b.id = v.id when matched then delete',
    'acme',
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'a source that is open, with nothing to do',
    'a source is asked to be confined wherever an arm without a match exists',
    'Book',
    `merge into coded c using books b on c.tenant_id = $1 and b.tenant_id = $1 and c.id = b.id
      when matched then do nothing when not matched then do nothing`,
    'acme',
  ],
]
