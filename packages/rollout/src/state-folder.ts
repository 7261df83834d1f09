import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Chain, openChain, type ParseRecord } from './chain.ts'
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
  readonly fleetPath: string
  readonly adoptedPath: string
  /** Every room, those of the chains and their heads included. */
  readonly roomPaths: readonly string[]
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

const chainRooms = ['generations', 'kill-switch', 'triage'] as const
const rooms = [...chainRooms, 'fleet', 'adopted', 'heads'] as const

export function stateFolder(folder: string): StateFolder {
  const roomOf = (room: (typeof rooms)[number]): string => join(folder, room)
  const chainIn = <Content extends object>(
    room: (typeof chainRooms)[number],
    parse: ParseRecord<Content>,
  ): Chain<Content> => openChain(roomOf(room), join(roomOf('heads'), `${room}.json`), parse)
  return {
    generationsPath: roomOf('generations'),
    killSwitchPath: roomOf('kill-switch'),
    fleetPath: roomOf('fleet'),
    adoptedPath: roomOf('adopted'),
    roomPaths: rooms.map(roomOf),
    generations: chainIn('generations', parseGeneration),
    killSwitch: chainIn('kill-switch', parseKillSwitch),
    triage: chainIn('triage', parseTriage),
  }
}

/**
 * Reads and verifies what is on record.
 * @throws {@link RolloutError} `rollout.no_state`, `rollout.chain_broken`
 */
export function readState(state: StateFolder): StateOnRecord {
  const generations = state.generations.readAll()
  const generation = generations.at(-1)
  if (generation === undefined) throw noState()
  return { generations, generation, killSwitch: readKillSwitch(state) }
}

/**
 * Reads and verifies the chain of the kill switch alone, so that no damaged neighbour keeps anybody
 * from closing.
 * @throws {@link RolloutError} `rollout.no_state`, `rollout.chain_broken`
 */
export function readKillSwitch(state: StateFolder): KillSwitchRecord {
  const killSwitch = state.killSwitch.readAll().at(-1)
  if (killSwitch === undefined) throw noState()
  return killSwitch
}

/**
 * Makes sure that there is a rollout here, damaged or not.
 * @throws {@link RolloutError} `rollout.no_state`
 */
export function refuseUnbegun(state: StateFolder): void {
  if (!state.killSwitch.isBegun() && !state.generations.isBegun()) throw noState()
}

function noState(): RolloutError {
  return new RolloutError(
    'rollout.no_state',
    'the state folder has no records; make one with `partywall rollout init` (initRollout() in code), or give the right folder',
  )
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
  for (const room of state.roomPaths) {
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
