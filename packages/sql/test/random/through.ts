import { keyOf, numberOf } from './confine.ts'
import type { Pen } from './pen.ts'

/** Reads and writes of rows that belong to whoever owns the row that they refer to. */
export function through(pen: Pen): string {
  const { random } = pen
  pen.uses('write of rows that belong to others')
  const own = (): string =>
    pen.isCareful || random.chance(0.7) ? `tenant_id = ${pen.tenant('int')}` : 'tenant_id < 9'
  const inside = (): string => `folder_key in (select key from folders where ${own()})`
  const oneKey = (): string => `(select key from folders where ${own()} order by key limit 1)`
  return pen.choose([
    () =>
      `insert into pages (id, folder_key) select 900 + key, ${random.pick(['key', 'key', 'key + 0', '2001'])} from folders where ${own()}`,
    () => `update pages set body = 'x' where ${inside()} returning id`,
    () =>
      `update pages set folder_key = f.key from folders as f where f.${own()} and f.name = 'in' and ${inside().replace('folder_key', 'pages.folder_key')}`,
    () => `delete from pages where ${inside()} returning id`,
    () => `delete from pages where ${numberOf(pen, 'pages.number')} returning number`,
    () => `update pages set body = 'x' where ${numberOf(pen, 'number')} returning id, number`,
    () =>
      `with q as materialized (select p.number from pages as p join folders as f on f.key = p.folder_key where f.${own()} order by p.number limit 1 for update of p skip locked) update pages set body = 'x' from q where pages.number = q.number returning pages.id`,
    () =>
      `delete from pages using (select number from pages where ${inside()}) as x where x.number = pages.number returning pages.id`,
    () => `delete from folders where ${own()} returning key`,
    () => `update folders set key = key + 100 where ${own()}`,
    () =>
      `with f as (update folders set name = 'y' where ${own()} returning key) insert into pages (id, folder_key) select 1, key from f`,
    () => `update roles set name = 'x' where (${own()} or tenant_id is null) returning id`,
    () => `update roles set name = 'x' where ${own()} returning id`,
    () =>
      `insert into pages (id, folder_key) values (1, ${oneKey()}), (2, ${random.pick(['2001', '1001', 'null'])})`,
    () =>
      `insert into pages (id, folder_key) values (1, ${oneKey()}), (2, ${oneKey()}) returning id`,
    () => `insert into pages (id, folder_key) select 1, ${oneKey()}`,
    () => `update pages set folder_key = ${oneKey()} where ${inside()}`,
    () =>
      `update pages set folder_key = folder_key, id = 5 where ${inside()} returning folder_key, (select name from folders where key = folder_key)`,
    () =>
      `update folders set ${random.pick([`name = 'z'`, 'key = key'])} where ${keyOf(pen, 'folders.key')} returning key, (select count(*) from pages where folder_key = folders.key)`,
    () =>
      `with f as (update folders set name = 'y' where ${own()} returning key) select o.name from folders as o join f on o.key = f.key`,
    () =>
      `with f as (insert into folders values (2077, ${pen.tenant('int')}, 'x') returning key) select o.name from folders as o join f on o.key = f.key`,
  ])
}

/** Rows with two parents, each of which must be the tenant's. */
export function twoParents(pen: Pen): string {
  const { random } = pen
  const own = (alias: string): string =>
    pen.isCareful || random.chance(0.7)
      ? `${alias}.tenant_id = ${pen.tenant('int')}`
      : `${alias}.tenant_id < 9`
  const keys = (): string => `(select f.key from folders as f where ${own('f')})`
  const both = (): string =>
    pen.isCareful || random.chance(0.7)
      ? `"A" in ${keys()} and "B" in ${keys()}`
      : `"A" in ${keys()}`
  if (random.chance(0.5)) {
    pen.uses('rows with two parents')
    return pen.choose([
      () =>
        `select n."A", b.name from "_near" as n join folders as a on a.key = n."A" join folders as b on b.key = n."B" where ${own('a')} and ${own('b')}`,
      () =>
        `select f.key, (select count(*) from "_near" as n where n."A" = f.key and n."B" in ${keys()}) from folders as f where ${own('f')}`,
      () =>
        `select f.key, b.key from folders as f left join "_near" as n on n."A" = f.key and n."B" in ${keys()} left join folders as b on b.key = n."B" where ${own('f')}`,
      () => `select "A", "B" from "_near" where ${both()}`,
      () =>
        `select a.name from folders as a where ${own('a')} and exists (select 1 from "_near" as n join folders as b on b.key = n."B" where n."A" = a.key and ${own('b')})`,
      () =>
        `select n."B" from folders as a join "_near" as n on n."A" = a.key join folders as b on b.key = n."B" and b.tenant_id = a.tenant_id where ${own('a')}`,
    ])
  }
  pen.uses('write of rows with two parents')
  return pen.choose([
    () => `delete from "_near" where ${both()} returning "A", "B"`,
    () => `update "_near" set "A" = "A" where ${both()} returning "B"`,
    () =>
      `insert into "_near" ("A", "B") select a.key, b.key from folders as a, folders as b where ${own('a')} and ${own('b')} returning "A"`,
    () =>
      `insert into "_near" ("A", "B") select a.key, ${random.pick(['a.key', '1001', '2001'])} from folders as a where ${own('a')}`,
    () =>
      `delete from folders as f where ${own('f')} and f.key in (select n."A" from "_near" as n where ${both()}) returning f.key`,
  ])
}
