import { shapeOf } from '@partywall/context/spi'
import type { FlagKey, FlagNames } from './flag-names.ts'
import type { ParsedFlags } from './parse-flags.ts'
import type { FlagProblem } from './rollout-error.ts'

/** What each flag may still say once the walls are always on; everything else would loosen them. */
const harmless: Readonly<Record<FlagKey, string | undefined>> = {
  ENABLED: 'true',
  MODE: 'enforce',
  ENFORCE_MODELS: 'all',
  ALLOW_BYPASS: 'false',
  BYPASS_REQUIRES_REASON: 'true',
  LOG_MODELS: undefined,
  // What is written in full does not change what is blocked.
  MODELS: 'all',
  LOG_SAMPLE_RATE: undefined,
}

/** The variables that ask walls which are always on to be looser, and everything malformed. */
export function looseningFlags(parsed: ParsedFlags, names: FlagNames): readonly FlagProblem[] {
  const problems = [...parsed.problems]
  for (const [key, allowed] of Object.entries(harmless)) {
    const name = names.enforcementPrefix + key
    const value = parsed.present[name]
    if (value === undefined || value === allowed || key === 'LOG_SAMPLE_RATE') continue
    if (problems.some((problem) => problem.name === name)) continue
    const expected = allowed === undefined ? 'no such variable' : `${allowed}, or no such variable`
    problems.push({ name, shape: shapeOf(value), expected: `${expected}: the walls are always on` })
  }
  return problems
}
