import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'

/** The demo's own program, as a process with a folder for temporary files of its own. */
export interface Program {
  readonly folder: string
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
  /** What it printed so far, on both streams. */
  output(): string
  kill(signal: NodeJS.Signals): void
  /** What is in its folder now. */
  left(): readonly string[]
  /** Ends it if it runs, and removes its folder. */
  remove(): Promise<void>
}

/** Starts it with these arguments; `DATABASE_URL` and `PATH` are passed on and nothing else. */
export function startProgram(
  args: (folder: string) => readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Program {
  const folder = mkdtempSync(join(tmpdir(), 'journey-'))
  const { PATH, DATABASE_URL } = process.env
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('main.js', inject('entries'))), ...args(folder)],
    {
      env: { PATH, DATABASE_URL, TMPDIR: folder, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
  }
  const ended: Program['ended'] = new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  return {
    folder,
    ended,
    output: () => text,
    kill: (signal) => void child.kill(signal),
    left: () => readdirSync(folder),
    async remove() {
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}
