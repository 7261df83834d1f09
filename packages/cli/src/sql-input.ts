import { createReadStream } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Input } from './call.ts'
import { misconfigured, misused, type Problem } from './cli-error.ts'

/** A file of SQL, and what it is called for code scanning. */
export interface SqlFile {
  /** As it was given. */
  readonly file: string
  readonly uri: string
  readonly text: string
}

/** Statements of a service take kilobytes; more than this is data. */
const mostBytes = 1_000_000
const expected = 'SQL in UTF-8, of at most 1 MB'

/**
 * Reads files of SQL, and tells of every one that cannot be read.
 * @throws {@link CliError} `cli.configuration`
 */
export async function readSqlFiles(
  files: readonly string[],
  cwd: string,
): Promise<readonly SqlFile[]> {
  const problems: Problem[] = []
  const read: SqlFile[] = []
  for (const file of files) {
    const path = resolve(cwd, file)
    const reading = await readText(createReadStream(path))
    if (reading.ok) read.push({ file, uri: uriOf(path, cwd), text: reading.text })
    else problems.push({ name: file, shape: reading.shape, expected: `a file of ${expected}` })
  }
  if (problems.length > 0) throw misconfigured('not every file can be read', { problems })
  return read
}

/**
 * Reads SQL to its end.
 * @throws {@link CliError} `cli.usage` when nobody gives any.
 */
export async function readInput(input: Input | undefined): Promise<string> {
  if (input === undefined || input.isTTY === true) {
    throw misused('there is no SQL: give a text, or --file, or pipe it into the command')
  }
  const reading = await readText(input)
  if (reading.ok) return reading.text
  const problems = [{ name: 'the input', shape: reading.shape, expected }]
  throw misused('the input cannot be read', { problems })
}

type Reading =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly shape: string }

async function readText(input: Input): Promise<Reading> {
  const parts: Uint8Array[] = []
  let length = 0
  try {
    for await (const part of input) {
      const bytes = Buffer.from(part)
      length += bytes.length
      if (length > mostBytes) return { ok: false, shape: 'longer' }
      parts.push(bytes)
    }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts))
    return { ok: true, text }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    if (code === 'EISDIR') return { ok: false, shape: 'a folder' }
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return { ok: false, shape: 'not in UTF-8' }
    return { ok: false, shape: `unreadable (${code})` }
  }
}

/** As SARIF names files: relative to where the command was called, where they lie below. */
function uriOf(path: string, cwd: string): string {
  const below = pathBelow(path, cwd)
  return below?.split('/').map(encodeURIComponent).join('/') ?? pathToFileURL(path).href
}

/** The path from where the command was called, with slashes, to a file that lies below. */
export function pathBelow(path: string, cwd: string): string | undefined {
  const below = relative(cwd, path)
  return below.startsWith('..') || resolve(below) === below ? undefined : below.split(sep).join('/')
}
