import { shapeOf } from '@partywall/context/spi'
import { type FlagKey, type FlagNames, flagKeys, isReserved, knownNames } from './flag-names.ts'
import { defaultFlags, type Flags, lists, type ModelList } from './flags.ts'
import { flagModes } from './mode.ts'
import { nearestName } from './nearest-name.ts'
import type { FlagProblem } from './rollout-error.ts'

/** Names and values as they were found: an environment, or the text fields of a flag file. */
export type FlagValues = Readonly<Record<string, string | undefined>>

/** What one document of flags says. */
export interface ParsedFlags {
  readonly flags: Flags
  /** What the kill switch says: `false` closes; absent where it says nothing. */
  readonly tenancyEnabled?: boolean
  /** Whether the master switch is there at all. */
  readonly masterSwitch: boolean
  /** The enforcement flags that are there, by full name: what an adoption is known by. */
  readonly present: Readonly<Record<string, string>>
  /** Every bad variable. With any, nothing here may be used unless `plainlyOff`. */
  readonly problems: readonly FlagProblem[]
  /** A valid "enforcement off" beside a readable kill switch: may start whatever else is wrong. */
  readonly plainlyOff: boolean
  readonly warnings: readonly string[]
}

/** Checks every enforcement flag and the kill switch in `values`, and collects all that is wrong. */
export function parseFlags(
  values: FlagValues,
  models: readonly string[],
  names: FlagNames,
): ParsedFlags {
  const { enforcementPrefix: prefix, tenancyEnabled } = names
  const problems: FlagProblem[] = []
  const warnings: string[] = []
  const present: Record<string, string> = {}
  let killSwitchMistyped = false
  for (const name of Object.keys(values).sort()) {
    const value = values[name]
    if (value === undefined || !isReserved(name, names)) continue
    const isFlag = name !== tenancyEnabled && name.startsWith(prefix)
    if (isFlag) present[name] = value
    if (knownNames(names).includes(name)) continue
    problems.push(unknownFlag(name, names))
    killSwitchMistyped ||= !isFlag
  }

  function read<Value>(
    name: string,
    expected: string,
    parse: (value: string) => Value | undefined,
  ): Value | undefined {
    const value = values[name]
    if (value === undefined) return undefined
    const parsed = parse(value)
    if (parsed === undefined) problems.push({ name, shape: shapeOf(value), expected })
    return parsed
  }
  const flag = (key: FlagKey): boolean | undefined =>
    read(prefix + key, 'true or false', parseSwitch)
  function list(key: FlagKey): ModelList | undefined {
    const name = prefix + key
    const value = values[name]
    if (value === undefined) return undefined
    if (value === 'all') return 'all'
    return parseList(name, value, models, problems, warnings)
  }

  const enabled = flag('ENABLED')
  const mode = read(`${prefix}MODE`, `one of ${flagModes.join(', ')}`, (value) =>
    flagModes.find((known) => known === value),
  )
  const observed = list('MODELS')
  const enforceModels = list('ENFORCE_MODELS')
  const logModels = list('LOG_MODELS')
  const allowBypass = flag('ALLOW_BYPASS')
  const bypassRequiresReason = flag('BYPASS_REQUIRES_REASON')
  const logSampleRate = read(
    `${prefix}LOG_SAMPLE_RATE`,
    'a decimal number above 0 and at most 1',
    parseRate,
  )
  const before = problems.length
  const tenancy = read(tenancyEnabled, 'true or false', parseSwitch)
  const killSwitchReadable = problems.length === before && !killSwitchMistyped

  if (enabled === true && values[`${prefix}MODE`] === undefined) {
    const expected = `one of ${flagModes.join(', ')}, because enforcement is on`
    problems.push({ name: `${prefix}MODE`, shape: 'missing', expected })
  }
  if (enabled === true && mode === 'selective' && values[`${prefix}ENFORCE_MODELS`] === undefined) {
    const expected = 'all, or declared models separated by commas, because the mode is selective'
    problems.push({ name: `${prefix}ENFORCE_MODELS`, shape: 'missing', expected })
  }
  const flags: Flags = Object.freeze({
    enabled: enabled ?? defaultFlags.enabled,
    mode: mode ?? defaultFlags.mode,
    models: observed ?? defaultFlags.models,
    enforceModels: enforceModels ?? defaultFlags.enforceModels,
    logModels: logModels ?? defaultFlags.logModels,
    allowBypass: allowBypass ?? defaultFlags.allowBypass,
    bypassRequiresReason: bypassRequiresReason ?? defaultFlags.bypassRequiresReason,
    logSampleRate: logSampleRate ?? defaultFlags.logSampleRate,
  })
  warnings.push(...contradictions(flags, values, models, prefix))
  return {
    flags,
    ...(tenancy === undefined ? {} : { tenancyEnabled: tenancy }),
    masterSwitch: values[`${prefix}ENABLED`] !== undefined,
    present,
    problems,
    plainlyOff: enabled === false && killSwitchReadable,
    warnings,
  }
}

function unknownFlag(name: string, names: FlagNames): FlagProblem {
  const known = knownNames(names)
  const expected = `one of ${known.join(', ')}; the nearest is ${nearestName(name, known)}`
  return { name: shownName(name), shape: 'an unknown flag', expected }
}

/** A name may hold anything, too; only what looks like one is shown whole. */
function shownName(name: string): string {
  return /^\w{1,80}$/.test(name) ? name : `${name.replace(/\W.*$/s, '').slice(0, 80)}…`
}

function parseSwitch(value: string): boolean | undefined {
  if (value === 'true') return true
  return value === 'false' ? false : undefined
}

function parseRate(value: string): number | undefined {
  if (!/^\d{1,3}(?:\.\d{1,9})?$/.test(value)) return undefined
  const rate = Number(value)
  return rate > 0 && rate <= 1 ? rate : undefined
}

/** A list is parsed entry by entry, so that each bad one is told by its place. */
function parseList(
  name: string,
  value: string,
  models: readonly string[],
  problems: FlagProblem[],
  warnings: string[],
): ModelList | undefined {
  const found: string[] = []
  let good = true
  for (const [index, entry] of value.split(',').entries()) {
    const model = entry.trim()
    if (!models.includes(model)) {
      good = false
      const expected =
        model === 'all'
          ? 'all alone, or declared models'
          : `all, or declared models separated by commas: ${models.join(', ')}`
      const shape = value === '' ? shapeOf(value) : `entry ${index + 1}: ${shapeOf(model)}`
      problems.push({ name, shape, expected })
    } else if (found.includes(model)) {
      warnings.push(`${name} names ${model} twice`)
    } else {
      found.push(model)
    }
  }
  return good ? Object.freeze(found) : undefined
}

function contradictions(
  flags: Flags,
  values: FlagValues,
  models: readonly string[],
  prefix: string,
): readonly string[] {
  const warnings: string[] = []
  if (values[`${prefix}ENABLED`] === undefined) {
    for (const key of flagKeys.filter((each) => values[prefix + each] !== undefined)) {
      warnings.push(`${prefix}${key} does nothing while ${prefix}ENABLED is unset`)
    }
  }
  if (!flags.bypassRequiresReason) {
    warnings.push(
      `${prefix}BYPASS_REQUIRES_REASON=false: a bypass without a reason is recorded as unspecified`,
    )
  }
  if (flags.mode !== 'selective') return warnings
  for (const model of models) {
    const logged = lists(flags.logModels, model)
    // `all` beside a list of names says "all the others".
    const twice = logged && lists(flags.enforceModels, model)
    if (twice && flags.logModels !== 'all') {
      warnings.push(`${model} is in both lists: it is enforced`)
    }
    if (logged && !twice && !lists(flags.models, model)) {
      warnings.push(
        `${model} is in ${prefix}LOG_MODELS but not in ${prefix}MODELS: it is only counted`,
      )
    }
  }
  return warnings
}
