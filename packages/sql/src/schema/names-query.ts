/** What statements can mean, by the names of its relation and schema. Temporary tables are a session's own. */
export const isTable = (relation: string, schema: string): string => `
  ${relation}.relkind in ('r', 'p', 'v', 'm', 'f')
  and ${schema}.nspname not in ('pg_catalog', 'information_schema')
  and ${schema}.nspname !~ '^pg_(toast|temp_)'`

/** A name finds whatever relation comes first, be it a sequence: those by names of tables that are none. */
export const namesakes: string = `(
  select coalesce(json_agg(n.nspname || '.' || c.relname order by n.nspname, c.relname), '[]')
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = any (pg_catalog.current_schemas(false)) and n.nspname <> 'pg_catalog'
    and not (${isTable('c', 'n')})
    and exists (select 1 from pg_catalog.pg_class t join pg_catalog.pg_namespace s
      on s.oid = t.relnamespace where t.relname = c.relname and ${isTable('t', 's')}))`

/** What IN and CASE would compare texts by, where it is found before PostgreSQL's own. */
export const equalities: string = `(
  select coalesce(json_agg(n.nspname || '.' || o.oprname order by n.nspname, o.oprname), '[]')
  from pg_catalog.pg_operator o join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
  join pg_catalog.pg_type t on t.oid = o.oprleft
  where (o.oprname = '=' or o.oprname = '<>') and t.typnamespace = 'pg_catalog'::regnamespace
    and pg_catalog.array_position(pg_catalog.current_schemas(false), n.nspname)
      < pg_catalog.array_position(pg_catalog.current_schemas(false), 'pg_catalog'))`

/**
 * By what the names of the session are found, and which roles may not use a schema that this path may
 * name for them: PostgreSQL leaves it out without a word.
 */
export const pathSource: string = `(
  select json_build_object('text', pg_catalog.current_setting('search_path'), 'user', current_user,
    'schemas', json_agg(n.nspname order by n.nspname), 'closed', (
      select coalesce(json_agg(json_build_array(s.nspname, r.rolname) order by s.nspname, r.rolname), '[]')
      from pg_catalog.pg_namespace s cross join pg_catalog.pg_roles r
      where (r.rolcanlogin or r.rolname = current_user)
        and (r.rolname = s.nspname or pg_catalog.strpos(
          lower(pg_catalog.current_setting('search_path')), lower(s.nspname::text)) > 0)
        and not pg_catalog.has_schema_privilege(r.oid, s.oid, 'USAGE')))
  from pg_catalog.pg_namespace n where n.nspname !~ '^pg_')`
