import { severities, shapeOf, unknownModel } from '@partywall/context/spi'
import { RolloutError } from './rollout-error.ts'
import type { DeclaredModels } from './rollout-options.ts'

/**
 * Checks the declared models and returns their names. A name must fit in a list of them.
 * @throws {@link RolloutError} `rollout.invalid_options`
 */
export function checkModels(models: DeclaredModels): readonly string[] {
  const names = Object.keys(models)
  if (names.length === 0) {
    throw new RolloutError('rollout.invalid_options', 'no models: declare at least one')
  }
  for (const name of names) {
    if (name.trim() !== name || name === '' || /[,\n]/.test(name) || name === 'all') {
      throw new RolloutError(
        'rollout.invalid_options',
        `a model's name is ${shapeOf(name)}; expected one without commas, outer spaces, and not all`,
      )
    }
    if (name === unknownModel || !severities.includes(models[name] ?? ('' as never))) {
      throw new RolloutError(
        'rollout.invalid_options',
        `the severity of a model is wrong or ${unknownModel} was declared; expected one of ${severities.join(', ')}`,
      )
    }
  }
  return Object.freeze(names)
}
