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

/** By what the names of the session are found. */
export const pathSource: string = `(
  select json_build_object('text', pg_catalog.current_setting('search_path'), 'user', current_user,
    'schemas', json_agg(n.nspname order by n.nspname))
  from pg_catalog.pg_namespace n where n.nspname !~ '^pg_')`
