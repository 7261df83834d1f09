import { Argument, type Command } from 'commander'
import type { Attach, Call } from '../call.ts'
import { misused } from '../cli-error.ts'
import { withExamples } from '../command-options.ts'
import { exitCodes } from '../exit-code.ts'
import type { Outcome } from '../outcome.ts'
import { countProofs, proveText } from '../proofs.ts'
import { proofLines } from '../render/proof-lines.ts'
import { readSchema, type SchemaOptions, withLive, withSchema } from '../schema-options.ts'
import { readInput, readSqlFiles } from '../sql-input.ts'

interface ProveOptions extends SchemaOptions {
  readonly file?: string
}

/** `partywall sql prove`: which condition confines which relation, or which one is open. */
export function addProveCommand(group: Command, attach: Attach): void {
  const command = group
    .command('prove')
    .description(
      'what confines each relation of a statement, or what would; exits 1 when one is open',
    )
    .addArgument(new Argument('[text]', 'the SQL (or --file, or what is piped in)'))
    .option('-f, --file <file>', 'a file of SQL')
  withSchema(withLive(command))
  withExamples(command, [
    // In single quotes: a shell makes nothing of $1 in double ones.
    `sql prove --schema tenant-schema.js 'select * from users where tenant_id = $1'`,
    'sql prove --owner-column tenant_id --file report.sql',
    'sql prove --schema tenant-schema.js --live < report.sql',
  ])
  attach<ProveOptions>(command, prove)
}

async function prove(call: Call<ProveOptions>): Promise<Outcome> {
  const text = await readText(call)
  const proofs = await proveText(text, await readSchema(call))
  if (proofs.length === 0) throw misused('there is no statement in the SQL that was given')
  const counts = countProofs(proofs)
  return {
    exitCode: counts.open === 0 ? exitCodes.ok : exitCodes.refused,
    result: { ...counts, proofs },
    text: (paint) => proofLines(proofs, paint),
  }
}

async function readText({
  arguments: [text],
  options,
  cwd,
  stdin,
}: Call<ProveOptions>): Promise<string> {
  const { file } = options
  if (text !== undefined && file !== undefined) {
    throw misused('give a text or --file, not both')
  }
  if (text !== undefined) return text
  if (file === undefined) return readInput(stdin)
  const [read] = await readSqlFiles([file], cwd)
  return read?.text ?? ''
}
