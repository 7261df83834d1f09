import { createAdopter } from './adopter.ts'
import type { Adoption } from './adoption.ts'
import type { Ledger } from './ledger.ts'
import { isBlocking } from './mode.ts'
import { stageOf } from './plans.ts'
import type { Problem } from './problem.ts'
import type { GenerationRecord, KillSwitchRecord, Recorded } from './records.ts'
import { describeProblems, type FlagProblem, RolloutError } from './rollout-error.ts'
import { settingsOf } from './settings-of-record.ts'
import { readState, type StateFolder, type StateOnRecord } from './state-folder.ts'
import { watchFolder } from './watch-folder.ts'

export interface StateLedgerOptions {
  readonly state: StateFolder
  readonly instance: string
  readonly always: boolean
  /** Whether the environment or the flag file sets the master switch. */
  readonly masterSwitch: boolean
  /** What environment and flag file say that walls which are always on do not take. */
  readonly loosening: readonly FlagProblem[]
  readonly clock: () => number
  /** Called before another generation takes effect: what was counted belongs to the old one. */
  readonly beforeChange: () => void
  readonly onChange: () => void
  readonly onProblem: (about: 'state' | 'adoption', problem: Problem | undefined) => void
}

/** A ledger on disk, and what this process has applied of it. */
export interface StateLedger extends Ledger {
  generation(): GenerationRecord
  killSwitch(): KillSwitchRecord
  /** What this process makes of that record: one that it cannot trust to open leaves it closed. */
  position(): 'on' | 'off'
  /** Looks for new records now. */
  look(): void
}

/**
 * Opens the records of a rollout and follows them. What cannot be read later changes nothing: the
 * last records hold.
 * @throws {@link RolloutError} `rollout.no_state`, `rollout.chain_broken`, `rollout.ratchet`,
 * `rollout.always`
 */
export function openStateLedger(options: StateLedgerOptions): StateLedger {
  const { state, instance, always, clock, beforeChange, onChange, onProblem } = options
  const onRecord = readState(state)
  let { generation, killSwitch } = onRecord
  let latest: Recorded = generation
  // Another history says "off", and this process was closed: only a person may open it.
  let staysClosed = false
  const warnings = new Map<string, readonly string[]>()
  const adopter = createAdopter({
    state,
    instance,
    always,
    clock,
    generation: () => generation,
    onProblem: (problem) => onProblem('adoption', problem),
  })
  if (stageOf(generation).always) refuseLoosening(options.loosening)
  else if (!always && !options.masterSwitch) refuseUnsetSwitch(onRecord)

  function look(): void {
    readOn()
    // Another try at once, since losing a race takes one more reading and no waiting.
    for (let tries = 0; adopter.isPending() && tries < 3; tries += 1) {
      adopter.bring()
      readOn()
    }
    adopter.note()
  }

  function readOn(): void {
    const faults: unknown[] = []
    let isGone = false
    // Each chain on its own: no damage of the one keeps anybody from following the other.
    for (const follow of [followKillSwitch, followGenerations]) {
      try {
        isGone = follow(faults) || isGone
      } catch (error) {
        faults.push(error)
      }
    }
    onProblem('state', faults.length > 0 ? problemOfAll(faults) : isGone ? gone : undefined)
  }

  // What can be read in front of a damage is taken: the switch may close there.
  function followKillSwitch(faults: unknown[]): boolean {
    const reading = state.killSwitch.readOn(killSwitch)
    const { newest, fault, elsewhere, isGone = false } = reading
    if (fault !== undefined) faults.push(fault)
    const next = elsewhere ?? newest
    if (next !== killSwitch) {
      const wasClosed = staysClosed || killSwitch.killSwitch === 'on'
      staysClosed = elsewhere !== undefined && wasClosed && next.killSwitch === 'off'
      killSwitch = next
      latest = killSwitch
      onChange()
    }
    if (staysClosed) faults.push(otherHistory(killSwitch))
    return isGone
  }

  function followGenerations(faults: unknown[]): boolean {
    const { newest, fault, elsewhere, isGone = false } = state.generations.readOn(generation)
    if (fault !== undefined) faults.push(fault)
    // Which of two histories is meant, nobody can tell from here: a restart takes the one on record.
    if (elsewhere !== undefined) faults.push(otherHistory(elsewhere))
    if (newest === generation) return isGone
    beforeChange()
    generation = newest
    latest = generation
    onChange()
    return isGone
  }

  function adopt(adoption: Adoption, when: 'start' | 'change'): void {
    warnings.set(adoption.source, adoption.warnings)
    adopter.take(adoption, when)
    look()
  }

  const position = (): 'on' | 'off' => (staysClosed ? 'on' : killSwitch.killSwitch)
  const stops = [watchFolder(state.generationsPath, look), watchFolder(state.killSwitchPath, look)]
  return {
    settings() {
      const { actor, reason } = latest
      const settings = settingsOf(generation, killSwitch, always)
      return {
        ...settings,
        killSwitch: position(),
        actor,
        reason,
        warnings: [...warnings.values()].flat(),
      }
    },
    generation: () => generation,
    killSwitch: () => killSwitch,
    position,
    adopt,
    look,
    count: () => undefined,
    close() {
      for (const stop of stops) stop()
    },
  }
}

const gone: Problem = {
  code: 'state.gone',
  message: 'the records are no longer where they were; the last ones hold',
}

/** Records were put back from a backup, and perhaps written on: what was followed is not among them. */
function otherHistory(newest: GenerationRecord | KillSwitchRecord): RolloutError {
  const message =
    newest.kind === 'kill_switch'
      ? `the records of the kill switch are others than those that were followed; record ${newest.number} says off, and this process stays closed until a newer one does: put the switch on and off again`
      : `the generations on record, up to ${newest.number}, are others than those that were followed; restart this process to go by them`
  return new RolloutError('rollout.chain_broken', message)
}

/** A release of before the last stage, say after its deployment was rolled back, reads no flag either. */
function refuseLoosening(problems: readonly FlagProblem[]): void {
  if (problems.length === 0) return
  throw new RolloutError(
    'rollout.always',
    `not started, the walls are always on by what is on record, and these settings would loosen them:\n${describeProblems(problems)}`,
    { problems },
  )
}

/** Once walls have blocked, a forgotten variable must not mean that they stand open. */
function refuseUnsetSwitch({ generations }: StateOnRecord): void {
  const ratchet = generations.find((record) => isBlocking(stageOf(record).mode))
  if (ratchet === undefined) return
  throw new RolloutError(
    'rollout.ratchet',
    `stage ${ratchet.stage} is on record and the master switch is unset; set it to true or false`,
  )
}

/** All of them in one, with the code of the first. */
function problemOfAll(errors: readonly unknown[]): Problem {
  const problems = errors.map(problemOf)
  const code = problems[0]?.code ?? 'state.unreadable'
  const messages = problems.map(({ message }) => message)
  return { code, message: `${messages.join('; ')}; the last good records hold` }
}

function problemOf(error: unknown): Problem {
  if (error instanceof RolloutError) return { code: error.code, message: error.message }
  return { code: 'state.unreadable', message: 'the state cannot be read' }
}
