import { dirname, resolve } from 'node:path'
import { type Severity, shapeOf } from '@partywall/context/spi'
import { defaultFlagNames, type FlagNames } from '@partywall/rollout'
import { misconfigured, type Problem } from './cli-error.ts'
import { readConfigurationFile } from './configuration-file.ts'

/** The paths that a command can be given: as an option, a variable, or a key of the file. */
export const places = [
  'state',
  'flagFile',
  'violationLog',
  'aggregates',
  'registry',
  'schema',
] as const
export type Place = (typeof places)[number]

interface PlaceNames {
  readonly option: string
  readonly variable: string
  readonly what: string
  readonly kind: 'file' | 'folder'
}

export const placeNames: Readonly<Record<Place, PlaceNames>> = Object.freeze({
  state: {
    option: '--state',
    variable: 'PARTYWALL_STATE',
    what: 'folder of the rollout records',
    kind: 'folder',
  },
  flagFile: {
    option: '--flag-file',
    variable: 'PARTYWALL_FLAG_FILE',
    what: 'live flag file',
    kind: 'file',
  },
  violationLog: {
    option: '--violation-log',
    variable: 'PARTYWALL_VIOLATION_LOG',
    what: 'folder of the violation logs',
    kind: 'folder',
  },
  aggregates: {
    option: '--aggregates',
    variable: 'PARTYWALL_AGGREGATES',
    what: 'folder of the daily counters',
    kind: 'folder',
  },
  registry: {
    option: '--registry',
    variable: 'PARTYWALL_REGISTRY',
    what: 'folder of the tenant files',
    kind: 'folder',
  },
  schema: {
    option: '--schema',
    variable: 'PARTYWALL_SCHEMA',
    what: 'module of the tenant schema',
    kind: 'file',
  },
})

/** The file that says all of it at once. */
export const configurationVariable = 'PARTYWALL_CONFIG'

/** What a command goes by. Every path is absolute, and was given: none is searched for. */
export interface Configuration extends Readonly<Partial<Record<Place, string>>> {
  readonly expectedInstances?: readonly string[]
  readonly models?: Readonly<Record<string, Severity>>
  readonly flagNames: FlagNames
}

/** What was read, and everything that is wrong with it. */
export interface ConfigurationReading {
  readonly configuration: Configuration
  readonly problems: readonly Problem[]
}

/** Where a command was called. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

/** Paths as the command line gave them. */
export type GivenPaths = Readonly<Partial<Record<Place | 'config', string | undefined>>>

/**
 * Puts together what the command line, the environment and the configuration file say; the
 * earlier of them wins, path by path.
 */
export async function readConfiguration(
  given: GivenPaths,
  { environment, cwd }: Surroundings,
): Promise<ConfigurationReading> {
  const problems: Problem[] = []
  const pick = (option: string, variable: string, value: string | undefined) => {
    const name = value === undefined ? variable : option
    const text = value ?? environment[variable]
    if (text === undefined) return undefined
    if (text.trim() !== '' && !text.includes('\0')) return resolve(cwd, text)
    problems.push({ name, shape: shapeOf(text), expected: 'a path' })
    return undefined
  }
  const file = pick('--config', configurationVariable, given.config)
  const reading = file === undefined ? undefined : await readConfigurationFile(file)
  problems.push(...(reading?.problems ?? []))
  const { expectedInstances, models, flagNames, ...said } = reading?.content ?? {}
  const paths: Partial<Record<Place, string>> = {}
  for (const place of places) {
    const { option, variable } = placeNames[place]
    const inFile = said[place]
    const found =
      pick(option, variable, given[place]) ??
      (inFile === undefined || file === undefined ? undefined : resolve(dirname(file), inFile))
    if (found !== undefined) paths[place] = found
  }
  const configuration: Configuration = {
    ...paths,
    ...(expectedInstances === undefined ? {} : { expectedInstances }),
    ...(models === undefined ? {} : { models }),
    // A kill switch of another name has no prefix of its own, unless the file says so.
    flagNames: {
      ...defaultFlagNames,
      ...(flagNames?.tenancyEnabled === undefined ? {} : { tenancyPrefix: undefined }),
      ...flagNames,
    },
  }
  return { configuration, problems }
}

/**
 * A path that this command cannot do without.
 * @throws {@link CliError} `cli.configuration` when it was not given.
 */
export function needPath(configuration: Configuration, place: Place): string {
  const path = configuration[place]
  if (path !== undefined) return path
  const { option, variable, what } = placeNames[place]
  throw misconfigured(
    `the ${what} is not given: use ${option}, ${variable}, or "${place}" in the file of --config`,
  )
}

/**
 * Reads from a path that was given, and says which one it is when that fails.
 * @throws {@link CliError} `cli.configuration` for what the system refuses.
 */
export async function readPlace<Result>(
  configuration: Configuration,
  place: Place,
  read: (path: string) => Promise<Result>,
): Promise<Result> {
  const path = needPath(configuration, place)
  try {
    return await read(path)
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) throw error
    const message = `the ${placeNames[place].what} cannot be read (${String(error.code)}): ${path}`
    throw misconfigured(message, { cause: error })
  }
}
