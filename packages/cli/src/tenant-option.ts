import { isPartywallError, parseTenantId, type TenantId } from '@partywall/context'
import { shapeOf } from '@partywall/context/spi'
import { misused } from './cli-error.ts'

/** The tenant of a command that is for one tenant, where none is on the command line. */
export const tenantVariable = 'PARTYWALL_TENANT'

/**
 * The tenant that a command is for, from the command line, else from the environment.
 * @throws {@link CliError} `cli.usage` for a tenant that cannot be one.
 */
export function readTenant(
  given: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): TenantId | undefined {
  const text = given ?? environment[tenantVariable]
  if (text === undefined) return undefined
  try {
    // The widest that any service can have chosen: this is a filter, not an admission.
    return parseTenantId(text, { pattern: /^[a-z0-9._-]{1,63}$/ })
  } catch (error) {
    if (!isPartywallError(error, 'tenant.invalid')) throw error
    const name = given === undefined ? tenantVariable : '--tenant'
    const expected = 'a tenant id: 1–63 of a–z, 0–9 and inner -, _ or .'
    throw misused('the tenant is not valid', {
      cause: error,
      problems: [{ name, shape: shapeOf(text), expected }],
    })
  }
}
