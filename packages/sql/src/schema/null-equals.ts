import { SqlGuardError } from '../guard/sql-guard-error.ts'
import type { NullEquals } from './catalogue.ts'
import { namedSessions, resettingStatement } from './session-setting.ts'

const setting = 'transform_null_equals'

/** The statements that turn the setting off; none where a connection or a command line must change. */
export function mendNullEquals(found: NullEquals): readonly string[] {
  if (found.by === 'sessions') return [resettingStatement(setting, found)]
  if (found.by === 'server') return [`ALTER SYSTEM SET ${setting} = off`, 'SELECT pg_reload_conf()']
  return found.by === 'statement' ? [`RESET ${setting}`] : []
}

const places = {
  server: 'the configuration of the server',
  start: 'the command line of the server',
  connection: 'the options of the connection',
  statement: 'a statement of the session',
} as const

/** Where the setting is turned on, for a person. */
export function placeOfNullEquals(found: NullEquals): string {
  return found.by === 'sessions' ? `sessions of ${namedSessions(found)}` : places[found.by]
}

/**
 * Refuses a database in which `x = NULL` can be true.
 * @throws {@link SqlGuardError} `sql.schema` with what mends it
 */
export function refuseNullEquals(found: readonly NullEquals[]): void {
  if (found.length === 0) return
  const lines = found.map((each) => {
    const mend = mendNullEquals(each)
    return `${placeOfNullEquals(each)}: ${mend.length === 0 ? 'leave it out' : mend.join('; ')}`
  })
  throw new SqlGuardError(
    'sql.schema',
    `${setting} is on, and x = NULL means x IS NULL; turn it off:\n${lines.join('\n')}`,
  )
}
