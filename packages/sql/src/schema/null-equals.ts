import type { NullEquals } from './catalogue.ts'
import { mendSetting, placeOfSetting } from './text-settings.ts'

/** The statements that turn the setting off; none where a connection or a command line must change. */
export function mendNullEquals(found: NullEquals): readonly string[] {
  return mendSetting({ ...found, setting: 'transform_null_equals' })
}

/** Where the setting is turned on, for a person. */
export const placeOfNullEquals: typeof placeOfSetting = placeOfSetting
