import type { HiddenCodeCase } from './hidden-code.ts'

/** Functions that say to be immutable: what they give is computed when a statement is planned. */
const functions = `
create function app.cleared() returns int language plpgsql as
  $$ begin delete from public.jots where tenant_id <> 'acme'; return 1; end $$;
create function app.one(int) returns int language plpgsql immutable as 'begin return app.cleared(); end';
create function app.ten() returns int language sql immutable as 'select 10';`

/** Whatever made the rows may have run the checks. */
const refill = `delete from jots; insert into jots values (1, 'acme'), (2, 'globex'), (3, 'globex');`

const parted = (check: string): string => `drop table goods;
  create table goods (id int, tenant_id text not null) partition by range (id);
  create table part partition of goods (constraint few check (${check})) for values from (0) to (10);
  insert into goods values (2, 'acme'); ${refill}`

const child = `create table part (constraint few check (app.one(1) = 1)) inherits (goods);`
const checked = `alter table goods add constraint few check (app.one(1) = 1); ${refill}`
const read = 'select * from goods where tenant_id = $1'

const ofFunction = (table: string, name: string): string =>
  `the check few of public.${table}: the function app.${name} is not known to be harmless; declare it in \`functions\` if it is`

interface Folded extends Omit<HiddenCodeCase, 'obstacle'> {
  /** The table and the function of the check; none where it is harmless. */
  readonly runs?: readonly [table: string, name: string]
}

const cases: readonly Folded[] = [
  {
    why: 'a check of a partition by which the rows of others decide whether it is read',
    change: parted('id < app.jots()'),
    text: `${read} and id = 2`,
    runs: ['part', 'jots'],
  },
  {
    why: 'a check of a child that writes when the child is read',
    change: child,
    text: read,
    runs: ['part', 'one'],
  },
  {
    why: 'a check of a child that writes when rows are deleted',
    change: child,
    text: 'delete from goods where tenant_id = $1 returning id',
    runs: ['part', 'one'],
  },
  {
    why: 'a check of a table in UNION ALL',
    change: checked,
    text: `select * from (select id, tenant_id from goods union all select id, tenant_id from jots) q
      where tenant_id = $1`,
    runs: ['goods', 'one'],
  },
  {
    why: 'a check of a table where checks may exclude any table',
    change: `${checked} set local constraint_exclusion = on`,
    text: read,
    runs: ['goods', 'one'],
  },
  {
    why: 'a check of a table whose rows go with those that are deleted',
    change: `alter table jots add unique (tenant_id, id); alter table goods
      add foreign key (tenant_id, id) references jots (tenant_id, id) on delete cascade; ${checked}
      set local constraint_exclusion = on`,
    text: 'delete from jots where tenant_id = $1 returning id',
    runs: ['goods', 'one'],
  },
  {
    why: 'a check of a table that is asked whether it refers to the rows that are deleted',
    change: `delete from goods; alter table jots add unique (tenant_id, id); alter table goods
      add foreign key (tenant_id, id) references jots (tenant_id, id); ${checked}
            set local constraint_exclusion = on`,
    text: 'delete from jots where tenant_id = $1 returning id',
    runs: ['goods', 'one'],
  },
  {
    why: 'a check of a table to which rows that are inserted refer',
    change: `${checked} alter table goods add unique (tenant_id, id); insert into goods values (9, 'acme');
      ${refill} alter table jots add good_id int,
      add foreign key (tenant_id, good_id) references goods (tenant_id, id);
      set local constraint_exclusion = on`,
    text: 'insert into jots (id, tenant_id, good_id) values (9, $1, 9) returning id',
    runs: ['goods', 'one'],
  },
  {
    why: 'a check of a partition by a function that is declared',
    change: parted('id < app.ten()'),
    options: { functions: ['app.ten'] },
    text: `${read} and id = 2`,
  },
]

/** Checks that the planner computes where a table is read, to leave out what has no such rows. */
export const foldedChecks = (tables: string): readonly HiddenCodeCase[] =>
  cases.map(({ change, runs, ...rest }) => ({
    ...rest,
    change: `${tables} ${functions} ${change}`,
    obstacle: runs === undefined ? '' : ofFunction(...runs),
  }))
