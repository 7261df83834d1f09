import type { Catalogue, TenantSchema } from '@partywall/sql'
import { type Command, Option } from 'commander'
import type { Call } from './call.ts'
import { misconfigured } from './cli-error.ts'
import { withPaths } from './command-options.ts'
import { type Configuration, placeNames } from './configuration.ts'
import { type Database, type DatabaseOptions, useDatabase, withDatabase } from './database.ts'
import { importSchema } from './schema-module.ts'

/** Whose rows each table holds: a module says so, or a database lets one guess. */
export interface SchemaOptions extends DatabaseOptions {
  readonly ownerColumn?: string
  readonly live?: boolean
}

/** The options of a command that goes by a tenant schema; `--schema` and the rest come with it. */
export function withSchema(command: Command): Command {
  command.addOption(
    new Option(
      '--owner-column <name>',
      'in place of a module: owned is what has this column in the live database',
    ).conflicts('schema'),
  )
  return withDatabase(withPaths(command, ['schema']))
}

/** The option of a command that can do without a database. */
export function withLive(command: Command): Command {
  return command.option(
    '--live',
    'prove with columns, keys and views of the live database (so does --database-url)',
  )
}

/**
 * The schema to prove with: as declared, or, where a database is asked for, as it stands there.
 * @throws {@link CliError} `cli.configuration`
 * @throws {@link SqlGuardError} `sql.schema` where declarations and database contradict each other.
 */
export async function readSchema(call: Call<SchemaOptions>): Promise<TenantSchema> {
  const { options, configuration } = call
  const { ownerColumn, live, databaseUrl } = options
  const { liveSchema, loadCatalogue } = await import('@partywall/sql')
  const read = (): Promise<Catalogue> => useDatabase(call, loadCatalogue)
  if (ownerColumn !== undefined) {
    const catalogue = await read()
    return liveSchema(await derived(catalogue, ownerColumn), catalogue)
  }
  const declared = await importSchema(needSchema(configuration))
  return live === true || databaseUrl !== undefined ? liveSchema(declared, await read()) : declared
}

/**
 * The declarations to compare a database with; a module is read before the database is asked.
 * @throws {@link CliError} `cli.configuration`
 */
export async function readDeclared({
  options,
  configuration,
}: Call<SchemaOptions>): Promise<(database: Database) => Promise<TenantSchema>> {
  const { ownerColumn } = options
  if (ownerColumn === undefined) {
    const declared = await importSchema(needSchema(configuration))
    return () => Promise.resolve(declared)
  }
  const { loadCatalogue } = await import('@partywall/sql')
  return async (database) => derived(await loadCatalogue(database), ownerColumn)
}

async function derived(catalogue: Catalogue, ownerColumn: string): Promise<TenantSchema> {
  const { deriveTenantSchema } = await import('@partywall/sql')
  return deriveTenantSchema(catalogue, { ownerColumn })
}

/**
 * A schema that this command cannot do without.
 * @throws {@link CliError} `cli.configuration` when it was not given.
 */
function needSchema({ schema }: Configuration): string {
  if (schema !== undefined) return schema
  const { option, variable, what } = placeNames.schema
  throw misconfigured(
    `the ${what} is not given: use ${option}, ${variable}, or "schema" in the file of --config; or --owner-column with a database`,
  )
}
