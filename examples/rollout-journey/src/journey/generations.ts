import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/**
 * Waits for the record of a rollback that an instance made by itself, and gives back when its file
 * was written, on the wall clock; `undefined` where it does not come.
 */
export async function rollbackCreatedAt(
  stateFolder: string,
  giveUp: () => boolean,
): Promise<number | undefined> {
  const folder = join(stateFolder, 'generations')
  const known = new Set(readdirSync(folder))
  while (!giveUp()) {
    for (const name of readdirSync(folder)) {
      if (known.has(name) || !name.endsWith('.json')) continue
      known.add(name)
      const record = readFileSync(join(folder, name), 'utf8')
      if (/"change":\s*"rollback"/.test(record) && record.includes('partywall:auto')) {
        return statSync(join(folder, name)).mtimeMs
      }
    }
    await wait(5)
  }
  return undefined
}
