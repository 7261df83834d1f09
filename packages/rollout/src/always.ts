import { reasonCodePattern, shapeOf, unknownModel, unspecifiedReason } from '@partywall/context/spi'
import type { FlagKey, FlagNames } from './flag-names.ts'
import type { ParsedFlags } from './parse-flags.ts'
import { type FlagProblem, RolloutError } from './rollout-error.ts'
import type { SystemJob } from './system-job.ts'

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

/**
 * Checks the list of documented system jobs.
 * @throws {@link RolloutError} `rollout.invalid_options`
 */
export function checkSystemJobs(
  jobs: readonly SystemJob[],
  models: readonly string[],
): readonly SystemJob[] {
  for (const [index, { name, actor, reason, models: touched }] of jobs.entries()) {
    const which = `systemJobs, entry ${index + 1}`
    if (name.trim() === '' || actor.trim() === '') {
      throw new RolloutError('rollout.invalid_options', `${which}: name and actor are required`)
    }
    if (!reasonCodePattern.test(reason) || reason === unspecifiedReason) {
      throw new RolloutError(
        'rollout.invalid_options',
        `${which}: the reason is ${shapeOf(reason)}; expected a code matching ${reasonCodePattern.source}, not ${unspecifiedReason}`,
      )
    }
    const unknown = touched.filter((model) => model !== unknownModel && !models.includes(model))
    if (touched.length === 0 || unknown.length > 0) {
      throw new RolloutError(
        'rollout.invalid_options',
        `${which}: models must be declared ones: ${models.join(', ')}`,
      )
    }
  }
  return Object.freeze(
    jobs.map((job) => Object.freeze({ ...job, models: Object.freeze([...job.models]) })),
  )
}
