import type { Command } from 'commander'
import type { Attach, Call } from '../call.ts'
import { problemLines } from '../cli-error.ts'
import { withExamples, withPaths } from '../command-options.ts'
import { exitCodes } from '../exit-code.ts'
import { createFindings, type Findings } from '../finding.ts'
import { readFlags } from '../flag-check.ts'
import type { Outcome } from '../outcome.ts'
import { findFlagFile, findFolder, findLosses } from '../place-findings.ts'
import { type RecordReading, readRecord } from '../record-check.ts'
import { findingLines } from '../render/finding-lines.ts'
import { findFleet, findOpenSignatures, findSettings } from '../rollout-findings.ts'

/** `partywall doctor`: what an operator should know, and what to do about it. */
export function addDoctorCommand(program: Command, attach: Attach): void {
  const command = program
    .command('doctor')
    .description('look at everything; each finding says what to do. Exits 1 when one is an error')
  withPaths(command, ['state', 'flagFile', 'violationLog', 'aggregates'])
  withExamples(command, ['doctor --config partywall.json', 'doctor --json'])
  attach<object>(command, examine, { tellsProblems: true })
}

async function examine(call: Call<object>): Promise<Outcome> {
  const { configuration, problems, clock } = call
  const findings = createFindings()
  for (const line of problemLines(problems)) {
    findings.error('configuration', line, 'mend the configuration')
  }
  findNode(findings)
  await findRecord(await readRecord(call), call, findings)
  await findFolder(configuration, 'violationLog', findings)
  await findFolder(configuration, 'aggregates', findings)
  await findLosses(configuration, clock(), findings)
  const all = findings.all()
  const ill = all.some(({ severity }) => severity === 'error')
  return {
    exitCode: ill ? exitCodes.refused : exitCodes.ok,
    result: { healthy: !ill, findings: all },
    text: (paint) => findingLines(all, paint),
  }
}

function findNode({ error }: Findings): void {
  const { node } = process.versions
  const [major = 0, minor = 0] = node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  error('node.old', `Node ${node} is too old`, 'use Node 20.19 or newer')
}

async function findRecord(
  record: RecordReading | undefined,
  { configuration }: Call<object>,
  findings: Findings,
): Promise<void> {
  if (record === undefined) {
    findings.warning('state.not_given', 'no state folder is given', 'give it with --state')
    return
  }
  if (!record.ok) {
    findings.error(
      record.empty ? 'state.empty' : 'state.unusable',
      record.message,
      record.empty
        ? 'begin with partywall rollout init, or give the right folder'
        : 'restore the folder from a copy; instances keep the last records, none starts anew',
    )
    return
  }
  const { status, operator, newest } = record
  findSettings(status, findings)
  findFleet(status, findings)
  findOpenSignatures(await operator.signatures(), findings)
  await findFolder(configuration, 'state', findings)
  if (configuration.flagFile !== undefined) {
    const always = status.mode === 'always'
    const { flagFile, flagNames: names } = configuration
    findFlagFile(readFlags({ models: newest.models, names, flagFile, always }), status, findings)
  }
}
