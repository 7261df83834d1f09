import { pathToFileURL } from 'node:url'
import type { FindingSeverity } from '@partywall/sql/audit'
import { type Command, Option } from 'commander'
import type { Attach, Call } from '../call.ts'
import { withExamples } from '../command-options.ts'
import { useDatabase } from '../database.ts'
import { exitCodes } from '../exit-code.ts'
import type { Outcome } from '../outcome.ts'
import { auditLines } from '../render/audit-lines.ts'
import { readDeclared, type SchemaOptions, withSchema } from '../schema-options.ts'
import { pathBelow } from '../sql-input.ts'

/** The worst first. */
const severities: readonly FindingSeverity[] = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW']

interface AuditOptions extends SchemaOptions {
  readonly role?: readonly string[]
  readonly setting?: string
  readonly failOn: FindingSeverity
  readonly sarif?: boolean
  readonly sql?: boolean
}

/** `partywall sql audit`: what in a live database could let tenants meet. */
export function addAuditCommand(group: Command, attach: Attach): void {
  const command = group
    .command('audit')
    .description('what in a live database could let tenants meet, each with the SQL that mends it')
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 when there is a finding as bad as this, or worse')
        .choices(severities)
        .default('HIGH'),
    )
    .option('--role <name...>', 'the roles that serve tenants (default: all that can log in)')
    .option('--setting <name>', 'the setting that holds the tenant (default: partywall.tenant)')
    .addOption(
      new Option('--sarif', 'print SARIF 2.1.0, for code scanning').conflicts(['json', 'sql']),
    )
    .addOption(
      new Option('--sql', 'print what psql runs: the mending SQL, the rest as comments').conflicts(
        'json',
      ),
    )
  withSchema(command)
  withExamples(command, [
    'sql audit --schema dist/tenant-schema.js --role app',
    'sql audit --owner-column tenant_id --fail-on CRITICAL',
    'sql audit --schema dist/tenant-schema.js --sarif > partywall.sarif',
    'sql audit --schema dist/tenant-schema.js --sql > mend.sql',
  ])
  attach<AuditOptions>(command, audit)
}

async function audit(call: Call<AuditOptions>): Promise<Outcome> {
  const { options, configuration, cwd } = call
  const { role: roles, setting, failOn, ownerColumn } = options
  const declared = await readDeclared(call)
  const { auditJson, auditSarif, auditTenantSchema, auditText } = await import(
    '@partywall/sql/audit'
  )
  const findings = await useDatabase(call, async (database) =>
    auditTenantSchema(database, await declared(database), { roles, setting }),
  )
  const report = auditJson(findings)
  const failing = severities.slice(0, severities.indexOf(failOn) + 1)
  const fails = failing.some((severity) => report.counts[severity] > 0)
  return {
    exitCode: fails ? exitCodes.refused : exitCodes.ok,
    result: { ...report, failOn },
    text: (paint) => {
      if (options.sarif === true) {
        // Code scanning takes no result without a file: the one that declares the tables.
        const { schema } = configuration
        const artifact =
          schema === undefined || ownerColumn !== undefined
            ? {}
            : { artifact: pathBelow(schema, cwd) ?? pathToFileURL(schema).href }
        return [JSON.stringify(auditSarif(findings, artifact), null, 2)]
      }
      if (options.sql === true) return auditText(findings).trimEnd().split('\n')
      return auditLines(findings, report.counts, paint)
    },
  }
}
