import { renameSync, writeFileSync } from 'node:fs'

/** Replaces the flag file at once: written beside it, then renamed. */
export function replaceFlagFile(path: string, flags: Readonly<Record<string, string>>): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(flags, undefined, 2)}\n`)
  renameSync(`${path}.new`, path)
}
