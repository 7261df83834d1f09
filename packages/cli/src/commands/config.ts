import { access, constants, stat } from 'node:fs/promises'
import { isPartywallError } from '@partywall/context'
import type { Command } from 'commander'
import type { Attach, Call } from '../call.ts'
import type { CheckedArea } from '../checked-area.ts'
import { problemLines } from '../cli-error.ts'
import { withExamples, withPaths } from '../command-options.ts'
import { type Configuration, type Place, placeNames } from '../configuration.ts'
import { type DeclarationOptions, readModels, withModels } from '../declaration-options.ts'
import { exitCodes } from '../exit-code.ts'
import { readFlags } from '../flag-check.ts'
import type { Outcome } from '../outcome.ts'
import { type RecordReading, readRecord } from '../record-check.ts'
import { areaLines } from '../render/area-lines.ts'
import { importSchema } from '../schema-module.ts'

/** `partywall config check`: everything that would keep an instance from starting, at once. */
export function addConfigCommands(program: Command, attach: Attach): void {
  const group = program.command('config').description('what instances and commands are set up with')
  const command = group
    .command('check')
    .description('check configuration, environment, flag file, tenants and folders, all at once')
  withModels(command)
  withPaths(command, ['state', 'flagFile', 'violationLog', 'aggregates', 'registry', 'schema'])
  withExamples(command, [
    'config check --config partywall.json',
    'config check --registry configs/tenants --flag-file flags.json --config partywall.json',
    'config check --model User=CRITICAL Role=HIGH',
  ])
  attach<ModelOptions>(command, check, { tellsProblems: true })
}

type ModelOptions = Pick<DeclarationOptions, 'model'>

async function check(call: Call<ModelOptions>): Promise<Outcome> {
  const { options, environment, problems } = call
  const { model } = options
  const configuration: Configuration =
    model === undefined ? call.configuration : { ...call.configuration, models: readModels(model) }
  const record = await readRecord(call)
  const areas: readonly CheckedArea[] = [
    area('configuration', problemLines(problems), driftOf(configuration, record)),
    ...checkFlags({ configuration, environment }, record),
    await checkRegistry(configuration),
    await checkSchema(configuration),
    stateArea(record),
    await checkFolder(configuration, 'violationLog'),
    await checkFolder(configuration, 'aggregates'),
  ]
  const wrong = areas.some(({ state }) => state === 'wrong')
  return {
    exitCode: wrong ? exitCodes.usage : exitCodes.ok,
    result: { ok: !wrong, areas },
    text: (paint) => areaLines(areas, paint),
  }
}

function area(
  about: CheckedArea['about'],
  problems: readonly string[],
  warnings: readonly string[] = [],
): CheckedArea {
  return { about, state: problems.length > 0 ? 'wrong' : 'ok', problems, warnings }
}

function skipped(about: CheckedArea['about'], why?: string): CheckedArea {
  const state = why === undefined ? 'not given' : 'not checked'
  return { about, state, problems: [], warnings: why === undefined ? [] : [why] }
}

/** The environment of this command stands for that of an instance: run it where instances run. */
function checkFlags(
  { configuration, environment }: Pick<Call<object>, 'configuration' | 'environment'>,
  record: RecordReading | undefined,
): readonly CheckedArea[] {
  const { flagFile, flagNames: names } = configuration
  const models = configuration.models ?? (record?.ok === true ? record.newest.models : undefined)
  if (models === undefined) {
    const why =
      'the declared models are not known: give them by --model, by "models" in the configuration, or a state folder'
    return [
      skipped('environment', why),
      flagFile === undefined ? skipped('flagFile') : skipped('flagFile', why),
    ]
  }
  const always = record?.ok === true && record.status.mode === 'always'
  const fromEnvironment = readFlags({ models, names, always, environment })
  const fromFile =
    flagFile === undefined ? undefined : readFlags({ models, names, always, flagFile })
  const unset = !fromEnvironment.masterSwitch && fromFile?.masterSwitch !== true
  const ratchet =
    unset && !always && record?.ok === true && record.blocked
      ? [
          `${names.enforcementPrefix}ENABLED is unset: with these settings no instance starts any more`,
        ]
      : []
  return [
    area('environment', problemLines(fromEnvironment.problems), [
      ...fromEnvironment.warnings,
      ...ratchet,
    ]),
    fromFile === undefined
      ? skipped('flagFile')
      : area('flagFile', problemLines(fromFile.problems), fromFile.warnings),
  ]
}

async function checkRegistry({ registry }: Configuration): Promise<CheckedArea> {
  if (registry === undefined) return skipped('registry')
  // Loaded here: the switches must not wait for a YAML parser that they do not use.
  const { createRegistry, describeProblem, RegistryError, yamlDirectory } = await import(
    '@partywall/registry'
  )
  try {
    const opened = await createRegistry(yamlDirectory(registry), { watch: false })
    opened.close()
    return area('registry', [])
  } catch (error) {
    if (!isPartywallError(error)) throw error
    const problems = error instanceof RegistryError ? error.problems.map(describeProblem) : []
    return area('registry', problems.length > 0 ? problems : [error.message])
  }
}

async function checkSchema({ schema }: Configuration): Promise<CheckedArea> {
  if (schema === undefined) return skipped('schema')
  try {
    await importSchema(schema)
    return area('schema', [])
  } catch (error) {
    if (!isPartywallError(error)) throw error
    return area('schema', [error.message])
  }
}

function stateArea(record: RecordReading | undefined): CheckedArea {
  if (record === undefined) return skipped('state')
  // A folder without a rollout is what `rollout init` begins with.
  if (!record.ok && record.empty) return skipped('state', 'no rollout yet: rollout init begins one')
  return area('state', record.ok ? [] : [record.message])
}

async function checkFolder(configuration: Configuration, place: Place): Promise<CheckedArea> {
  const folder = configuration[place]
  if (folder === undefined) return skipped(place)
  const { what } = placeNames[place]
  try {
    if (!(await stat(folder)).isDirectory())
      return area(place, [`the ${what} is no folder: ${folder}`])
    await access(folder, constants.R_OK | constants.X_OK)
    return area(place, [])
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    if (code === 'ENOENT') return skipped(place, 'not there yet: the first instance makes it')
    return area(place, [`the ${what} cannot be read (${code}): ${folder}`])
  }
}

/** What is configured here and is otherwise on record: the record counts. */
function driftOf(
  { models, expectedInstances }: Configuration,
  record: RecordReading | undefined,
): readonly string[] {
  if (record?.ok !== true) return []
  const { newest } = record
  const same = (one: unknown, other: unknown): boolean =>
    JSON.stringify(one) === JSON.stringify(other)
  const sorted = (it: Readonly<Record<string, string>>): unknown => Object.entries(it).sort()
  return [
    ...(models === undefined || same(sorted(models), sorted(newest.models))
      ? []
      : ['models differ from those on record: rollout configure brings them in']),
    ...(expectedInstances === undefined ||
    same([...expectedInstances].sort(), [...newest.instances].sort())
      ? []
      : ['expectedInstances differ from those on record: rollout configure brings them in']),
  ]
}
