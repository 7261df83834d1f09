import type { Place } from './configuration.ts'

/** One thing that was looked at. */
export interface CheckedArea {
  readonly about: 'configuration' | 'environment' | Place
  readonly state: 'ok' | 'wrong' | 'not given' | 'not checked'
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}
