import { extensionOfClass, oidOf } from './extension-bodies.ts'

/** What an expression runs that belongs to one object of a system catalogue. */
export function usedBy(catalogue: string, oid: string): string {
  return usedRoutines(`${of(catalogue)} and d.objid = ${oid}`)
}

/** What the default of the column `a` runs, or what generates it; for PostgreSQL 14 the column uses it. */
export const usedByColumn: string = usedRoutines(`(${of('pg_attrdef')} and d.objid = e.oid
    or ${of('pg_class')} and d.objid = a.attrelid and d.objsubid = a.attnum)`)

/** What the query of the view `c` runs. */
export const usedByView: string = usedRoutines(`${of('pg_rewrite')} and d.objid = any (array(
    select w.oid from pg_catalog.pg_rewrite w where w.ev_class = c.oid and w.ev_type = '1'))`)

function of(catalogue: string): string {
  return `d.classid = ${oidOf(catalogue)}`
}

/**
 * What an expression or a view uses of functions and operators that are not PostgreSQL's own, of which
 * it keeps account for DROP; `null` where it uses none. `holds` says which rows of `pg_depend`, as `d`,
 * are those of the expression.
 */
function usedRoutines(holds: string): string {
  return `(
  select json_agg(json_build_object('kind', r.kind, 'schema', s.nspname, 'name', r.name,
      'visible', r.visible, 'extension', b.name) order by r.kind, s.nspname, r.name, b.name, r.visible)
  from pg_catalog.pg_depend d
  join (
    select ${oidOf('pg_proc')} as class, p.oid, 'function' as kind,
      p.pronamespace as namespace, p.proname as name, pg_catalog.pg_function_is_visible(p.oid) as visible
    from pg_catalog.pg_proc p
    union all
    select ${oidOf('pg_operator')}, o.oid, 'operator',
      o.oprnamespace, o.oprname, pg_catalog.pg_operator_is_visible(o.oid)
    from pg_catalog.pg_operator o
  ) r on r.class = d.refclassid and r.oid = d.refobjid
  join pg_catalog.pg_namespace s on s.oid = r.namespace and s.nspname <> 'pg_catalog'
  cross join lateral (select ${extensionOfClass('d.refclassid', 'd.refobjid')} as name) b
  where ${holds})`
}
