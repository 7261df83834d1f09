import { aReader } from '../expected.ts'
import { inClient } from '../guard/given.ts'
import { SqlGuardError } from '../guard/sql-guard-error.ts'
import { byBuiltinNames } from './builtin-names.ts'
import type {
  Catalogue,
  CatalogueCast,
  CatalogueDomain,
  CatalogueExtension,
  CatalogueRoutine,
  CatalogueTable,
} from './catalogue.ts'
import { type CatalogueReader, readRow, rowsOf } from './catalogue-reader.ts'
import { extensionOf, withStrangers } from './extension-bodies.ts'
import { equalities, isTable, namesakes, pathSource } from './names-query.ts'
import type { FoundSetting } from './text-settings.ts'
import { settingsOf, textSettings } from './text-settings-query.ts'
import { casts, domains, enums, extensions, typeName } from './type-queries.ts'
import { usedBy, usedByColumn, usedByView } from './used-routines-query.ts'

/**
 * Reads what the guard wants to know of a live database: columns, types, keys, rules, and code that
 * could stand in for PostgreSQL's own. One statement, so that it is one moment's truth.
 * @throws {@link SqlGuardError} `sql.catalogue` when the server is older than PostgreSQL 14, or answers
 * with an error, or when the search path finds operators before PostgreSQL's own;
 * `sql.client` for what cannot run a query.
 */
export async function loadCatalogue(reader: CatalogueReader): Promise<Catalogue> {
  inClient.value('reader', reader, aReader)
  const found = await readRow(reader, everything)
  const equalities = rowsOf<string>(found['equalities'] ?? [])
  if (equalities.length > 0) {
    const message = `the search path finds ${equalities.join(', ')} before those of PostgreSQL: leave pg_catalog out of it, then it comes first`
    throw new SqlGuardError('sql.catalogue', message)
  }
  const serverVersion = Number(found['server_version'])
  if (!(serverVersion >= 140_000)) {
    throw new SqlGuardError('sql.catalogue', 'the server is older than PostgreSQL 14')
  }
  const encoding = found['server_encoding']
  if (encoding !== 'UTF8') {
    // PostgreSQL cuts long names, and folds them, by the encoding of the database.
    const message = `the encoding of the database is ${String(encoding)}: only in UTF8 are names what they seem to be`
    throw new SqlGuardError('sql.catalogue', message)
  }
  return Object.freeze({
    serverVersion,
    ...(Number(found['catalogue_position'] ?? 1) > 1 ? { hidesBuiltins: true as const } : {}),
    ...pathSourceOf(found['path_source']),
    searchPath: rowsOf<string>(found['search_path']),
    tables: rowsOf<CatalogueTable>(found['tables']),
    namesakes: rowsOf<string>(found['namesakes'] ?? []),
    routines: rowsOf<CatalogueRoutine>(found['routines']),
    enums: rowsOf<string>(found['enums']),
    domains: rowsOf<CatalogueDomain>(found['domains']),
    casts: rowsOf<CatalogueCast>(found['casts']),
    extensions: rowsOf<CatalogueExtension>(found['extensions']),
    ...settingsOf(rowsOf<FoundSetting>(found['text_settings'])),
  })
}

function pathSourceOf(value: unknown): Pick<Catalogue, 'pathSource'> {
  // Built by the server, too.
  return value ? { pathSource: value as NonNullable<Catalogue['pathSource']> } : {}
}

const columnList = (relation: string, numbers: string): string => `(
  select coalesce(json_agg(a.attname order by k.position), '[]')
  from unnest(${numbers}) with ordinality k(number, position)
  join pg_catalog.pg_attribute a on a.attrelid = ${relation} and a.attnum = k.number)`

const action = (code: string): string => `case ${code}
  when 'a' then 'no_action' when 'r' then 'restrict' when 'c' then 'cascade'
  when 'n' then 'set_null' when 'd' then 'set_default' end`

const columns = `(
  select coalesce(json_agg(json_build_object(
    'name', a.attname,
    'type', ${typeName},
    'length', case when t.typname = 'varchar' and n.nspname = 'pg_catalog' and a.atttypmod > 4
      then a.atttypmod - 4 end,
    'deterministic', coalesce(l.collisdeterministic, true),
    'notNull', a.attnotnull and not exists (
      select 1 from pg_catalog.pg_constraint k
      where k.conrelid = a.attrelid and k.contype = 'n' and k.conkey = array[a.attnum] and not k.convalidated),
    'generated', case
      when a.attgenerated = 's' then 'stored' when a.attgenerated = 'v' then 'virtual'
      when a.attidentity = 'a' then 'identity_always'
      when a.attidentity = 'd' then 'identity_default' else 'no' end,
    'expression', pg_catalog.pg_get_expr(e.adbin, e.adrelid),
    'uses', case when e.oid is not null then ${usedByColumn} end
  ) order by a.attnum), '[]')
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_type t on t.oid = a.atttypid
  join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  left join pg_catalog.pg_collation l on l.oid = a.attcollation
  left join pg_catalog.pg_attrdef e on e.adrelid = a.attrelid and e.adnum = a.attnum
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)`

/**
 * An exclusion constraint names its operators; a unique index has the equality of its class. Constraints
 * are looked up by their table, for which the server has an index: there may be thousands.
 */
const uniques = `(
  select coalesce(json_agg(json_build_object(
    'name', ic.relname,
    'constraint', o.conname,
    'kind', case when i.indisexclusion then 'exclusion' else 'unique' end,
    'partial', i.indpred is not null,
    'holds', i.indisvalid and i.indimmediate,
    'keys', (
      select json_agg(case when k.number = 0 then null else json_build_object(
        'column', a.attname,
        'plain', p.opcdefault and i.indcollation[k.position - 1] = a.attcollation
          and (not i.indisexclusion or e.oprname = '=')
      ) end order by k.position)
      from unnest(i.indkey::int2[]) with ordinality k(number, position)
      left join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
      left join pg_catalog.pg_opclass p on p.oid = i.indclass[k.position - 1]
      left join pg_catalog.pg_operator e on e.oid = o.conexclop[k.position]
      where k.position <= i.indnkeyatts)
  ) order by ic.relname), '[]')
  from pg_catalog.pg_index i
  join pg_catalog.pg_class ic on ic.oid = i.indexrelid
  left join pg_catalog.pg_constraint o on o.conrelid = i.indrelid and o.conindid = i.indexrelid
    and o.contype in ('p', 'u', 'x')
  where i.indrelid = c.oid and (i.indisunique or i.indisexclusion))`

const foreignKeys = `(
  select coalesce(json_agg(json_build_object(
    'name', f.conname,
    'columns', ${columnList('f.conrelid', 'f.conkey')},
    'references', rn.nspname || '.' || r.relname,
    'referencedColumns', ${columnList('f.confrelid', 'f.confkey')},
    'onUpdate', ${action('f.confupdtype')},
    'onDelete', ${action('f.confdeltype')},
    'cleared', ${columnList('f.conrelid', `coalesce(translate(to_jsonb(f) ->> 'confdelsetcols', '[]', '{}')::int2[], f.conkey)`)},
    'holds', f.convalidated and not f.condeferrable
      and coalesce((to_jsonb(f) ->> 'conenforced')::bool, true)
  ) order by f.conname), '[]')
  from pg_catalog.pg_constraint f
  join pg_catalog.pg_class r on r.oid = f.confrelid
  join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
  -- A key to a partitioned table is there once more for each partition.
  left join pg_catalog.pg_constraint whole on whole.oid = f.conparentid and whole.conrelid = f.conrelid
  where f.conrelid = c.oid and f.contype = 'f' and whole.oid is null)`

const policies = `(
  select coalesce(json_agg(json_build_object('name', y.polname, 'expression', x.expression,
    'uses', ${usedBy('pg_policy', 'y.oid')})
    order by y.polname, x.expression), '[]')
  from pg_catalog.pg_policy y
  cross join lateral (values (pg_catalog.pg_get_expr(y.polqual, y.polrelid)),
    (pg_catalog.pg_get_expr(y.polwithcheck, y.polrelid))) x (expression)
  where y.polrelid = c.oid and c.relrowsecurity and x.expression is not null)`

const reached = `n.nspname <> 'pg_catalog'
  and (n.nspname = any (pg_catalog.current_schemas(false))
    or exists (select 1 from pg_catalog.pg_extension h where h.extnamespace = n.oid))`

/** No expression runs a procedure or what triggers run: where the server takes one, it says so. */
const isInExpressions = `p.prokind <> 'p' and not p.prorettype = any (array[
  'pg_catalog.trigger'::pg_catalog.regtype, 'pg_catalog.event_trigger'::pg_catalog.regtype])`

const everything = byBuiltinNames(`
${withStrangers}
select
  pg_catalog.current_setting('server_version_num') as server_version,
  pg_catalog.current_setting('server_encoding') as server_encoding,
  pg_catalog.array_position(pg_catalog.current_schemas(false), 'pg_catalog') as catalogue_position,
  (select coalesce(json_agg(s.name order by s.position), '[]')
    from unnest(pg_catalog.current_schemas(false)) with ordinality s(name, position)
    where s.name <> 'pg_catalog') as search_path,
  (select coalesce(json_agg(json_build_object(
      'schema', n.nspname,
      'name', c.relname,
      'kind', case c.relkind when 'r' then 'table' when 'p' then 'partitioned_table'
        when 'v' then 'view' when 'm' then 'materialized_view' else 'foreign_table' end,
      'columns', ${columns},
      'uniques', ${uniques},
      'foreignKeys', ${foreignKeys},
      'rules', (select coalesce(json_agg(w.rulename order by w.rulename), '[]')
        from pg_catalog.pg_rewrite w where w.ev_class = c.oid and w.ev_type <> '1'),
      'checks', (select coalesce(json_agg(json_build_object('name', k.conname,
          'expression', pg_catalog.pg_get_expr(k.conbin, k.conrelid),
          'uses', ${usedBy('pg_constraint', 'k.oid')}) order by k.conname), '[]')
        from pg_catalog.pg_constraint k where k.conrelid = c.oid and k.contype = 'c'),
      'policies', ${policies},
      'triggers', (select coalesce(json_agg(g.tgname order by g.tgname), '[]')
        from pg_catalog.pg_trigger g where g.tgrelid = c.oid and not g.tgisinternal),
      'partitionKey', (select coalesce(json_agg(a.attname order by k.position), '[]')
        from pg_catalog.pg_partitioned_table pt
        cross join unnest(pt.partattrs::int2[]) with ordinality k(number, position)
        left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.number and k.number > 0
        where pt.partrelid = c.oid),
      'children', (select coalesce(json_agg(hn.nspname || '.' || hc.relname order by 1), '[]')
        from pg_catalog.pg_inherits h
        join pg_catalog.pg_class hc on hc.oid = h.inhrelid
        join pg_catalog.pg_namespace hn on hn.oid = hc.relnamespace where h.inhparent = c.oid),
      'definition', case c.relkind when 'v' then pg_catalog.pg_get_viewdef(c.oid) end,
      'uses', case c.relkind when 'v' then ${usedByView} end,
      'isChild', exists (select 1 from pg_catalog.pg_inherits h where h.inhrelid = c.oid)
    ) order by n.nspname, c.relname), '[]')
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where ${isTable('c', 'n')}) as tables,
  ${namesakes} as namesakes,
  ${pathSource} as path_source,
  ${equalities} as equalities,
  (select coalesce(json_agg(r order by r.kind, r.name, r.schema, r.aggregate), '[]') from (
      select distinct 'function' as kind, n.nspname as schema, p.proname as name,
        ${extensionOf('pg_proc', 'p.oid')} as extension,
        p.prokind = 'a' as aggregate
      from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
      where ${reached} and ${isInExpressions}
      union
      select distinct 'operator', n.nspname, o.oprname,
        ${extensionOf('pg_operator', 'o.oid')}, false
      from pg_catalog.pg_operator o join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
      where ${reached}
    ) r) as routines,
  ${enums} as enums,
  ${domains} as domains,
  ${casts} as casts,
  ${extensions} as extensions,
  ${textSettings} as text_settings`)
