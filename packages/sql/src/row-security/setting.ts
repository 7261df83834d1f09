import { inOptions } from '../guard/given.ts'
import type { Expected } from '../known-options.ts'

/** The setting of a transaction that holds the key of its tenant. */
const defaultSetting = 'partywall.tenant'

const settingPattern = /^[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)+$/

export const aSetting: Expected = {
  words: `a name with a dot, as ${defaultSetting}`,
  fits: (value) => typeof value === 'string' && settingPattern.test(value),
}

/**
 * Refuses every name that could be a setting of PostgreSQL's own: those have no dot.
 * @throws {@link SqlGuardError} `sql.options`
 */
export function checkedSetting(setting: string = defaultSetting): string {
  inOptions.value('setting', setting, aSetting)
  return setting
}
