import type { Enforcement } from '@partywall/context/spi'
import { optional } from '../expected.ts'
import { type Expected, hasMethods, type KnownOptions } from '../known-options.ts'

export interface GuardOptions {
  /** How strict the guard is, and the kill switch. @defaultValue every violation is blocked */
  readonly enforcement?: Enforcement | undefined
  /** Longer texts are not read, and so are violations. @defaultValue `65536` characters */
  readonly maxTextLength?: number | undefined
  /** How many texts are remembered with what was proved about them. @defaultValue `2000` */
  readonly cachedTexts?: number | undefined
}

const positiveInteger: Expected = {
  words: 'a positive integer',
  fits: (value) => Number.isSafeInteger(value) && Number(value) > 0,
}

const anEnforcement: Expected = {
  words: 'an Enforcement, such as rollout.enforcement',
  fits: (value) => hasMethods(value, ['decide', 'refusal']),
}

export const guardOptions: KnownOptions<GuardOptions> = {
  enforcement: optional(anEnforcement),
  maxTextLength: optional(positiveInteger),
  cachedTexts: optional(positiveInteger),
}
