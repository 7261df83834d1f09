import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Chain, openChain } from './chain.ts'
import {
  type GenerationContent,
  type GenerationRecord,
  type KillSwitchContent,
  type KillSwitchRecord,
  parseGeneration,
  parseKillSwitch,
  parseTriage,
  type TriageContent,
} from './records.ts'
import { RolloutError, unwritable } from './rollout-error.ts'

/** The rooms of a state folder. */
export interface StateFolder {
  readonly generationsPath: string
  readonly killSwitchPath: string
  readonly triagePath: string
  readonly fleetPath: string
  readonly adoptedPath: string
  readonly generations: Chain<GenerationContent>
  readonly killSwitch: Chain<KillSwitchContent>
  readonly triage: Chain<TriageContent>
}

/** Everything on record, read and verified as a whole. */
export interface StateOnRecord {
  readonly generations: readonly GenerationRecord[]
  readonly generation: GenerationRecord
  readonly killSwitch: KillSwitchRecord
}

const rooms = ['generations', 'kill-switch', 'triage', 'fleet', 'adopted'] as const

export function stateFolder(folder: string): StateFolder {
  const [generationsPath, killSwitchPath, triagePath, fleetPath, adoptedPath] = [
    join(folder, rooms[0]),
    join(folder, rooms[1]),
    join(folder, rooms[2]),
    join(folder, rooms[3]),
    join(folder, rooms[4]),
  ]
  return {
    generationsPath,
    killSwitchPath,
    triagePath,
    fleetPath,
    adoptedPath,
    generations: openChain(generationsPath, parseGeneration),
    killSwitch: openChain(killSwitchPath, parseKillSwitch),
    triage: openChain(triagePath, parseTriage),
  }
}

/**
 * Reads and verifies what is on record.
 * @throws {@link RolloutError} `rollout.no_state`, `rollout.chain_broken`
 */
export function readState(state: StateFolder): StateOnRecord {
  const generations = state.generations.readAll()
  const generation = generations.at(-1)
  const killSwitch = state.killSwitch.readAll().at(-1)
  if (generation === undefined || killSwitch === undefined) {
    throw new RolloutError(
      'rollout.no_state',
      'the state folder has no records; make one with initRollout, or give the right folder',
    )
  }
  return { generations, generation, killSwitch }
}

/** Makes the rooms where they are missing. @throws {@link RolloutError} `rollout.unwritable` */
export function makeRooms(folder: string): void {
  try {
    for (const room of rooms) mkdirSync(join(folder, room), { recursive: true })
  } catch (error) {
    throw unwritable('the state folder cannot be made', error)
  }
}

/** Removes what a killed writer left: drafts are never read, they only take room. */
export function sweepDrafts(state: StateFolder): void {
  const { generationsPath, killSwitchPath, triagePath, fleetPath, adoptedPath } = state
  for (const room of [generationsPath, killSwitchPath, triagePath, fleetPath, adoptedPath]) {
    try {
      for (const name of readdirSync(room)) {
        if (!name.endsWith('.draft')) continue
        const path = join(room, name)
        const found = statSync(path, { throwIfNoEntry: false })
        if (found && Date.now() - found.mtimeMs > 3_600_000) rmSync(path, { force: true })
      }
    } catch {
      // Whoever may not write here leaves them to the next one.
    }
  }
}
