import type { Catalogue, NullEquals, TextSetting } from './catalogue.ts'
import type { FoundSetting } from './text-settings.ts'

/** Entries of pg_db_role_setting, `s`, under which a text means something else. */
const isMisread = `case lower(split_part(c.entry, '=', 1))
  when 'transform_null_equals' then split_part(c.entry, '=', 2)::bool
  when 'standard_conforming_strings' then not split_part(c.entry, '=', 2)::bool
  when 'client_encoding' then pg_catalog.pg_encoding_to_char(
    pg_catalog.pg_char_to_encoding(split_part(c.entry, '=', 2))) <> 'UTF8'
  else false end`

/**
 * What roles and databases say, and what is so in this session: that is all which is seen of the
 * server's own settings without rights to read its files. Settings of a role that cannot log in begin no
 * session. Its encoding is what the driver asked for, whatever the server's own is.
 */
export const textSettings: string = `(
  select coalesce(json_agg(json_build_object('setting', e.setting, 'by', e.by, 'role', e.role,
    'database', e.database) order by e.setting, e.by, e.role, e.database), '[]')
  from (
    select lower(split_part(c.entry, '=', 1)) as setting, 'sessions' as by, r.rolname as role,
      b.datname as database
    from pg_catalog.pg_db_role_setting s
    cross join unnest(s.setconfig) c(entry)
    left join pg_catalog.pg_roles r on r.oid = s.setrole
    left join pg_catalog.pg_database b on b.oid = s.setdatabase
    where ${isMisread}
      and (s.setdatabase = 0 or b.datname = pg_catalog.current_database())
      and (s.setrole = 0 or r.rolcanlogin)
    union all
    select g.name, case g.source when 'configuration file' then 'server' when 'client'
      then 'connection' when 'session' then 'statement' else 'start' end, null, null
    from pg_catalog.pg_settings g
    where (g.name = 'transform_null_equals' and g.setting = 'on'
        or g.name = 'standard_conforming_strings' and g.setting = 'off')
      and g.source not in ('global', 'database', 'user', 'database user')
  ) e)`

/** Those by which NULL equals NULL apart: catalogues had them first. */
export function settingsOf(
  found: readonly FoundSetting[],
): Pick<Catalogue, 'nullEquals' | 'textSettings'> {
  const textSettings: TextSetting[] = []
  const nullEquals: NullEquals[] = []
  for (const { setting, ...place } of found) {
    if (setting === 'transform_null_equals') nullEquals.push(place)
    else textSettings.push({ setting, ...place })
  }
  return { nullEquals, textSettings }
}
