import type { Adoption } from './adoption.ts'
import { lastTold, readNotes, writeNote } from './adoption-notes.ts'
import type { Ledger } from './ledger.ts'
import { isBlocking } from './mode.ts'
import { stageOf } from './plans.ts'
import type { GenerationRecord, KillSwitchRecord, Recorded } from './records.ts'
import {
  describeProblems,
  type FlagProblem,
  isRolloutError,
  RolloutError,
} from './rollout-error.ts'
import { settingsOf } from './settings-of-record.ts'
import { readState, type StateFolder, type StateOnRecord } from './state-folder.ts'
import { adoptedFrom } from './transitions.ts'
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
  readonly onProblem: (
    about: 'state' | 'adoption',
    problem: { code: string; message: string } | undefined,
  ) => void
}

/** A ledger on disk, and what this process has applied of it. */
export interface StateLedger extends Ledger {
  generation(): GenerationRecord
  killSwitch(): KillSwitchRecord
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
  const warnings = new Map<string, readonly string[]>()
  let pending: { readonly adoption: Adoption; readonly when: 'start' | 'change' } | undefined
  if (stageOf(generation).always) refuseLoosening(options.loosening)
  else if (!always && !options.masterSwitch) refuseUnsetSwitch(onRecord)

  function look(): void {
    readOn()
    // Another try at once, since losing a race takes one more reading and no waiting.
    for (let tries = 0; pending !== undefined && tries < 3; tries += 1) {
      adoptPending()
      if (pending !== undefined) readOn()
    }
  }

  function readOn(): void {
    const faults: unknown[] = []
    // Each chain on its own: no damage of the one keeps anybody from following the other.
    for (const follow of [followKillSwitch, followGenerations]) {
      try {
        follow(faults)
      } catch (error) {
        faults.push(error)
      }
    }
    const there = state.generations.holds(generation) && state.killSwitch.holds(killSwitch)
    onProblem('state', faults.length > 0 ? problemOfAll(faults) : there ? undefined : gone)
  }

  // What can be read in front of a damage is taken: the switch may close there.
  function followKillSwitch(faults: unknown[]): void {
    const { newest, fault } = state.killSwitch.readOn(killSwitch)
    if (fault !== undefined) faults.push(fault)
    if (newest === killSwitch) return
    killSwitch = newest
    latest = killSwitch
    onChange()
  }

  function followGenerations(faults: unknown[]): void {
    const { newest, fault } = state.generations.readOn(generation)
    if (fault !== undefined) faults.push(fault)
    if (newest === generation) return
    beforeChange()
    generation = newest
    latest = generation
    onChange()
  }

  function adopt(adoption: Adoption, when: 'start' | 'change'): void {
    warnings.set(adoption.source, adoption.warnings)
    pending = { adoption, when }
    look()
  }

  function adoptPending(): void {
    if (pending === undefined) return
    const { adoption, when } = pending
    const { source, content } = adoption
    try {
      const known = readNotes(state.adoptedPath, instance)[source]?.content === content
      if (!always && !adoption.silent && !known && !stageOf(generation).always) {
        // What the fleet was told last is no news from a process that only starts.
        const last = lastTold(state, source)
        const told = when === 'start' && last?.content === content
        const next = told ? undefined : adoptedFrom(generation, adoption, instance, clock())
        const made = next === undefined ? generation : state.generations.append(next, generation)
        const number = told ? last.generation : made.number
        writeNote(state.adoptedPath, instance, source, { content, generation: number })
      }
      pending = undefined
      onProblem('adoption', undefined)
      readOn()
    } catch (error) {
      // Kept, and tried again at the next look: somebody else wrote first, or nobody can.
      if (!isRolloutError(error, 'rollout.superseded')) onProblem('adoption', problemOf(error))
    }
  }

  const stops = [watchFolder(state.generationsPath, look), watchFolder(state.killSwitchPath, look)]
  return {
    settings() {
      const { actor, reason } = latest
      const settings = settingsOf(generation, killSwitch, always)
      return { ...settings, actor, reason, warnings: [...warnings.values()].flat() }
    },
    generation: () => generation,
    killSwitch: () => killSwitch,
    adopt,
    look,
    count: () => undefined,
    close() {
      for (const stop of stops) stop()
    },
  }
}

const gone = {
  code: 'state.gone',
  message: 'the records are no longer where they were; the last ones hold',
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
function problemOfAll(errors: readonly unknown[]): { code: string; message: string } {
  const problems = errors.map(problemOf)
  const code = problems[0]?.code ?? 'state.unreadable'
  const messages = problems.map(({ message }) => message)
  return { code, message: `${messages.join('; ')}; the last good records hold` }
}

function problemOf(error: unknown): { code: string; message: string } {
  if (error instanceof RolloutError) return { code: error.code, message: error.message }
  return { code: 'state.unreadable', message: 'the state cannot be read' }
}
