import { closeSync, fstatSync, ftruncateSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { PartywallError } from '@partywall/context'

/** Where the figures of a run go when it is over. */
export interface FiguresFile {
  /** @throws {@link PartywallError} `journey.figures_file` */
  write(figures: object): void
  /** Leaves no empty file behind when there was nothing to write. */
  close(): void
}

/**
 * Opens the file before the run, which takes long, and keeps what is in it until there are figures.
 * @throws {@link PartywallError} `journey.figures_file`, in one sentence.
 */
export function openFiguresFile(path: string): FiguresFile {
  const descriptor = orRefuse(path, () => openSync(path, 'a'))
  const isFile = fstatSync(descriptor).isFile()
  return {
    write(figures) {
      orRefuse(path, () => {
        if (isFile) ftruncateSync(descriptor)
        writeFileSync(descriptor, `${JSON.stringify(figures, undefined, 2)}\n`)
      })
    },
    close() {
      const empty = isFile && fstatSync(descriptor).size === 0
      closeSync(descriptor)
      if (empty) rmSync(path, { force: true })
    },
  }
}

function orRefuse<Result>(path: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw refusal(path, error)
  }
}

function refusal(path: string, cause: unknown): PartywallError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
  return new PartywallError(
    'journey.figures_file',
    `--json cannot write to ${path} (${code}): name a file that can be written`,
    { cause },
  )
}
