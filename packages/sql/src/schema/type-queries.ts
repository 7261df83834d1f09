import { extensionOf } from './extension-bodies.ts'
import { usedBy } from './used-routines-query.ts'

/** The name of a type, with its schema where that is not `pg_catalog`. */
export const typeName: string = `case when n.nspname = 'pg_catalog' then t.typname
  else n.nspname || '.' || t.typname end`

/** A type as statements may name it: with its schema, and alone where the search path finds it. */
const namesOfType = `lateral (select n.nspname || '.' || t.typname
  union all select t.typname where pg_catalog.pg_type_is_visible(t.oid)) e (name)`

export const enums: string = `(
  select coalesce(json_agg(e.name order by e.name), '[]')
  from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  cross join ${namesOfType}
  where t.typtype = 'e' and n.nspname !~ '^pg_' and n.nspname || t.typname !~ '\\.')`

/**
 * What holds what, at any depth, and what functions take and give, for all domains at once; aggregates
 * keep a state, and run functions. Temporary tables are a session's own.
 */
const holders = `(
  with recursive part (type, holder) as (
    select y.typelem, y.oid from pg_catalog.pg_type y where y.typelem <> 0
    union all
    select y.typbasetype, y.oid from pg_catalog.pg_type y where y.typbasetype <> 0
    union all
    select a.atttypid, r.reltype from pg_catalog.pg_attribute a
    join pg_catalog.pg_class r on r.oid = a.attrelid
    where a.attnum > 0 and not a.attisdropped and r.reltype <> 0
    union all
    select g.rngsubtype, g.rngtypid from pg_catalog.pg_range g
    union all
    select g.rngtypid, g.rngmultitypid from pg_catalog.pg_range g
  ), held (domain, type) as (
    select y.oid, y.oid from pg_catalog.pg_type y
    join pg_catalog.pg_namespace s on s.oid = y.typnamespace
    where y.typtype = 'd' and s.nspname not in ('pg_catalog', 'information_schema')
    union
    select h.domain, p.holder from held h join part p on p.type = h.type
  ), runs (routine, part) as (
    select p.oid, p.oid from pg_catalog.pg_proc p
    union all
    select a.aggfnoid, g.part from pg_catalog.pg_aggregate a
    cross join lateral unnest(array[a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn,
      a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn]::oid[]) g (part)
  ), passed (routine, type) as (
    select r.routine, g.type from runs r join pg_catalog.pg_proc p on p.oid = r.part
    cross join lateral unnest(p.proargtypes::oid[] || p.proallargtypes || p.prorettype) g (type)
    union all
    select a.aggfnoid, g.type from pg_catalog.pg_aggregate a
    cross join lateral unnest(array[a.aggtranstype, a.aggmtranstype]) g (type)
  ), called (domain, names) as (
    select r.domain, json_agg(r.name order by r.name) from (
      select distinct h.domain, e.name from held h join passed g on g.type = h.type
      join pg_catalog.pg_proc p on p.oid = g.routine
      join pg_catalog.pg_namespace n on n.oid = p.pronamespace
      cross join lateral (select n.nspname || '.' || p.proname
        union all select p.proname where pg_catalog.pg_function_is_visible(p.oid)) e (name)) r
    group by r.domain
  )
  select h.domain, coalesce(json_agg(${typeName} order by n.nspname, t.typname)
      filter (where h.type <> h.domain and n.nspname !~ '^pg_(toast|temp_)'), '[]') as names,
    coalesce((select c.names from called c where c.domain = h.domain), '[]') as routines
  from held h join pg_catalog.pg_type t on t.oid = h.type
  join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  group by h.domain)`

/** The order of conditions is the server's own: a check of a table is no expression without variables. */
export const domains: string = `(
  select coalesce(json_agg(json_build_object(
    'name', n.nspname || '.' || t.typname,
    'names', (select json_agg(e.name) from ${namesOfType}),
    'holders', h.names,
    'routines', h.routines,
    'preset', pg_catalog.pg_get_expr(t.typdefaultbin, 0),
    'presetUses', case when t.typdefaultbin is not null then ${usedBy('pg_type', 't.oid')} end,
    'checks', (select coalesce(json_agg(json_build_object('name', k.conname,
        'expression', case when k.contypid <> 0 then pg_catalog.pg_get_expr(k.conbin, 0) end,
        'uses', ${usedBy('pg_constraint', 'k.oid')}) order by k.conname), '[]')
      from pg_catalog.pg_constraint k where k.contypid = t.oid and k.contype = 'c')
  ) order by n.nspname, t.typname), '[]')
  from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  join ${holders} h on h.domain = t.oid)`

/**
 * Casts of this database: those of PostgreSQL itself have lower numbers, and extensions bring their own. A range can be cast to its
 * ranges: the server has made that function with the type.
 */
export const casts: string = `(
  select coalesce(json_agg(json_build_object(
    'from', k.castsource::pg_catalog.regtype::text,
    'to', k.casttarget::pg_catalog.regtype::text,
    'function', n.nspname || '.' || p.proname,
    'visible', pg_catalog.pg_function_is_visible(p.oid)
  ) order by n.nspname, p.proname, k.castsource, k.casttarget), '[]')
  from pg_catalog.pg_cast k
  join pg_catalog.pg_proc p on p.oid = k.castfunc
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  join pg_catalog.pg_language l on l.oid = p.prolang
  where (k.oid >= 16384 or n.nspname <> 'pg_catalog')
    and not (l.lanname = 'internal' and p.prosrc = 'multirange_constructor1')
    and not (exists (select 1 from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_cast'::regclass and d.objid = k.oid and d.deptype = 'e')
    and (p.oid < 16384 or ${extensionOf('pg_proc', 'p.oid')} is not null)))`

export const extensions: string = `(
  select coalesce(json_agg(json_build_object('name', x.extname, 'schema', s.nspname, 'types', (
      select coalesce(json_agg(e.name order by e.name), '[]') from pg_catalog.pg_depend d
      join pg_catalog.pg_type t on t.oid = d.objid
      join pg_catalog.pg_namespace n on n.oid = t.typnamespace
      cross join ${namesOfType}
      where d.classid = 'pg_catalog.pg_type'::regclass and d.deptype = 'e'
        and d.refclassid = 'pg_catalog.pg_extension'::regclass and d.refobjid = x.oid)
    ) order by x.extname), '[]')
  from pg_catalog.pg_extension x join pg_catalog.pg_namespace s on s.oid = x.extnamespace
  where s.nspname <> 'pg_catalog')`
