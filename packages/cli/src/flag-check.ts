import { readFileSync } from 'node:fs'
import { isPartywallError } from '@partywall/context'
import {
  createRollout,
  type DeclaredModels,
  type FlagNames,
  type RolloutProblem,
  type RolloutSnapshot,
} from '@partywall/rollout'
import type { Problem } from './cli-error.ts'

/** What an instance would make of a set of flags. */
export interface FlagReading {
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
  /** The settings that would hold; absent where an instance would refuse to start. */
  readonly snapshot?: RolloutSnapshot
  /** Whether the flag file says anything about enforcement: one with the kill switch alone does not. */
  readonly speaks: boolean
  /** Whether the environment or the flag file sets the master switch, on or off. */
  readonly masterSwitch: boolean
}

/** The flags to read, as an instance would be given them. */
export interface FlagCheckOptions {
  readonly models: DeclaredModels
  readonly names: FlagNames
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  readonly flagFile?: string | undefined
  /** Whether the walls are always on, and a loosening flag is therefore wrong. */
  readonly always: boolean
}

/** Starts what an instance would start, without joining the fleet, and stops it at once. */
export function readFlags(options: FlagCheckOptions): FlagReading {
  const { models, names, environment = {}, flagFile, always } = options
  const told: RolloutProblem[] = []
  const text = textOf(flagFile)
  const master = `${names.enforcementPrefix}ENABLED`
  const said = {
    speaks: text.includes(`"${names.enforcementPrefix}`),
    masterSwitch: environment[master] !== undefined || text.includes(`"${master}"`),
  }
  try {
    const rollout = createRollout({
      models,
      names,
      environment,
      flagFile,
      always,
      onProblem: (problem) => void told.push(problem),
    })
    const snapshot = rollout.snapshot()
    rollout.close()
    const warnings = [...snapshot.warnings, ...told.map(({ message }) => message)]
    if (snapshot.killSwitch === 'on') warnings.push(closedHere(names))
    return { problems: [], warnings, snapshot, ...said }
  } catch (error) {
    if (!isPartywallError(error)) throw error
    return { problems: problemsOf(error), warnings: [], ...said }
  }
}

function problemsOf(error: Error & { readonly problems?: readonly Problem[] }): readonly Problem[] {
  if (error.problems !== undefined && error.problems.length > 0) return error.problems
  return [{ name: 'the settings', shape: error.message, expected: 'settings that start' }]
}

function closedHere({ tenancyEnabled }: FlagNames): string {
  return `${tenancyEnabled} is false: the kill switch is on, only the default tenant is served`
}

/** A file that cannot be read says nothing, and is told as a problem elsewhere. */
function textOf(flagFile: string | undefined): string {
  try {
    return flagFile === undefined ? '' : readFileSync(flagFile, 'utf8')
  } catch {
    return ''
  }
}
