import { automaticRollback } from './automatic-rollback.ts'
import { createFleetReader, instancePattern } from './fleet-report.ts'
import { createFleetReporter, reportEveryMs } from './fleet-reporter.ts'
import { gatherEvidence } from './gather-evidence.ts'
import type { Ledger } from './ledger.ts'
import type { TriageRecord } from './records.ts'
import { type FlagProblem, isRolloutError, RolloutError } from './rollout-error.ts'
import type { DeclaredModels, StateOptions } from './rollout-options.ts'
import { stateFolder, sweepDrafts } from './state-folder.ts'
import { openStateLedger } from './state-ledger.ts'

/** What a process that takes part needs to know of itself. */
export interface ParticipantOptions extends StateOptions {
  readonly always: boolean
  readonly masterSwitch: boolean
  readonly loosening: readonly FlagProblem[]
  readonly clock: () => number
  readonly models: DeclaredModels
  /** Whether the environment or the flag file of this process say that tenancy is off. */
  readonly closedHere: () => boolean
  readonly problems: () => readonly string[]
  readonly onChange: () => void
  readonly onProblem: (
    about: 'state' | 'adoption' | 'fleet',
    problem: { code: string; message: string } | undefined,
  ) => void
}

/** Level 3: a ledger that is shared, and reports of what this process has seen under it. */
export interface Participant extends Ledger {
  /** Puts what was counted into the hour of the clock. */
  settle(): void
  /** Settles, reports, and rolls back where that was asked for. */
  tick(): void
}

/** @throws {@link RolloutError} as {@link openStateLedger} does, and `rollout.invalid_options` */
export function joinRollout(options: ParticipantOptions): Participant {
  const { folder, instance, release, observations, onRed = 'hold' } = options
  const { always, clock, models, closedHere, problems, onChange, onProblem } = options
  if (!instancePattern.test(instance) || release === '') {
    throw new RolloutError(
      'rollout.invalid_options',
      `instance and release are required; an instance is called ${instancePattern.source}`,
    )
  }
  const state = stateFolder(folder)
  const ledger = openStateLedger({
    state,
    instance,
    always,
    masterSwitch: options.masterSwitch,
    loosening: options.loosening,
    clock,
    beforeChange: () => reporter.settle(),
    onChange() {
      onChange()
      reporter.report()
    },
    onProblem,
  })
  sweepDrafts(state)
  const reporter = createFleetReporter({
    folder: state.fleetPath,
    instance,
    release,
    observations,
    clock,
    self() {
      const generation = ledger.generation()
      const killSwitch = ledger.killSwitch()
      return {
        generation: generation.number,
        generationHash: generation.hash,
        killSwitchRecord: killSwitch.number,
        killSwitchHash: killSwitch.hash,
        killSwitch: closedHere() ? 'on' : ledger.position(),
        always,
        models,
        problems: problems(),
      }
    },
    onProblem: (problem) => onProblem('fleet', problem),
  })
  const readFleet = createFleetReader(state.fleetPath)
  const triage: TriageRecord[] = []

  function rollBackIfRed(): void {
    try {
      for (let next = state.triage.readNext(triage.at(-1)); next !== undefined; ) {
        triage.push(next)
        next = state.triage.readNext(next)
      }
      const generation = ledger.generation()
      const evidence = gatherEvidence(generation, ledger.killSwitch(), triage, readFleet(), clock())
      const rollback = automaticRollback(evidence)
      if (rollback === undefined) return
      state.generations.append(rollback, generation)
      ledger.look()
    } catch (error) {
      if (isRolloutError(error, 'rollout.superseded')) ledger.look()
      else onProblem('state', { code: 'state.no_rollback', message: 'a rollback failed' })
    }
  }
  function tick(): void {
    reporter.settle()
    reporter.report()
    if (onRed === 'rollback') rollBackIfRed()
  }

  const timer = setInterval(tick, reportEveryMs)
  timer.unref()
  return {
    settings: ledger.settings,
    adopt: ledger.adopt,
    count: ledger.count,
    settle: reporter.settle,
    tick,
    close() {
      clearInterval(timer)
      ledger.close()
      reporter.settle()
      reporter.end()
    },
  }
}
