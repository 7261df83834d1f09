import { cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './temporary-folder.ts'

const rooms = ['generations', 'kill-switch', 'triage', 'heads']

/** Copies the records of a state folder, heads included, and returns what puts them back. */
export function backUp(folder: string): () => void {
  const copy = temporaryFolder()
  const move = (from: string, to: string): void => {
    for (const room of rooms) {
      rmSync(join(to, room), { recursive: true, force: true })
      if (existsSync(join(from, room))) {
        cpSync(join(from, room), join(to, room), { recursive: true })
      }
    }
  }
  move(folder, copy)
  return () => move(copy, folder)
}
