import { Argument, type Command, Option } from 'commander'
import type { Attach, Call } from '../call.ts'
import { withExamples } from '../command-options.ts'
import { exitCodes } from '../exit-code.ts'
import type { Outcome } from '../outcome.ts'
import { countProofs, proveText, type StatementProof } from '../proofs.ts'
import { checkSarif } from '../render/check-sarif.ts'
import { checkLines } from '../render/proof-lines.ts'
import { readSchema, type SchemaOptions, withLive, withSchema } from '../schema-options.ts'
import { readSqlFiles } from '../sql-input.ts'

interface CheckOptions extends SchemaOptions {
  readonly sarif?: boolean
}

/** `partywall sql check`: every statement of files, for CI. */
export function addCheckCommand(group: Command, attach: Attach): void {
  const command = group
    .command('check')
    .description('prove every statement of files of SQL; exits 1 when one is open')
    .addArgument(new Argument('<files...>', 'files of SQL'))
    .addOption(new Option('--sarif', 'print SARIF 2.1.0, for code scanning').conflicts('json'))
  withSchema(withLive(command))
  withExamples(command, [
    'sql check --schema dist/tenant-schema.js queries/*.sql',
    'sql check --schema dist/tenant-schema.js --live $(git ls-files "*.sql")',
    'sql check --schema dist/tenant-schema.js --sarif queries/*.sql > partywall.sarif',
  ])
  attach<CheckOptions>(command, check)
}

async function check(call: Call<CheckOptions>): Promise<Outcome> {
  const files = await readSqlFiles([...new Set(call.arguments)], call.cwd)
  const schema = await readSchema(call)
  const proofs: StatementProof[] = []
  for (const { file, text } of files) proofs.push(...(await proveText(text, schema, file)))
  const counts = countProofs(proofs)
  const uris = new Map(files.map(({ file, uri }) => [file, uri]))
  return {
    exitCode: counts.open === 0 ? exitCodes.ok : exitCodes.refused,
    result: { files: files.length, ...counts, proofs },
    text: (paint) =>
      call.options.sarif === true
        ? [JSON.stringify(checkSarif(proofs, uris), null, 2)]
        : checkLines(proofs, files.length, paint),
  }
}
