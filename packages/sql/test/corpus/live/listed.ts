import type { Case, Damaging, Refused, SafeButRefused } from '../case.ts'

/** Books of whoever a list names as `t`. */
const booksOf = (list: string): string =>
  `select b.id from books b join (${list}) v (t) on v.t = b.tenant_id`
const merged = `merge into takers c using (values ($1, $2)) v (tenant_id, x) on c.tenant_id = v.tenant_id and c.name = v.x
  when matched then update set name = c.name when not matched then insert (id, tenant_id, name) values (401, v.tenant_id, v.x)`
const updated = `update books t set title = 'x' from (values ($1, $2), ($3, $4)) v (tenant_id, id) where t.tenant_id = v.tenant_id and t.id = v.id::int`

/** VALUES in FROM: what nothing gives a type is text. */
export const accepted: readonly Case[] = [
  ['a merge of parameters', merged, 'acme', 'tom2'],
  ['a merge of parameters that are there', merged, 'acme', 'tom'],
  ['an update by rows of parameters', updated, 'acme', '1', 'acme', '11'],
  [
    'an update by rows of parameters and numbers',
    `update books t set title = 'x' from (values ($1, 1), ($2, 11)) v (tenant_id, id) where t.tenant_id = v.tenant_id and t.id = v.id`,
    'acme',
    'acme',
  ],
  [
    'a delete by rows of parameters',
    'delete from takers t using (values ($1, 1)) v (tenant_id, id) where (t.tenant_id, t.id) = (v.tenant_id, v.id) returning t.id',
    'acme',
  ],
  ['a parameter beside a text', booksOf(`values ($1), ('acme')`), 'acme'],
  ['a parameter beside one with a type', booksOf('values ($1), ($2::text)'), 'acme', 'acme'],
  [
    'a parameter beside one with another name for the type',
    booksOf('values ($1::varchar), ($2)'),
    'acme',
    'acme',
  ],
  ['parameters one below the other', booksOf('values ($1) union all values ($2)'), 'acme', 'acme'],
  [
    'a parameter beside a number with a type',
    'select l.id from ledgers l join (values ($1), ($2::int8)) v (t) on v.t = l.tenant_id',
    '9007199254740993',
    '9007199254740993',
  ],
  [
    'an owner of varchar',
    'select p.id from padded p join (values ($1)) v (t) on v.t = p.tenant_id',
    'acme',
  ],
  [
    'an insert of parameters through VALUES',
    'insert into measures (id, tenant_id) select 401, v.t from (values ($1)) v (t)',
    'acme',
  ],
  [
    'an insert of parameters through WITH',
    'with v (t, n) as (values ($1, 401)) insert into measures (id, tenant_id) select n, t from v',
    'acme',
  ],
  [
    'a parameter that is listed and compared',
    'select b.id, v.x from books b, (values ($1)) v (x) where b.tenant_id = $1',
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'another tenant in a list',
    'Book foreign_value',
    booksOf('values ($1), ($2)'),
    'acme',
    'globex',
  ],
  [
    'another tenant in a list as a text',
    'Book foreign_value',
    booksOf(`values ($1), ('globex')`),
    'acme',
  ],
  [
    'a parameter beside one that drops spaces',
    'Padded',
    'select p.id from padded p join (values ($1::bpchar), ($2)) v (t) on v.t = p.tenant_id',
    'acme',
    'acme',
  ],
  [
    'a parameter beside one that drops spaces elsewhere',
    'Padded',
    'select p.id from padded p join (select $1::bpchar) q on true join (values ($1), ($2)) v (t) on v.t = p.tenant_id',
    'acme',
    'acme',
  ],
  [
    'a parameter that is compared, and listed beside one that drops spaces',
    'Padded',
    'select p.id from (select $2::bpchar) q, (values ($1), ($2)) v (t), padded p where p.tenant_id = $1',
    'acme',
    'x',
  ],
  [
    'a parameter beside a number that is no integer',
    'Ledger',
    'select l.id from ledgers l join (values ($1), (1.5::float8)) v (t) on v.t = l.tenant_id',
    '9007199254740993',
  ],
  [
    'a parameter beside rows of others',
    'Book',
    booksOf('values ($1) union all select name from countries'),
    'acme',
  ],
  [
    'rows beside a list',
    'Book',
    'select b.id from books b left join (values ($1)) v (t) on v.t = b.tenant_id',
    'acme',
  ],
]

export const damaging: readonly Damaging[] = [
  ['a merge of another tenant', 'Taker tenant_write', 'public.takers', merged, 'globex', 'tom2'],
  [
    'an update by another tenant',
    'Book foreign_value',
    'public.books',
    updated,
    'acme',
    '1',
    'globex',
    '11',
  ],
  [
    'an insert of another tenant',
    'Measure tenant_write',
    'public.measures',
    `insert into measures (id, tenant_id) select 401, v.t from (values ($1), ('acme ')) v (t)`,
    'acme',
  ],
]

export const refused: readonly Refused[] = [
  [
    'a number in a list, which no parameter with a type decides',
    'Ledger',
    'select l.id from ledgers l join (values ($1::int8), (9007199254740993)) v (t) on v.t = l.tenant_id',
    '9007199254740993',
  ],
  [
    'a column in a list',
    'Book',
    'select b.id from books b, lateral (values (b.title), ($1)) v (t) where v.t = b.tenant_id',
    'acme',
  ],
  [
    'a parameter that another place gives a type',
    'Book',
    'select b.id from books b, (values ($1)) v (t) where v.t = b.tenant_id and b.id = $1',
    'acme',
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'NULL in a list',
    'what may be NULL is followed from tables alone',
    'Book',
    booksOf('values ($1), (null)'),
    'acme',
  ],
]
