import { parseTenantId } from '@partywall/context'
import { type Enforcement, publish } from '@partywall/context/spi'
import { compileRules, type Rules } from './compile.ts'
import { createEnforcement } from './decide.ts'
import { checkModels } from './declared-models.ts'
import { defaultFlagNames } from './flag-names.ts'
import { openFlagSources } from './flag-sources.ts'
import { createLocalLedger, type Ledger } from './ledger.ts'
import { createProblemList, type RolloutProblem } from './problem.ts'
import { describeProblems, type FlagProblem } from './rollout-error.ts'
import type { RolloutOptions } from './rollout-options.ts'
import type { Settings } from './settings.ts'
import type { RolloutSnapshot } from './snapshot.ts'
import { joinRollout, type Participant } from './state-participant.ts'
import { checkSystemJobs } from './system-job.ts'

/** How strict the walls of this process are, and the switches behind it. */
export interface Rollout {
  /** What walls take: it follows every change by itself. */
  readonly enforcement: Enforcement
  snapshot(): RolloutSnapshot
  /** What could not be read, taken or written, and is gone on without. */
  problems(): readonly RolloutProblem[]
  /**
   * Puts what was counted into the hour of the clock. A driver with a clock of its own calls it
   * before each move of at most an hour; `tick` does it by itself.
   */
  settle(): void
  /**
   * Settles, tells the fleet, and rolls back where that was asked for. Done by itself every half
   * second; a driver with a clock of its own calls it before somebody asks for a verdict.
   */
  tick(): void
  /**
   * Stops following and writes the last report; the last settings stay in force. Call it after the
   * process has drained: what its walls see later is in no count.
   */
  close(): void
}

/**
 * Reads how strict the walls shall be, and follows it. `models` and `environment` are enough; a flag
 * file makes it hot; a state folder adds stages, verdicts and the fleet.
 * @throws {@link RolloutError} instead of starting with settings that are wrong in any part.
 * @example
 * ```ts
 * const { enforcement } = createRollout({ models: { User: 'CRITICAL' }, environment: process.env })
 * ```
 */
export function createRollout(options: RolloutOptions): Rollout {
  const { always = false, names = defaultFlagNames, clock = Date.now } = options
  const models = checkModels(options.models)
  const jobs = checkSystemJobs(options.systemJobs ?? [], models)
  const defaultTenant = parseTenantId(options.defaultTenant ?? 'default')
  const problems = createProblemList(options.onProblem)

  const sources = openFlagSources({
    environment: options.environment,
    flagFile: options.flagFile,
    models,
    names,
    always,
    alwaysOn: () => ledger.settings().always,
    onChange(adoption, flipped) {
      if (adoption !== undefined) ledger.adopt(adoption, 'change')
      put(flipped ? { actor: 'file', reason: 'the kill switch of the flag file' } : undefined)
      participant?.tick()
    },
    onProblem: (problem) => problems.set('flag_file', problem),
  })
  const closedHere = (): boolean => sources.killSwitches().length > 0
  const participant = join()
  const ledger: Ledger = participant ?? createLocalLedger(always)

  function join(): Participant | undefined {
    if (options.state === undefined) return undefined
    try {
      return joinRollout({
        ...options.state,
        always,
        masterSwitch: sources.masterSwitch,
        loosening: sources.loosening(),
        clock,
        models: options.models,
        closedHere,
        problems: () => problems.all().map(({ code }) => code),
        onChange: () => put(),
        onProblem: (about, problem) => problems.set(about, problem),
      })
    } catch (error) {
      sources.close()
      throw error
    }
  }
  function compile(because: Partial<Settings> = {}): Rules {
    const settings = ledger.settings()
    const killSwitch = closedHere() ? 'on' : settings.killSwitch
    const ignored = settings.always ? sources.loosening().map(ignoredAlways) : []
    const warnings = [...settings.warnings, ...ignored]
    return compileRules({ ...settings, ...because, killSwitch, warnings }, models, jobs)
  }
  function put(because?: Partial<Settings>): void {
    if (rules === undefined) return
    const { snapshot } = compile()
    if (sameRules(rules.snapshot, snapshot)) return
    if (rules.snapshot.generation === snapshot.generation) ledger.count()
    rules = compile(because)
    announce(rules.snapshot)
  }

  let rules: Rules | undefined
  for (const adoption of sources.initial) ledger.adopt(adoption, 'start')
  const first = compile()
  rules = first
  announce(first.snapshot)
  participant?.tick()
  const inForce = (): Rules => rules ?? first
  return {
    enforcement: createEnforcement(inForce, { defaultTenant, clock }),
    snapshot: () => inForce().snapshot,
    problems: problems.all,
    settle: () => participant?.settle(),
    tick: () => participant?.tick(),
    close() {
      sources.close()
      ledger.close()
    },
  }
}

/** A process that runs when the last stage is entered keeps its variables, and says that they are void. */
function ignoredAlways(problem: FlagProblem): string {
  return `ignored, the walls are always on: ${describeProblems([problem])}`
}

/** Whether two snapshots decide alike, whoever brought them about. */
function sameRules(one: RolloutSnapshot, other: RolloutSnapshot): boolean {
  const rules = ({ actor, reason, ...rest }: RolloutSnapshot): string => JSON.stringify(rest)
  return rules(one) === rules(other)
}

function announce(snapshot: RolloutSnapshot): void {
  publish({
    type: 'settings',
    generation: snapshot.generation,
    stage: snapshot.stage,
    mode: snapshot.mode,
    enforcement: snapshot.enforcement,
    killSwitch: snapshot.killSwitch,
    actor: snapshot.actor,
    reason: snapshot.reason,
  })
}
