import { randomUUID } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { isErrno } from './errno.ts'

/**
 * Creates `path` with `text`, whole or not at all, and never over a file that is there: however the
 * process ends, a reader finds nothing or everything.
 * @returns `false` when the file exists already.
 */
export function createDurably(path: string, text: string): boolean {
  const draft = join(dirname(path), `.${randomUUID()}.draft`)
  try {
    writeSynced(draft, text)
    try {
      // Unlike a rename, a link fails when the name is taken: of two writers, one is told.
      linkSync(draft, path)
    } catch (error) {
      if (isErrno(error, 'EEXIST')) return false
      throw error
    }
    syncFolder(dirname(path))
    return true
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Puts `text` in the place of whatever `path` holds; readers see the old text or the new. */
export function replaceFile(path: string, text: string): void {
  replaceBy(path, (draft) => writeFileSync(draft, text))
}

/** Replaces `path` as {@link replaceFile} does, and is on disk when it returns. */
export function replaceDurably(path: string, text: string): void {
  replaceBy(path, (draft) => writeSynced(draft, text))
  syncFolder(dirname(path))
}

function replaceBy(path: string, write: (draft: string) => void): void {
  const draft = join(dirname(path), `.${randomUUID()}.draft`)
  try {
    write(draft)
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

function writeSynced(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o644)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
