import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import type { Attach, CliOptions } from './call.ts'
import { refuseRepeats } from './command-options.ts'
import { addConfigCommands } from './commands/config.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addEnforcementCommands } from './commands/enforcement.ts'
import { addKillCommands } from './commands/kill.ts'
import { addReportCommand } from './commands/report.ts'
import { addRolloutCommands } from './commands/rollout.ts'
import { addSqlCommands } from './commands/sql.ts'
import { addViolationsCommands } from './commands/violations.ts'
import { pageWidth } from './layout.ts'
import { isColored } from './output.ts'

/** The command tree; `attach` puts the handlers behind it. */
export function createProgram(attach: Attach, options: CliOptions): Command {
  const { stdout, stderr, environment } = options
  const program = new Command('partywall')
    .description(
      'How strict the tenant walls are, what they saw, and whether the next step is safe.',
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      // Refusals of every kind are printed in one place and one form.
      outputError: () => {},
      getOutHelpWidth: () => pageWidth,
      getErrHelpWidth: () => pageWidth,
      getOutHasColors: () => isColored(stdout, environment),
      getErrHasColors: () => isColored(stderr, environment),
    })
    .option('-V, --version', 'print the version')
    .on('option:version', () => {
      stdout.write(`${readVersion()}\n`)
      throw new CommanderError(0, 'commander.version', 'printed')
    })
    .addHelpText('after', `\n${exitCodeHelp}`)
  addRolloutCommands(program, attach)
  addEnforcementCommands(program, attach)
  addKillCommands(program, attach)
  addReportCommand(program, attach)
  addViolationsCommands(program, attach)
  addSqlCommands(program, attach)
  addConfigCommands(program, attach)
  addDoctorCommand(program, attach)
  refuseRepeats(program)
  return program
}

function readVersion(): string {
  const { version } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  ) as { readonly version: string }
  return version
}

const exitCodeHelp = `Exit codes:
  0   done, and nothing is wrong
  1   refused, not green, or a problem was found (a statement that is open, a finding of an audit)
  2   the command line, the configuration, or a file or database that it names
  3   somebody else changed the state first: look again and decide again
  4   done and on record, but not every instance showed it in time
  70  a fault of the command itself

Every command takes --json (one document on stdout) and --config FILE (or PARTYWALL_CONFIG).`
