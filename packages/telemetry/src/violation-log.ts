import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode, type LossAccount } from './loss-account.ts'
import { TelemetryError } from './telemetry-error.ts'
import { makeRoom } from './violation-log-bound.ts'

export interface ViolationLogOptions {
  /** Made when it does not exist; several instances may share it. */
  readonly folder: string
  /** Bytes after which a new file is begun, at least 65 536. @defaultValue `10_485_760` */
  readonly maxFileBytes?: number | undefined
  /**
   * How many full files the folder may hold, of all instances together, at least 2: the oldest
   * records go when there are more than `maxFiles` × `maxFileBytes` bytes, however many files those
   * are. Looked at when a process begins a file. @defaultValue `20`
   */
  readonly maxFiles?: number | undefined
}

/** Writes lines in the background. A disk that is slow, full or read-only costs records, never requests. */
export interface ViolationLog {
  write(line: string): void
  /** Resolves when everything written so far is in the file or counted as lost. */
  flush(): Promise<void>
}

// What may wait in memory while the disk does not answer.
const waitingLimitBytes = 4_194_304
const batchBytes = 65_536

export function createViolationLog(
  { folder, maxFileBytes = 10_485_760, maxFiles = 20 }: ViolationLogOptions,
  name: { readonly instance: string; readonly run: string },
  losses: LossAccount,
): ViolationLog {
  if (!(maxFileBytes >= batchBytes)) invalid(`maxFileBytes must be at least ${batchBytes}`)
  if (!(maxFiles >= 2)) invalid('maxFiles must be at least 2')
  const own = `violations.${name.run}.${name.instance}`
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let writing: Promise<void> | undefined
  let number = 0
  let fileBytes = Number.POSITIVE_INFINITY
  let torn = false

  const nextFile = async (): Promise<void> => {
    await mkdir(folder, { recursive: true, mode: 0o750 })
    // The file that begins may become a full one.
    losses.removed(await makeRoom(folder, (maxFiles - 1) * maxFileBytes, own))
    number += 1
    fileBytes = 0
  }

  const append = async (batch: readonly Buffer[]): Promise<void> => {
    const text = Buffer.concat(torn ? [Buffer.from('\n'), ...batch] : batch)
    try {
      if (fileBytes + text.length > maxFileBytes) await nextFile()
      const file = `${own}.${String(number).padStart(6, '0')}.ndjson`
      fileBytes += text.length
      await appendFile(join(folder, file), text, { mode: 0o640 })
      torn = false
    } catch (error) {
      // A line may be half written. A new file for each failure would push good files out.
      torn = true
      if (errorCode(error) === 'ENOENT') fileBytes = Number.POSITIVE_INFINITY
      losses.lost(batch.length, 'violation_log', error)
    }
  }

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch: Buffer[] = []
      let bytes = 0
      for (const line of waiting) {
        if (batch.length > 0 && bytes + line.length > batchBytes) break
        batch.push(line)
        bytes += line.length
      }
      waiting = waiting.slice(batch.length)
      await append(batch)
      waitingBytes -= bytes
    }
    writing = undefined
  }

  return {
    write(line) {
      const bytes = Buffer.from(`${line}\n`)
      if (bytes.length > batchBytes || waitingBytes + bytes.length > waitingLimitBytes) {
        losses.lost(1, 'violation_log', { code: 'full' })
        return
      }
      waiting.push(bytes)
      waitingBytes += bytes.length
      // Lines of one turn share a write.
      writing ??= new Promise<void>((resolve) => setImmediate(resolve)).then(drain)
    },
    async flush() {
      while (writing !== undefined) await writing
    },
  }
}

function invalid(message: string): never {
  throw new TelemetryError('telemetry.invalid', `violationLog: ${message}`)
}
