import { byBuiltinNames } from '../schema/builtin-names.ts'
import type { CatalogueReader } from '../schema/catalogue-reader.ts'

/** Where sessions get a value of a setting from, if nobody sets it for a role or a database. */
export type ServerSetting = 'alter_system' | 'file' | 'session'

/**
 * Whether the server itself gives sessions a value of the setting. Its files are read where the role
 * may, also for what it will only read at its next start; else it counts what this session began with.
 * @param setting - a name that was checked
 */
export async function loadServerSetting(
  reader: CatalogueReader,
  setting: string,
): Promise<ServerSetting | undefined> {
  const { rows } = await reader.query(
    byBuiltinNames(`select
    coalesce(pg_catalog.current_setting('${setting}', true), '') <> '' as is_set,
    pg_catalog.has_table_privilege('pg_catalog.pg_file_settings', 'select')
      and pg_catalog.has_function_privilege('pg_catalog.pg_show_all_file_settings()', 'execute')
      as may_read`),
  )
  const file = rows[0]?.['may_read'] === true ? await inFiles(reader, setting) : undefined
  return file ?? (rows[0]?.['is_set'] === true ? 'session' : undefined)
}

/** The last entry counts. */
async function inFiles(
  reader: CatalogueReader,
  setting: string,
): Promise<ServerSetting | undefined> {
  const { rows } = await reader.query(
    byBuiltinNames(`select
    f.setting <> '' as is_set, f.sourcefile ~ 'postgresql[.]auto[.]conf$' as is_auto
    from pg_catalog.pg_file_settings f where lower(f.name) = '${setting}'
    order by f.seqno desc limit 1`),
  )
  if (rows[0]?.['is_set'] !== true) return undefined
  return rows[0]['is_auto'] === true ? 'alter_system' : 'file'
}
