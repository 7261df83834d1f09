import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Looks out for a rollback that an instance makes by itself. */
export interface RollbackWatch {
  /** When its record was written, on the wall clock; `undefined` while there is none. */
  writtenAt(): number | undefined
}

export function watchForRollback(stateFolder: string): RollbackWatch {
  const folder = join(stateFolder, 'generations')
  const known = new Set(readdirSync(folder))
  return {
    writtenAt() {
      for (const name of readdirSync(folder)) {
        if (known.has(name) || !name.endsWith('.json')) continue
        const record = readFileSync(join(folder, name), 'utf8')
        if (/"change":\s*"rollback"/.test(record) && record.includes('partywall:auto')) {
          return statSync(join(folder, name)).mtimeMs
        }
      }
      return undefined
    },
  }
}

/** Whether a record was added since: before that, no instance can have noticed anything. */
export function recordWatch(stateFolder: string): () => boolean {
  const count = (): number =>
    ['generations', 'kill-switch'].reduce(
      (sum, room) =>
        sum + readdirSync(join(stateFolder, room)).filter((name) => name.endsWith('.json')).length,
      0,
    )
  const before = count()
  return () => count() > before
}
