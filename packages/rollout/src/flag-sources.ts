import { type Adoption, type AdoptionSource, contentOf } from './adoption.ts'
import { parseFlagDocument } from './flag-document.ts'
import { type FlagFileReading, followFlagFile } from './flag-file.ts'
import type { FlagNames } from './flag-names.ts'
import { looseningFlags } from './loosening-flags.ts'
import { type FlagValues, type ParsedFlags, parseFlags } from './parse-flags.ts'
import { describeProblems, type FlagProblem, RolloutError } from './rollout-error.ts'
import type { TenantOverrides } from './tenant-override.ts'

export interface FlagSourcesOptions {
  readonly environment: FlagValues
  readonly flagFile: string | undefined
  readonly models: readonly string[]
  readonly names: FlagNames
  /** Whether the walls are always on, by code. */
  readonly always: boolean
  /** Whether they are by now, by code or by what is on record. */
  readonly alwaysOn: () => boolean
  /** The flag file changed: a new, whole, valid document, its kill switch, or both. */
  readonly onChange: (adoption: Adoption | undefined, flipped: boolean) => void
  /** The flag file is wrong, or is well again. */
  readonly onProblem: (problem: { code: string; message: string } | undefined) => void
}

/** The environment, read once, and the flag file, followed. */
export interface FlagSources {
  /** What to adopt at the start, in this order. */
  readonly initial: readonly Adoption[]
  /** Whether the master switch is set in the environment or in the file. */
  readonly masterSwitch: boolean
  /** Which of the two say that tenancy is off. */
  killSwitches(): readonly AdoptionSource[]
  /** What both say now that walls which are always on would have to ignore. */
  loosening(): readonly FlagProblem[]
  close(): void
}

/**
 * Reads both, and refuses to start where one is wrong: every bad variable is in the error. A valid
 * "enforcement off" starts all the same and says the rest as warnings.
 * @throws {@link RolloutError} `rollout.invalid_flags`, `rollout.always`
 */
export function openFlagSources(options: FlagSourcesOptions): FlagSources {
  const { environment, flagFile, models, names, always, alwaysOn } = options
  const { onChange, onProblem } = options
  const closedBy = new Set<AdoptionSource>()
  const loosenedBy = new Map<AdoptionSource, readonly FlagProblem[]>()
  const problems: FlagProblem[] = []
  const initial: Adoption[] = []

  function setKillSwitch(source: AdoptionSource, tenancyEnabled: boolean | undefined): boolean {
    const before = closedBy.has(source)
    if (tenancyEnabled === false) closedBy.add(source)
    else closedBy.delete(source)
    return closedBy.has(source) !== before
  }
  function begin(source: AdoptionSource, parsed: ParsedFlags, tenants: TenantOverrides): void {
    const loosening = looseningFlags(parsed, names)
    loosenedBy.set(source, loosening)
    const wrong = always ? loosening : parsed.problems
    const ignored = !always && parsed.plainlyOff ? wrong : []
    if (wrong.length > ignored.length) problems.push(...wrong)
    setKillSwitch(source, parsed.tenancyEnabled)
    initial.push(adoptionOf(source, parsed, tenants, ignored))
  }

  const fromEnvironment = parseFlags(environment, models, names)
  begin('environment', fromEnvironment, new Map())
  let masterSwitch = fromEnvironment.masterSwitch
  const killSwitches = (): readonly AdoptionSource[] => [...closedBy]
  const loosening = (): readonly FlagProblem[] => [...loosenedBy.values()].flat()
  if (flagFile === undefined) {
    refuse(problems, always)
    return { initial, masterSwitch, killSwitches, loosening, close: () => undefined }
  }

  const file = followFlagFile(flagFile, changed)
  function changed(reading: FlagFileReading): void {
    if (!reading.ok) {
      onProblem(reading)
      return
    }
    const { parsed, tenants } = parseFlagDocument(reading.text, models, names)
    const loosens = looseningFlags(parsed, names)
    const wrong = alwaysOn() ? loosens : parsed.problems
    if (wrong.length > 0) {
      onProblem({
        code: 'file.invalid',
        message: `the flag file was rejected as a whole, the last good one holds: ${describeProblems(wrong)}`,
      })
      // No invalid neighbour can veto the switch that closes; one that opens needs a whole document.
      if (parsed.tenancyEnabled === false && setKillSwitch('file', false)) onChange(undefined, true)
      return
    }
    onProblem(undefined)
    loosenedBy.set('file', loosens)
    const flipped = setKillSwitch('file', parsed.tenancyEnabled)
    onChange(adoptionOf('file', parsed, tenants, []), flipped)
  }

  const reading = file.readNow()
  if (reading.ok) {
    const { parsed, tenants } = parseFlagDocument(reading.text, models, names)
    masterSwitch ||= parsed.masterSwitch
    begin('file', parsed, tenants)
  } else {
    // One that is not there may have said that tenancy is off: nobody knows, so nothing starts.
    const shape = reading.code === 'file.missing' ? 'missing' : reading.code
    problems.push({ name: 'the flag file', shape, expected: aFlagFile })
  }
  if (problems.length > 0) file.close()
  refuse(problems, always && reading.ok)
  return { initial, masterSwitch, killSwitches, loosening, close: file.close }
}

const aFlagFile = 'a readable JSON file; one that says nothing is {}'

function adoptionOf(
  source: AdoptionSource,
  parsed: ParsedFlags,
  tenants: TenantOverrides,
  ignored: readonly FlagProblem[],
): Adoption {
  const warnings = ignored.map(
    (problem) => `ignored, enforcement is off: ${describeProblems([problem])}`,
  )
  return Object.freeze({
    source,
    flags: parsed.flags,
    tenants,
    warnings: [...warnings, ...parsed.warnings],
    content: contentOf(parsed.present, tenants),
    silent: !parsed.masterSwitch,
  })
}

function refuse(problems: readonly FlagProblem[], always: boolean): void {
  if (problems.length === 0) return
  throw new RolloutError(
    always ? 'rollout.always' : 'rollout.invalid_flags',
    `not started, these settings are wrong:\n${describeProblems(problems)}`,
    { problems },
  )
}
