import { type LoggedViolation, readViolations } from '@partywall/telemetry'
import { declaredModels } from '../data/models.ts'
import type { Answer } from '../driver/exchange.ts'
import { endpointOf, openRelationsOf, plantedLeaks } from '../leaks/planted.ts'
import type { Story } from './story.ts'

/** How often each thing is on record: where, what, how severe, decided how and by which rule. */
export type Tally = ReadonlyMap<string, number>

/** What must be decided about a violation of a model, and by which rule. */
export type DecidedBy = (model: string) => Pick<LoggedViolation, 'decision' | 'reason'>

/** Far more than a run writes: what is left out would be missed. */
const mostRecords = 100_000

/** Counts the records in the violation logs of every process so far. */
export async function tallyRecords({ fleet, folders }: Story): Promise<Tally> {
  await fleet.flush()
  const { violations, matched, torn, unreadable } = await readViolations(folders.violationLog, {
    limit: mostRecords,
  })
  if (matched > violations.length || torn > 0 || unreadable.length > 0) {
    throw new Error('the violation logs cannot be read as a whole')
  }
  const tally = new Map<string, number>()
  for (const { decision, reason, record } of violations) {
    const { endpoint, model, severity, violation } = record
    count(tally, keyOf({ endpoint, model, severity, violation, decision, reason }))
  }
  return tally
}

/**
 * What must be on record for these answers, by what the driver alone knows of them: a record for
 * each open relation of each leak that was reached, and none for anything else.
 */
function recordsFor(answers: readonly Answer[], decidedBy: DecidedBy): Tally {
  const tally = new Map<string, number>()
  for (const { leak: kind, verdict } of answers) {
    const leak = plantedLeaks.find((planted) => planted.kind === kind)
    if (leak === undefined || (verdict !== 'leaked' && verdict !== 'blocked')) continue
    for (const { model, violation } of openRelationsOf(leak)) {
      const severity = declaredModels[model] ?? ''
      count(
        tally,
        keyOf({ endpoint: endpointOf(leak), model, severity, violation, ...decidedBy(model) }),
      )
    }
  }
  return tally
}

/** What was added to `before`, and to what extent it is other than what must be there. */
function compareRecords(
  wanted: Tally,
  before: Tally,
  after: Tally,
): { readonly missing: readonly string[]; readonly extra: readonly string[] } {
  const missing: string[] = []
  const extra: string[] = []
  for (const key of new Set([...wanted.keys(), ...after.keys()])) {
    const added = (after.get(key) ?? 0) - (before.get(key) ?? 0)
    const must = wanted.get(key) ?? 0
    if (added < must) missing.push(`${key} (${added} of ${must})`)
    if (added > must) extra.push(`${key} (${added} instead of ${must})`)
  }
  return { missing, extra }
}

/** Asserts that the records added since `before` are exactly those of these answers. */
export async function expectRecords(
  story: Story,
  what: string,
  {
    before,
    answers,
    decidedBy,
  }: { readonly before: Tally; readonly answers: readonly Answer[]; readonly decidedBy: DecidedBy },
): Promise<void> {
  const wanted = recordsFor(answers, decidedBy)
  const { missing, extra } = compareRecords(wanted, before, await tallyRecords(story))
  const sum = [...wanted.values()].reduce((total, each) => total + each, 0)
  const wrong = [...missing, ...extra]
  story.assertions.expect(
    `the records are exactly those of the leaks that were reached: ${what}`,
    wrong.length === 0,
    wrong.length === 0 ? `${sum} records of ${wanted.size} sorts` : wrong.join('; '),
  )
}

interface Sort {
  readonly endpoint: string
  readonly model: string
  readonly severity: string
  readonly violation: string
  readonly decision: string
  readonly reason: string
}

function keyOf({ endpoint, model, severity, violation, decision, reason }: Sort): string {
  return `${endpoint} ${model} ${severity} ${violation} ${decision} ${reason}`
}

function count(tally: Map<string, number>, key: string): void {
  tally.set(key, (tally.get(key) ?? 0) + 1)
}
