import type { Command } from 'commander'
import type { Attach, Call } from '../call.ts'
import { withExamples, withPaths } from '../command-options.ts'
import { type DatabaseOptions, useDatabase, withDatabase } from '../database.ts'
import { exitCodes } from '../exit-code.ts'
import type { Outcome } from '../outcome.ts'

interface SchemaCommandOptions extends DatabaseOptions {
  readonly ownerColumn: string
}

/** `partywall sql schema`: declarations to begin with, from a live database. */
export function addSchemaCommand(group: Command, attach: Attach): void {
  const command = group
    .command('schema')
    .description('print a module that declares the tables of a live database, to read and correct')
    .requiredOption('--owner-column <name>', 'the column that says whose a row is')
  withPaths(withDatabase(command), [])
  withExamples(command, ['sql schema --owner-column tenant_id > src/tenant-schema.ts'])
  attach<SchemaCommandOptions>(command, schema)
}

async function schema(call: Call<SchemaCommandOptions>): Promise<Outcome> {
  const { ownerColumn } = call.options
  const { deriveTenantSchema, generateTenantSchema, loadCatalogue } = await import('@partywall/sql')
  const catalogue = await useDatabase(call, loadCatalogue)
  const source = generateTenantSchema(catalogue, { ownerColumn })
  const { relations } = deriveTenantSchema(catalogue, { ownerColumn })
  const named = (kind: string): readonly string[] =>
    [...relations].flatMap(([name, { table }]) => (table.kind === kind ? [name] : []))
  return {
    exitCode: exitCodes.ok,
    result: { source, owned: named('owner'), through: named('through'), global: named('global') },
    text: () => source.trimEnd().split('\n'),
  }
}
