import type { Case, Damaging, Refused, SafeButRefused } from '../case.ts'

const rows = 'from books where tenant_id = $1'
/** The authors of whoever a query gives as `m`. */
const authorsOf = (query: string): string =>
  `select a.id from (${query}) x join authors a on a.tenant_id = x.m`
const taken = (query: string): string =>
  `insert into measures (id, tenant_id) select 105, x.m from (${query}) x`

/** Owners that are the tenant, or NULL: what aggregates give, and rows that may not be there. */
export const accepted: readonly Case[] = [
  ['the greatest owner', authorsOf(`select max(tenant_id) as m ${rows}`), 'acme'],
  ['the least owner of no row', authorsOf(`select min(tenant_id) as m ${rows} and id < 0`), 'acme'],
  [
    'the least owner of a group, through WITH',
    `with x as (select min(tenant_id) as m, author_id ${rows} group by author_id) select a.id from x join authors a on a.tenant_id = x.m and a.id = x.author_id`,
    'acme',
  ],
  [
    'the greatest owner of some',
    authorsOf(
      `select max(distinct tenant_id order by tenant_id) filter (where id > 1) as m ${rows}`,
    ),
    'acme',
  ],
  [
    'the greatest owner in a window',
    authorsOf(`select max(tenant_id) over (partition by author_id) as m ${rows}`),
    'acme',
  ],
  [
    'the greatest owner in a window that is empty',
    authorsOf(
      `select max(tenant_id) over (order by id rows between 2 preceding and 1 preceding) as m ${rows}`,
    ),
    'acme',
  ],
  [
    'the greatest owner of grouping sets',
    authorsOf(`select max(tenant_id) as m ${rows} group by rollup (id)`),
    'acme',
  ],
  [
    'the greatest owner within queries',
    authorsOf(`select m from (select max(t) as m from (select tenant_id as t ${rows}) y) z`),
    'acme',
  ],
  [
    'the greatest owner of either',
    authorsOf(
      `select max(tenant_id) as m ${rows} union select min(tenant_id) from shelves where tenant_id = $1`,
    ),
    'acme',
  ],
  [
    'the greatest owner or a parameter',
    authorsOf(`select max(tenant_id) as m ${rows} union select $1::text`),
    'acme',
  ],
  [
    'the greatest owner on the nullable side',
    'select x.n, a.id from authors a left join (select max(tenant_id) as m, count(*) as n from books where tenant_id = $1) x on a.tenant_id = x.m where a.tenant_id = $1',
    'acme',
  ],
  [
    'rows beside the greatest owner, if any',
    'select x.m, a.id from (select max(tenant_id) as m from books where tenant_id = $1 and id < 0) x left join authors a on a.tenant_id = x.m',
    'acme',
  ],
  [
    'a query about the greatest owner',
    `select (select count(*) from authors a where a.tenant_id = x.m) from (select max(tenant_id) as m ${rows}) x`,
    'acme',
  ],
  [
    'rows of the greatest owner that are deleted',
    `delete from takers t using (select max(tenant_id) as m ${rows}) x where t.tenant_id = x.m returning t.id`,
    'acme',
  ],
  [
    'the greatest owner that is there',
    `${taken(`select max(tenant_id) as m ${rows}`)} where x.m is not null`,
    'acme',
  ],
  [
    'the greatest owner that equals a row',
    `${taken(`select max(tenant_id) as m ${rows}`)} join shelves s on s.tenant_id = x.m`,
    'acme',
  ],
  [
    'an owner that grouping sets leave out',
    authorsOf(`select tenant_id as m ${rows} group by rollup (tenant_id)`),
    'acme',
  ],
  [
    'an owner of the nullable side',
    authorsOf(
      'select b.tenant_id as m from countries c left join books b on b.id = c.id and b.tenant_id = $1',
    ),
    'acme',
  ],
  [
    'the greatest owner of the nullable side',
    authorsOf(
      'select max(b.tenant_id) as m from countries c left join books b on b.id = c.id and b.tenant_id = $1',
    ),
    'acme',
  ],
  [
    'an owner of either nullable side',
    authorsOf(
      'select b.tenant_id as m from (select * from books where tenant_id = $1) b full join countries c on b.id = c.id',
    ),
    'acme',
  ],
  [
    'a key under the greatest owner',
    'select a.id from (select tenant_id, max(id) as m from books group by tenant_id) x join authors a on a.tenant_id = x.tenant_id where x.tenant_id = $1',
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'a function of the owner',
    'Author',
    authorsOf(`select replace(tenant_id, 'acme', 'globex') as m ${rows}`),
    'acme',
  ],
  ['the greatest owner of all', 'Book, Author', authorsOf('select max(tenant_id) as m from books')],
  [
    'the greatest owner where HAVING says whose',
    'Book, Author',
    authorsOf('select max(tenant_id) as m from books having max(tenant_id) >= $1'),
    'acme',
  ],
  [
    'rows beside which the greatest owner need not be',
    'Author',
    'select a.id from (select max(tenant_id) as m from books where tenant_id = $1) x right join authors a on a.tenant_id = x.m',
    'acme',
  ],
  [
    'the greatest of what is no owner',
    'Author',
    `select a.id from (select max(name) as m from countries) x join authors a on a.tenant_id = x.m`,
  ],
  [
    'the greatest owner beside another one',
    'Author, Author',
    authorsOf(`select max(tenant_id) as m ${rows} union select tenant_id from authors`),
    'acme',
  ],
  [
    'an owner of the preserved side',
    'Book, Author',
    authorsOf(
      'select b.tenant_id as m from books b left join countries c on b.id = c.id and b.tenant_id = $1',
    ),
    'acme',
  ],
  [
    'an owner of a level around, which is given in any case',
    'Author',
    'select o.name, d.m, a.id from countries o, lateral (select o.name as m, count(*) as n from books b where b.tenant_id = $1 and o.name = $1) d join authors a on a.tenant_id = d.m',
    'acme',
  ],
  [
    'a window over an owner of a level around',
    'Author',
    'select d.m, a.id from countries o, lateral (select max(o.name) over () as m, count(*) as n from books b where b.tenant_id = $1 and o.name = $1) d join authors a on a.tenant_id = d.m',
    'acme',
  ],
  [
    'the greatest owner of rows whose owner a later step changes',
    'Author, Author',
    `with recursive r (a, b, n) as (select $1::text, $1::text, 0 union all
       select u.tenant_id, c.name, d.n + 1 from (select max(e.b) as m, max(e.n) as n from (select b, n from r where n < 2) e) d
         join authors u on u.tenant_id = d.m join countries c on true)
     select a.id from authors a join r on a.tenant_id = r.a`,
    'acme',
  ],
]

export const damaging: readonly Damaging[] = [
  [
    'the greatest owner of no row, inserted',
    'Measure tenant_write',
    'public.measures',
    taken(`select max(tenant_id) as m ${rows} and id < 0`),
    'acme',
  ],
  [
    'the greatest owner of no row, inserted as it is',
    'Measure tenant_write',
    'public.measures',
    `insert into measures (id, tenant_id) select 105, max(tenant_id) ${rows} and id < 0`,
    'acme',
  ],
  [
    'the greatest owner of no row, set',
    'Coded tenant_write',
    'public.coded',
    `update coded set tenant_id = x.m from (select max(tenant_id) as m ${rows} and id < 0) x where coded.tenant_id = $1`,
    'acme',
  ],
  [
    'an owner that grouping sets leave out, inserted',
    'Measure tenant_write',
    'public.measures',
    taken(`select tenant_id as m ${rows} group by rollup (tenant_id)`),
    'acme',
  ],
  [
    'an owner of the nullable side, inserted',
    'Measure tenant_write',
    'public.measures',
    taken(
      'select b.tenant_id as m from (values (1)) c left join books b on b.id = 0 and b.tenant_id = $1',
    ),
    'acme',
  ],
  [
    'an owner that is NULL or the tenant, inserted',
    'Measure tenant_write',
    'public.measures',
    `${taken(`select max(tenant_id) as m ${rows} and id < 0`)} where x.m = $1 or x.m is null`,
    'acme',
  ],
]

export const refused: readonly Refused[] = [
  [
    'another aggregate of owners',
    'Author',
    authorsOf(`select any_value(tenant_id) as m ${rows}`),
    'acme',
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'the greatest owner of a level around',
    'an aggregate of another level is not followed',
    'Author',
    'select (select a.id from authors a where a.tenant_id = x.m limit 1) from (select (select max(b.tenant_id)) as m from books b where b.tenant_id = $1) x',
    'acme',
  ],
  [
    'the greatest owner by a query in a condition',
    'what a query of one row says is followed to rows alone',
    'Author',
    `select a.id from authors a where a.tenant_id = (select max(tenant_id) ${rows})`,
    'acme',
  ],
  [
    'the greatest owner through a recursive query',
    'nothing that may be NULL is assumed',
    'Author',
    `with recursive r (m, n) as (select max(tenant_id), 1 ${rows} union all select r.m, n + 1 from r where n < 3) select a.id from r join authors a on a.tenant_id = r.m`,
    'acme',
  ],
]
