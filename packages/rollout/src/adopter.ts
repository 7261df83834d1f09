import type { Adoption, AdoptionSource } from './adoption.ts'
import { type AdoptionNote, lastTold, writeNote } from './adoption-notes.ts'
import { errnoOf } from './errno.ts'
import { stageOf } from './plans.ts'
import type { Problem } from './problem.ts'
import type { GenerationRecord } from './records.ts'
import { isRolloutError, RolloutError } from './rollout-error.ts'
import type { StateFolder } from './state-folder.ts'
import { adoptedFrom } from './transitions.ts'

export interface AdopterOptions {
  readonly state: StateFolder
  readonly instance: string
  readonly always: boolean
  readonly clock: () => number
  /** The generation that this process has applied. */
  readonly generation: () => GenerationRecord
  readonly onProblem: (problem: Problem | undefined) => void
}

/** Brings what the environment and the flag file of one instance say on record, each content once. */
export interface Adopter {
  /** Takes a document up; one that was taken up before and is not on record yet gives way. */
  take(adoption: Adoption, when: 'start' | 'change'): void
  /** Whether a document waits to be brought on record. */
  isPending(): boolean
  /** Tries to; where somebody else wrote first, it waits until that was read. */
  bring(): void
  /** Notes what was brought on record, and tells what is in the way of either. */
  note(): void
}

export function createAdopter(options: AdopterOptions): Adopter {
  const { state, instance, always, clock, generation, onProblem } = options
  let pending: { readonly adoption: Adoption; readonly when: 'start' | 'change' } | undefined
  let failure: Problem | undefined
  // What was told is told, whether or not a note of it can be written.
  const told = new Map<AdoptionSource, AdoptionNote>()
  const unnoted = new Set<AdoptionSource>()

  function isNews({ source, content, silent }: Adoption): boolean {
    if (always || silent || stageOf(generation()).always) return false
    if (told.has(source)) return told.get(source)?.content !== content
    // A process that died, or could not write, before it noted what it had told has it on record.
    return lastTold(state, source, instance)?.content !== content
  }

  function tell(adoption: Adoption, when: 'start' | 'change'): void {
    const { source, content } = adoption
    // What the fleet was told last is no news from a process that only starts.
    const last = when === 'start' ? lastTold(state, source) : undefined
    const isTold = last?.content === content
    const next = isTold ? undefined : adoptedFrom(generation(), adoption, instance, clock())
    const made = next === undefined ? generation() : state.generations.append(next, generation())
    told.set(source, { content, generation: isTold ? last.generation : made.number })
    unnoted.add(source)
  }

  function writeNotes(): Problem | undefined {
    for (const source of unnoted) {
      const content = told.get(source)
      if (content === undefined) continue
      try {
        writeNote(state.adoptedPath, instance, source, content)
        unnoted.delete(source)
      } catch (error) {
        const message = `what was adopted from the ${source} is on record, but cannot be noted (${errnoOf(error)})`
        return { code: 'adoption.not_noted', message }
      }
    }
    return undefined
  }

  return {
    take(adoption, when) {
      pending = { adoption, when }
    },
    isPending: () => pending !== undefined,
    bring() {
      if (pending === undefined) return
      try {
        if (isNews(pending.adoption)) tell(pending.adoption, pending.when)
        pending = undefined
        failure = undefined
      } catch (error) {
        // Kept, and tried again at the next look.
        if (!isRolloutError(error, 'rollout.superseded')) failure = problemOf(error)
      }
    },
    note() {
      const found = writeNotes()
      onProblem(failure ?? found)
    },
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof RolloutError) return { code: error.code, message: error.message }
  const message = `what was adopted before cannot be read (${errnoOf(error)}): nothing new is adopted`
  return { code: 'adoption.unreadable', message }
}
