import { SqlGuardError } from '../guard/sql-guard-error.ts'

/** The setting of a transaction that holds the key of its tenant. */
const defaultSetting = 'partywall.tenant'

const settingPattern = /^[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)+$/

/**
 * Refuses every name that could be a setting of PostgreSQL's own: those have no dot.
 * @throws {@link SqlGuardError} `sql.options`
 */
export function checkedSetting(setting: string = defaultSetting): string {
  if (typeof setting === 'string' && settingPattern.test(setting)) return setting
  throw new SqlGuardError('sql.options', `setting must be a name with a dot, as ${defaultSetting}`)
}
