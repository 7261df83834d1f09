import { isPartywallError } from '@partywall/context'
import {
  type DecisionAction,
  decisionActions,
  type Severity,
  severities,
} from '@partywall/context/spi'
import type { Ruling } from '@partywall/rollout'
import { readViolations, type ViolationFilter } from '@partywall/telemetry'
import { type Command, Option } from 'commander'
import type { Attach, Call } from '../call.ts'
import { wholeNumber, withExamples, withPaths } from '../command-options.ts'
import { readPlace } from '../configuration.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { readMoment } from '../moment-option.ts'
import { openState } from '../open-state.ts'
import type { Outcome } from '../outcome.ts'
import { blockedLines, violationLines } from '../render/violation-lines.ts'
import { readTenant, tenantVariable } from '../tenant-option.ts'
import { groupViolations } from '../violation-groups.ts'

/** Enough for a week of a service that leaks; more than that is for the report. */
const mostRecords = 20_000

interface ListOptions {
  readonly tenant?: string
  readonly model?: string
  readonly severity?: Severity
  readonly endpoint?: string
  readonly decision?: DecisionAction
  readonly signature?: string
  readonly since?: string
  readonly until?: string
  readonly limit: number
  readonly blocked?: boolean
  readonly failOnAny?: boolean
  readonly ids?: boolean
}

/** `partywall violations list`: by signature, from the logs of every instance. */
export function addListCommand(group: Command, attach: Attach): void {
  const command = group
    .command('list')
    .description('the violations of the last 24 hours, by signature')
    .option('--tenant <id>', `only those of this tenant (or ${tenantVariable})`)
    .option('--model <name>', 'only those of this model')
    .addOption(new Option('--severity <severity>', 'only those').choices(severities))
    .option('--endpoint <route>', 'only those of this endpoint or job')
    .addOption(new Option('--decision <action>', 'only those decided so').choices(decisionActions))
    .option('--signature <id>', 'only this one, with its statement and stack')
    .option('--since <moment>', '24h, 7d, 2026-01-28, 2026-01-28T09:30:00Z (default: 24h)')
    .option('--until <moment>', 'before this moment')
    .addOption(
      new Option('--limit <count>', 'signatures to show')
        .argParser(wholeNumber(1, 10_000))
        .default(50),
    )
    .addOption(
      new Option(
        '--blocked',
        'every blocked signature and its ruling, from the state folder',
      ).conflicts(['tenant', 'endpoint', 'decision', 'since', 'until']),
    )
    .option('--fail-on-any', 'exit 1 when there is any')
    .option('--ids', 'print the ids of the signatures alone, one per line')
  withPaths(command, ['violationLog', 'state'])
  withExamples(command, [
    'violations list --since 7d --severity CRITICAL',
    'violations list --tenant acme --model User',
    'violations list --decision bypass --since 7d',
    'violations list --signature 0f3a5c7e9b1d2468',
    'violations list --blocked',
  ])
  attach<ListOptions>(command, (call) =>
    call.options.blocked === true ? listBlocked(call) : listLogged(call),
  )
}

async function listLogged(call: Call<ListOptions>): Promise<Outcome> {
  const { options, configuration, environment, clock } = call
  const { model, severity, endpoint, decision, signature, limit } = options
  const now = clock()
  const tenantId = readTenant(options.tenant, environment)
  const from = readMoment('--since', options.since ?? '24h', now)
  const to = options.until === undefined ? undefined : readMoment('--until', options.until, now)
  const filter: ViolationFilter = {
    model,
    severity,
    endpoint,
    decision,
    signature,
    tenantId,
    from,
    to,
  }
  const found = await readPlace(configuration, 'violationLog', (folder) =>
    readViolations(folder, { ...filter, limit: mostRecords }),
  )
  const groups = groupViolations(found.violations, await rulingsOf(call))
  const { matched, torn, unreadable } = found
  const result = {
    ...(tenantId === undefined ? {} : { tenant: tenantId }),
    from: new Date(from).toISOString(),
    ...(to === undefined ? {} : { to: new Date(to).toISOString() }),
    matched,
    grouped: found.violations.length,
    torn,
    unreadable,
    signatures: groups.length,
    violations: groups.slice(0, limit),
  }
  // What could not be read may hold a violation.
  const clean = matched === 0 && unreadable.length === 0
  return {
    exitCode: exitCodeFor(call, clean),
    result,
    text: (paint) =>
      options.ids === true
        ? idsOf(result.violations.map((each) => each.signature))
        : violationLines(result, { detail: signature !== undefined, paint }),
  }
}

/** What waits for a person: counted by every instance, whatever became of the logs. */
async function listBlocked(call: Call<ListOptions>): Promise<Outcome> {
  const { model, severity, signature, limit } = call.options
  const operator = await openState(call)
  const matching = (await operator.signatures()).filter(
    (it) =>
      (model === undefined || it.model === model) &&
      (severity === undefined || it.severity === severity) &&
      (signature === undefined || it.id === signature),
  )
  const result = {
    signatures: matching.length,
    open: matching.filter(({ ruling }) => ruling === 'open').length,
    blocked: matching.slice(0, limit),
  }
  const exitCode = exitCodeFor(call, matching.length === 0)
  return {
    exitCode,
    result,
    text: (paint) =>
      call.options.ids === true
        ? idsOf(result.blocked.map(({ id }) => id))
        : blockedLines(result, paint),
  }
}

/** Rulings are beside the point of the list: without a readable record it is shown without them. */
async function rulingsOf(call: Call<ListOptions>): Promise<ReadonlyMap<string, Ruling>> {
  if (call.configuration.state === undefined) return new Map()
  try {
    const operator = await openState(call)
    return new Map((await operator.signatures()).map(({ id, ruling }) => [id, ruling]))
  } catch (error) {
    if (!isPartywallError(error)) throw error
    call.notify(`shown without rulings: ${error.message}`)
    return new Map()
  }
}

/** Ids go into the command lines of others: nothing that is not one may come out. */
function idsOf(signatures: readonly string[]): readonly string[] {
  return signatures.filter((signature) => /^[0-9a-f]{16}$/.test(signature))
}

function exitCodeFor({ options }: Call<ListOptions>, clean: boolean): ExitCode {
  return options.failOnAny === true && !clean ? exitCodes.refused : exitCodes.ok
}
