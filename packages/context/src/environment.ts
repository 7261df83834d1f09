import { PartywallError } from './partywall-error.ts'
import { shapeOf } from './shape.ts'

/** The environments that work can belong to. */
export const environments = ['dev', 'staging', 'prod'] as const
export type Environment = (typeof environments)[number]

/**
 * The only way from text to an {@link Environment}.
 * @throws {@link PartywallError} `env.missing` or `env.invalid`; there is no default.
 */
export function parseEnvironment(value: unknown): Environment {
  if (value === undefined || value === null) {
    throw new PartywallError('env.missing', 'no environment was given')
  }
  const found = environments.find((environment) => environment === value)
  if (found === undefined) {
    throw new PartywallError(
      'env.invalid',
      `the environment is ${shapeOf(value)}; expected one of ${environments.join(', ')}`,
    )
  }
  return found
}
