import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
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
export function readNotes(folder: string, instance: string): Notes {
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
 * What the fleet was last told by such a source, whichever instance it was. Records know it where it
 * made a generation, notes where it changed nothing.
 */
export function lastTold(state: StateFolder, source: AdoptionSource): AdoptionNote | undefined {
  const record = state.generations.readAll().findLast(({ adopted }) => adopted?.source === source)
  const candidates: AdoptionNote[] = readdirSync(state.adoptedPath)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => readNotes(state.adoptedPath, name.slice(0, -'.json'.length))[source] ?? [])
  if (record?.adopted) {
    candidates.push({ content: record.adopted.content, generation: record.number })
  }
  return candidates.sort((one, other) => one.generation - other.generation).at(-1)
}
