import type { Command } from 'commander'
import type { Attach } from '../call.ts'
import { addAuditCommand } from './sql-audit.ts'
import { addCheckCommand } from './sql-check.ts'
import { addProveCommand } from './sql-prove.ts'
import { addSchemaCommand } from './sql-schema.ts'

/** `partywall sql`: what the wall for SQL makes of statements, and of a database. */
export function addSqlCommands(program: Command, attach: Attach): void {
  const group = program
    .command('sql')
    .description('prove statements, check files of SQL, audit a live database')
  addProveCommand(group, attach)
  addCheckCommand(group, attach)
  addAuditCommand(group, attach)
  addSchemaCommand(group, attach)
}
