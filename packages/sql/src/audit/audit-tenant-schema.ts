import { aName } from '../expected.ts'
import { inOptions } from '../guard/given.ts'
import { loadParser } from '../parse/parse.ts'
import { type Finding, sorted } from '../row-security/finding.ts'
import { type Inspection, type InspectionOptions, inspect } from '../row-security/inspection.ts'
import { rowSecurityFindings } from '../row-security/verify-row-security.ts'
import type { CatalogueReader } from '../schema/catalogue-reader.ts'
import type { TenantSchema } from '../schema/tenant-schema.ts'
import { codeFindings } from './code-findings.ts'
import { declarationFindings } from './declaration-findings.ts'
import { foreignKeyFindings } from './foreign-key-findings.ts'
import { indexFindings } from './index-findings.ts'
import { undeclaredFindings } from './undeclared-findings.ts'
import { uniqueFindings } from './unique-findings.ts'
import { truncateFindings, viewFindings } from './view-findings.ts'

const rules: readonly ((inspection: Inspection) => readonly Finding[])[] = [
  rowSecurityFindings,
  declarationFindings,
  undeclaredFindings,
  uniqueFindings,
  foreignKeyFindings,
  indexFindings,
  viewFindings,
  truncateFindings,
  codeFindings,
]

/**
 * Everything in a live database that could let one tenant meet another, the worst first. It reads
 * catalogues alone, never a row of a table, and changes nothing. Read with a connection that is not
 * guarded, as a role that sees all schemas.
 * @throws {@link SqlGuardError} `sql.options` for an unknown role, `sql.catalogue` for a server before 14.
 */
export async function auditTenantSchema(
  db: CatalogueReader,
  schema: TenantSchema,
  options: InspectionOptions = {},
): Promise<readonly Finding[]> {
  await loadParser()
  const inspection = await inspect(db, schema, options)
  return sorted(rules.flatMap((rule) => rule(inspection)))
}

/**
 * The same for whoever has a connection string only. It needs `pg`, and works in a transaction that
 * can write nothing.
 */
export async function auditDatabase(
  connectionString: string,
  schema: TenantSchema,
  options: InspectionOptions = {},
): Promise<readonly Finding[]> {
  inOptions.value('connectionString', connectionString, aName)
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString })
  // A connection that breaks also says so by an event, which would end the process.
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    return await auditTenantSchema(client, schema, options)
  } finally {
    await client.end()
  }
}
