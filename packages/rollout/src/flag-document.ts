import { isPartywallError, parseTenantId, type TenantId } from '@partywall/context'
import { reasonCodePattern, shapeOf } from '@partywall/context/spi'
import { type FlagNames, isReserved, knownNames } from './flag-names.ts'
import { keysOfJson } from './json-keys.ts'
import { type ParsedFlags, parseFlags } from './parse-flags.ts'
import type { FlagProblem } from './rollout-error.ts'
import { overrideModes, type TenantOverride, type TenantOverrides } from './tenant-override.ts'

/** What a flag file says: the flags under the names of the variables, and single tenants. */
export interface FlagDocument {
  readonly parsed: ParsedFlags
  readonly tenants: TenantOverrides
}

/**
 * Reads the text of a flag file: a JSON object with the names of the environment variables, and
 * optionally `tenants`. Every key must be known; everything wrong is in `parsed.problems`.
 */
export function parseFlagDocument(
  text: string,
  models: readonly string[],
  names: FlagNames,
): FlagDocument {
  const problems: FlagProblem[] = []
  const content = parseObject(text, names, problems)
  const values: Record<string, string> = {}
  let tenants: TenantOverrides = new Map()
  for (const [name, value] of Object.entries(content)) {
    if (name === 'tenants') {
      tenants = parseOverrides(value, problems)
    } else if (!isReserved(name, names)) {
      const expected = [...knownNames(names), 'tenants'].join(', ')
      problems.push({ name: 'a key', shape: shapeOf(name), expected: `one of ${expected}` })
    } else if (typeof value === 'string') {
      values[name] = value
    } else if (typeof value === 'boolean' || typeof value === 'number') {
      values[name] = String(value)
    } else {
      problems.push({ name, shape: shapeOf(value), expected: 'text, a number, true or false' })
    }
  }
  const parsed = parseFlags(values, models, names)
  const selective = [...tenants.values()].some((override) => override.mode === 'selective')
  if (selective && parsed.flags.enforceModels.length === 0) {
    const name = `${names.enforcementPrefix}ENFORCE_MODELS`
    problems.push({ name, shape: 'missing', expected: 'models, because a tenant is selective' })
  }
  const speaks = tenants.size > 0 || Object.keys(parsed.present).length > 0
  if (speaks && !parsed.masterSwitch && problems.length === 0) {
    // The file takes the place of the environment as a whole: a switch left out is not "off".
    const name = `${names.enforcementPrefix}ENABLED`
    problems.push({ name, shape: 'missing', expected: 'true or false, beside the other flags' })
  }
  return { parsed: { ...parsed, problems: [...problems, ...parsed.problems] }, tenants }
}

function parseObject(
  text: string,
  { tenancyEnabled }: FlagNames,
  problems: FlagProblem[],
): Readonly<Record<string, unknown>> {
  const expected = 'one JSON object, each key once'
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    const shape = text.trim() === '' ? 'empty' : 'no complete JSON'
    problems.push({ name: 'the flag file', shape, expected })
    return {}
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    problems.push({ name: 'the flag file', shape: shapeOf(content), expected })
    return {}
  }
  const keys = keysOfJson(text)
  if (keys.isRepeated) {
    problems.push({ name: 'the flag file', shape: 'an object that repeats a key', expected })
    // No neighbour can veto the switch that closes: it is handed on, and closes if it says so once.
    const said = keys.valuesOf(tenancyEnabled)
    const closing = said.find((value) => value === false || value === 'false')
    return closing === undefined ? {} : { [tenancyEnabled]: closing }
  }
  // An object that JSON.parse made has string keys.
  return content as Readonly<Record<string, unknown>>
}

function parseOverrides(value: unknown, problems: FlagProblem[]): TenantOverrides {
  const tenants = new Map<TenantId, TenantOverride>()
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push({ name: 'tenants', shape: shapeOf(value), expected: 'an object by tenant id' })
    return tenants
  }
  for (const [index, [id, entry]] of Object.entries(value).entries()) {
    const name = `tenants, entry ${index + 1}`
    const tenantId = readTenantId(id)
    const override = readOverride(entry)
    if (tenantId === undefined) {
      problems.push({ name, shape: shapeOf(id), expected: 'a tenant id' })
    } else if (override === undefined) {
      const expected = `{ mode } or { mode, reason, until }: mode one of ${overrideModes.join(', ')}, reason a code, until an ISO 8601 time with its zone`
      problems.push({ name, shape: shapeOf(entry), expected })
    } else {
      tenants.set(tenantId, override)
    }
  }
  return tenants
}

function readTenantId(id: string): TenantId | undefined {
  try {
    return parseTenantId(id)
  } catch (error) {
    if (isPartywallError(error)) return undefined
    throw error
  }
}

function readOverride(entry: unknown): TenantOverride | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined
  const { mode: given, reason, until, ...rest } = entry as Record<string, unknown>
  const mode = overrideModes.find((known) => known === given)
  if (mode === undefined || Object.keys(rest).length > 0) return undefined
  if (reason === undefined && until === undefined) return Object.freeze({ mode })
  if (typeof reason !== 'string' || !reasonCodePattern.test(reason)) return undefined
  if (typeof until !== 'string' || !/T.*(?:Z|[+-]\d\d:\d\d)$/.test(until)) return undefined
  const end = Date.parse(until)
  return Number.isNaN(end) ? undefined : Object.freeze({ mode, reason, until: end })
}
