import { SqlGuardError } from '../guard/sql-guard-error.ts'
import { byBuiltinNames } from '../schema/builtin-names.ts'
import { type CatalogueReader, readRow } from '../schema/catalogue-reader.ts'
import { extensionOf, withStrangers } from '../schema/extension-bodies.ts'
import { loadCatalogue } from '../schema/load-catalogue.ts'
import { usedBy } from '../schema/used-routines-query.ts'
import type { SecurityCatalogue } from './security-catalogue.ts'

/**
 * Reads what row-level security and the audit want to know of a live database: the catalogue of the
 * guard, and policies, roles, grants and indexes beside it. Two statements, so a change of the
 * database between them may be seen by half.
 * @throws {@link SqlGuardError} `sql.catalogue` when the server is older than PostgreSQL 14.
 */
export async function loadSecurityCatalogue(reader: CatalogueReader): Promise<SecurityCatalogue> {
  const catalogue = await loadCatalogue(reader)
  const found = await readRow(reader, everything)
  const part = <Row>(name: string): readonly Row[] => {
    const value: unknown = found[name]
    if (!Array.isArray(value)) throw new SqlGuardError('sql.catalogue', 'a part is missing')
    // The server built it as JSON in the shape that is asked for.
    return value as readonly Row[]
  }
  return Object.freeze({
    ...catalogue,
    database: String(found['database']),
    schemas: part<SecurityCatalogue['schemas'][number]>('schemas'),
    security: part<SecurityCatalogue['security'][number]>('security'),
    roles: part<SecurityCatalogue['roles'][number]>('roles'),
    definers: part<SecurityCatalogue['definers'][number]>('definers'),
    overloads: part<SecurityCatalogue['overloads'][number]>('overloads'),
    sessionSettings: part<SecurityCatalogue['sessionSettings'][number]>('session_settings'),
  })
}

const nameOfRole = (oid: string): string =>
  `case when ${oid} = 0 then 'public' else pg_catalog.pg_get_userbyid(${oid}) end`

/** What roles of the server's own may do with every table and view is written down nowhere. */
const grants = `(
  select coalesce(json_agg(json_build_object('grantee', g.grantee, 'privilege', g.privilege)
    order by g.grantee, g.privilege), '[]')
  from (
    select ${nameOfRole('x.grantee')}, x.privilege_type
    from pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) x
    union select ${nameOfRole('x.grantee')}, x.privilege_type
    from pg_catalog.pg_attribute a cross join pg_catalog.aclexplode(a.attacl) x
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    union values ('pg_read_all_data', 'SELECT'), ('pg_write_all_data', 'INSERT'),
      ('pg_write_all_data', 'UPDATE'), ('pg_write_all_data', 'DELETE')
  ) g (grantee, privilege))`

const policies = `(
  select coalesce(json_agg(json_build_object(
    'name', p.polname,
    'permissive', p.polpermissive,
    'command', case p.polcmd when 'r' then 'select' when 'a' then 'insert'
      when 'w' then 'update' when 'd' then 'delete' else 'all' end,
    'roles', (select json_agg(${nameOfRole('r.oid')}) from unnest(p.polroles) r(oid)),
    'using', pg_catalog.pg_get_expr(p.polqual, p.polrelid),
    'check', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid),
    'uses', ${usedBy('pg_policy', 'p.oid')}
  ) order by p.polname), '[]')
  from pg_catalog.pg_policy p where p.polrelid = c.oid)`

/** What the rewrite rule of a view depends on, itself left out. */
const reads = `(
  select coalesce(json_agg(distinct rn.nspname || '.' || rc.relname), '[]')
  from pg_catalog.pg_rewrite w
  join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
    and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid <> c.oid
  join pg_catalog.pg_class rc on rc.oid = d.refobjid
  join pg_catalog.pg_namespace rn on rn.oid = rc.relnamespace
  where w.ev_class = c.oid and c.relkind in ('v', 'm'))`

/** Views whose GROUP BY names a key, and so takes the other columns for granted. */
const neededBy = `(
  select coalesce(json_agg(distinct pg_catalog.pg_describe_object(d.classid, d.objid, 0)), '[]')
  from pg_catalog.pg_depend d
  where d.refclassid = 'pg_catalog.pg_constraint'::regclass and d.refobjid = o.oid
    and d.deptype = 'n')`

/** Code that is made of a column, and so keeps it as it is: keys and its own default do not. */
const columnUsers = `(
  select coalesce(json_agg(distinct jsonb_build_object('column', a.attname,
    'user', pg_catalog.pg_describe_object(d.classid, d.objid, 0))), '[]')
  from pg_catalog.pg_depend d
  join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
  where d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = c.oid and d.deptype = 'n'
    and d.classid = any (array['pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_policy'::regclass,
      'pg_catalog.pg_trigger'::regclass, 'pg_catalog.pg_proc'::regclass,
      'pg_catalog.pg_attrdef'::regclass, 'pg_catalog.pg_publication_rel'::regclass]::oid[]))`

/** NOT NULL that was never checked against the rows that are there. */
const unvalidated = `(
  select coalesce(json_agg(a.attname order by a.attnum), '[]')
  from pg_catalog.pg_constraint k
  join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
  where k.conrelid = c.oid and k.contype = 'n' and not k.convalidated)`

const indexes = `(
  select coalesce(json_agg(json_build_object(
    'name', ic.relname,
    'keys', (
      select json_agg(a.attname order by k.position)
      from unnest(i.indkey::int2[]) with ordinality k(number, position)
      left join pg_catalog.pg_attribute a
        on a.attrelid = i.indrelid and a.attnum = k.number and k.number > 0
      where k.position <= i.indnkeyatts),
    'method', m.amname,
    'unique', i.indisunique or i.indisexclusion,
    'partial', i.indpred is not null,
    'valid', i.indisvalid,
    'inherited', ic.relispartition,
    'definition', pg_catalog.pg_get_indexdef(i.indexrelid),
    'neededBy', ${neededBy},
    'constraint', case when o.oid is not null then json_build_object(
      'name', o.conname, 'definition', pg_catalog.pg_get_constraintdef(o.oid)) end
  ) order by ic.relname), '[]')
  from pg_catalog.pg_index i
  join pg_catalog.pg_class ic on ic.oid = i.indexrelid
  join pg_catalog.pg_am m on m.oid = ic.relam
  left join pg_catalog.pg_constraint o on o.conindid = i.indexrelid and o.contype in ('p', 'u', 'x')
  where i.indrelid = c.oid)`

const references = `(
  select coalesce(json_agg(json_build_object(
    'name', f.conname,
    'index', (select x.relname from pg_catalog.pg_class x where x.oid = f.conindid),
    'deferrable', f.condeferrable,
    'deferred', f.condeferred,
    'validated', f.convalidated,
    'enforced', coalesce((to_jsonb(f) ->> 'conenforced')::bool, true),
    'full', f.confmatchtype = 'f',
    'period', coalesce((to_jsonb(f) ->> 'conperiod')::bool, false),
    'inherited', f.conparentid <> 0
  ) order by f.conname), '[]')
  from pg_catalog.pg_constraint f where f.conrelid = c.oid and f.contype = 'f')`

const tables = `(
  select coalesce(json_agg(json_build_object(
    'schema', n.nspname,
    'name', c.relname,
    'owner', pg_catalog.pg_get_userbyid(c.relowner),
    'enabled', c.relrowsecurity,
    'forced', c.relforcerowsecurity,
    'policies', ${policies},
    'grants', ${grants},
    'invoker', coalesce((
      select v.option_value::bool from pg_catalog.pg_options_to_table(c.reloptions) v
      where v.option_name = 'security_invoker'), false),
    'reads', ${reads},
    'unvalidated', ${unvalidated},
    'columnUsers', ${columnUsers},
    'indexes', ${indexes},
    'references', ${references}
  ) order by n.nspname, c.relname), '[]')
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema')
    and n.nspname !~ '^pg_(toast|temp_)')`

const schemas = `(
  select coalesce(json_agg(json_build_object(
    'name', n.nspname, 'owner', pg_catalog.pg_get_userbyid(n.nspowner)) order by n.nspname), '[]')
  from pg_catalog.pg_namespace n
  where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp_)')`

const roles = `(
  select coalesce(json_agg(json_build_object(
    'name', r.rolname,
    'bootstrap', r.oid = 10,
    'superuser', r.rolsuper,
    'bypasses', r.rolbypassrls,
    'replicates', r.rolreplication,
    'login', r.rolcanlogin,
    'memberOf', (select coalesce(json_agg(distinct m.name), '[]') from (
      select pg_catalog.pg_get_userbyid(m.roleid) from pg_catalog.pg_auth_members m
      where m.member = r.oid
      union all
      select 'pg_database_owner' from pg_catalog.pg_database b
      where b.datname = pg_catalog.current_database() and b.datdba = r.oid) m (name))
  ) order by r.rolname), '[]')
  from pg_catalog.pg_roles r)`

/** As ALTER ROUTINE takes it, which has no ORDER BY for an aggregate. */
const routine = (proc: string): string => `format('%I.%I(%s)', n.nspname, ${proc}.proname,
  case ${proc}.prokind when 'a' then pg_catalog.oidvectortypes(${proc}.proargtypes)
    else pg_catalog.pg_get_function_identity_arguments(${proc}.oid) end)`

const definers = `(
  select coalesce(json_agg(json_build_object(
    'schema', n.nspname,
    'name', p.proname,
    'signature', ${routine('p')},
    'owner', pg_catalog.pg_get_userbyid(p.proowner),
    'callers', case when p.prorettype = 'pg_catalog.trigger'::regtype then '["public"]'::json else (
      select coalesce(json_agg(distinct ${nameOfRole('x.grantee')}), '[]')
      from pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) x) end
  ) order by n.nspname, p.proname, p.oid), '[]')
  from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema'))`

const inPath = `n.nspname = any (pg_catalog.current_schemas(false)) and n.nspname <> 'pg_catalog'`
const operand = (type: string): string => `case when ${type} = 0 then 'NONE'
  else pg_catalog.format_type(${type}, null) end`

const overloads = `(
  select coalesce(json_agg(r order by r.kind, r.schema, r.signature), '[]') from (
    select 'function' as kind, n.nspname as schema, p.proname as name,
      ${routine('p')} as signature, ${extensionOf('pg_proc', 'p.oid')} as extension
    from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where ${inPath} and exists (select 1 from pg_catalog.pg_proc b
      where b.pronamespace = 'pg_catalog'::regnamespace and b.proname = p.proname)
    union all
    select 'operator', n.nspname, o.oprname,
      format('%I.%s (%s, %s)', n.nspname, o.oprname, ${operand('o.oprleft')}, ${operand('o.oprright')}),
      ${extensionOf('pg_operator', 'o.oid')}
    from pg_catalog.pg_operator o join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
    where ${inPath} and exists (select 1 from pg_catalog.pg_operator b
      where b.oprnamespace = 'pg_catalog'::regnamespace and b.oprname = o.oprname)
  ) r)`

const sessionSettings = `(
  select coalesce(json_agg(json_build_object(
    'role', (select r.rolname from pg_catalog.pg_roles r where r.oid = s.setrole),
    'database', (select b.datname from pg_catalog.pg_database b where b.oid = s.setdatabase),
    'name', split_part(e.entry, '=', 1)
  ) order by s.setrole, s.setdatabase, e.entry), '[]')
  from pg_catalog.pg_db_role_setting s cross join unnest(s.setconfig) e(entry)
  where s.setdatabase = 0 or s.setdatabase = (select oid from pg_catalog.pg_database
    where datname = pg_catalog.current_database()))`

const everything = byBuiltinNames(`${withStrangers}
  select pg_catalog.current_database() as database, ${schemas} as schemas,
  ${tables} as security, ${roles} as roles, ${definers} as definers, ${overloads} as overloads,
  ${sessionSettings} as session_settings`)
