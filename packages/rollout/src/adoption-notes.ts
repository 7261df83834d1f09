import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { AdoptionSource } from './adoption.ts'
import { replaceFile } from './durable-file.ts'
import type { StateFolder } from './state-folder.ts'

/** What an instance last adopted from a source, and the generation that it is part of. */
export interface AdoptionNote {
  readonly content: string
  readonly generation: number
}

type Notes = { readonly [Source in AdoptionSource]?: AdoptionNote | undefined }

const note: z.ZodType<AdoptionNote> = z.object({ content: z.string(), generation: z.number() })
const notes: z.ZodType<Notes> = z.object({ environment: note.optional(), file: note.optional() })

/** The notes of an instance; none where it is new, or where its notes cannot be read. */
function readNotes(folder: string, instance: string): Notes {
  try {
    return notes.parse(JSON.parse(readFileSync(join(folder, `${instance}.json`), 'utf8')))
  } catch {
    return {}
  }
}

export function writeNote(
  folder: string,
  instance: string,
  source: AdoptionSource,
  content: AdoptionNote,
): void {
  const all = { ...readNotes(folder, instance), [source]: content }
  replaceFile(join(folder, `${instance}.json`), JSON.stringify(all))
}

/**
 * What the fleet was last told by such a source, whichever instance it was, or by this one. Records
 * know it where it made a generation, notes where it changed nothing.
 */
export function lastTold(
  state: StateFolder,
  source: AdoptionSource,
  instance?: string,
): AdoptionNote | undefined {
  const told = state.generations
    .readAll()
    .findLast(
      ({ adopted }) =>
        adopted?.source === source && (instance === undefined || adopted.instance === instance),
    )
  const record = told?.adopted && { content: told.adopted.content, generation: told.number }
  const instances = instance === undefined ? notedInstances(state.adoptedPath) : [instance]
  const candidates: readonly (AdoptionNote | undefined)[] = [
    record,
    ...instances.map((name) => readNotes(state.adoptedPath, name)[source]),
  ]
  return candidates
    .filter((candidate) => candidate !== undefined)
    .sort((one, other) => one.generation - other.generation)
    .at(-1)
}

function notedInstances(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
}
