import { reasonCodePattern, shapeOf, unknownModel, unspecifiedReason } from '@partywall/context/spi'
import { RolloutError } from './rollout-error.ts'

/** A documented system job: the only bypass that is left once the walls are always on. */
export interface SystemJob {
  /** Must equal the name of the running job, as `runJob` was given it. */
  readonly name: string
  /** Must equal the actor of the system scope. */
  readonly actor: string
  /** Must equal the reason code of the system scope. */
  readonly reason: string
  /** What it may touch, by declared model. */
  readonly models: readonly string[]
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
