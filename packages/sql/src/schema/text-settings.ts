import { SqlGuardError } from '../guard/sql-guard-error.ts'
import type { Catalogue, NullEquals, TextSetting } from './catalogue.ts'
import { namedSessions, resettingStatement } from './session-setting.ts'

/** Where a setting is that changes what a text means. */
export interface FoundSetting extends NullEquals {
  readonly setting: TextSetting['setting'] | 'transform_null_equals'
}

interface Meaning {
  readonly usual: string
  /** What it is, what comes of that, and what to do. */
  readonly says: string
}

const meanings: Readonly<Record<FoundSetting['setting'], Meaning>> = {
  transform_null_equals: {
    usual: 'off',
    says: 'transform_null_equals is on, and x = NULL means x IS NULL; turn it off',
  },
  standard_conforming_strings: {
    usual: 'on',
    says: 'standard_conforming_strings is off, and strings end elsewhere than they seem to; turn it on',
  },
  client_encoding: {
    usual: 'UTF8',
    says: 'client_encoding is not UTF8, and a part of a character can be a quote; leave it out',
  },
}

/** The statements that take the setting back; none where a connection or a command line must change. */
export function mendSetting(found: FoundSetting): readonly string[] {
  const { setting, by } = found
  if (by === 'sessions') return [resettingStatement(setting, found)]
  if (by === 'server') {
    return [`ALTER SYSTEM SET ${setting} = ${meanings[setting].usual}`, 'SELECT pg_reload_conf()']
  }
  return by === 'statement' ? [`RESET ${setting}`] : []
}

const places = {
  server: 'the configuration of the server',
  start: 'the command line of the server',
  connection: 'the options of the connection',
  statement: 'a statement of the session',
} as const

/** Where the setting is, for a person. */
export function placeOfSetting(found: NullEquals): string {
  return found.by === 'sessions' ? `sessions of ${namedSessions(found)}` : places[found.by]
}

/**
 * Refuses a database whose sessions read texts otherwise than the guard.
 * @throws {@link SqlGuardError} `sql.schema` with what mends it
 */
export function refuseTextSettings({ nullEquals, textSettings = [] }: Catalogue): void {
  const found: readonly FoundSetting[] = [
    ...nullEquals.map((each) => ({ ...each, setting: 'transform_null_equals' as const })),
    ...textSettings,
  ]
  if (found.length === 0) return
  const lines = Object.entries(meanings).flatMap(([setting, { says }]) => {
    const own = found.filter((each) => each.setting === setting)
    return own.length === 0 ? [] : [`${says}:`, ...own.map(placeAndMend)]
  })
  throw new SqlGuardError('sql.schema', lines.join('\n'))
}

function placeAndMend(found: FoundSetting): string {
  const mend = mendSetting(found)
  return `${placeOfSetting(found)}: ${mend.length === 0 ? 'leave it out' : mend.join('; ')}`
}
