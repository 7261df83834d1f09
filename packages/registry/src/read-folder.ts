import { constants } from 'node:fs'
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { RegistryProblem } from './registry-error.ts'
import type { SourceReading, TenantDocument } from './source.ts'
import { readYaml } from './yaml-document.ts'

/** Which files of a folder are tenants, and how much of them is read. */
export interface FolderRules {
  /** An absolute path. */
  readonly folder: string
  readonly skip: readonly string[]
  readonly maxFileBytes: number
  readonly maxTotalBytes: number
  readonly maxFiles: number
}

export interface FolderReading extends SourceReading {
  /** The system refused a read: the same folder may read well next time. */
  readonly interrupted: boolean
}

type FileReading =
  | { readonly ok: true; readonly text: string; readonly bytes: number }
  | { readonly ok: false; readonly message: string; readonly interrupted: boolean }

/** What the tenant files of the folder look like from outside. Never rejects. */
export async function fingerprint(rules: FolderRules): Promise<string> {
  try {
    const names = await tenantFiles(rules)
    const looks = await Promise.all(names.map((name) => lookOf(rules.folder, name)))
    return looks.join('\n')
  } catch (error) {
    return `no folder: ${systemCode(error)}`
  }
}

/** Reads every tenant file. Never rejects. */
export async function readFolder(rules: FolderRules): Promise<FolderReading> {
  const { folder, maxFileBytes, maxTotalBytes, maxFiles } = rules
  const documents: TenantDocument[] = []
  const problems: RegistryProblem[] = []
  let names: readonly string[]
  let home: string
  try {
    home = await realpath(folder)
    names = await tenantFiles(rules)
  } catch (error) {
    const message = `the folder of tenants cannot be read (${systemCode(error)})`
    return { documents, problems: [{ message }], interrupted: true }
  }
  if (names.length > maxFiles) {
    const message = `the folder holds ${names.length} tenant files; at most ${maxFiles} are read`
    return { documents, problems: [{ message }], interrupted: false }
  }
  let total = 0
  let interrupted = false
  for (const file of names) {
    const room = Math.min(maxFileBytes, maxTotalBytes - total)
    const reading = await readTenantFile(home, file, room)
    if (!reading.ok) {
      problems.push({ file, line: 1, column: 1, message: reading.message })
      interrupted ||= reading.interrupted
      continue
    }
    total += reading.bytes
    const yaml = readYaml(file, reading.text)
    if (yaml.ok) documents.push(yaml.document)
    else problems.push(...yaml.problems)
  }
  return { documents, problems, interrupted }
}

async function tenantFiles({ folder, skip }: FolderRules): Promise<readonly string[]> {
  const names = await readdir(folder)
  return names
    .filter((name) => /\.ya?ml$/i.test(name) && !name.startsWith('.') && !skip.includes(name))
    .sort()
}

async function lookOf(folder: string, name: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(join(folder, name), { bigint: true })
    return [name, ino, size, mtimeNs, ctimeNs].join(' ')
  } catch (error) {
    return `${name} ${systemCode(error)}`
  }
}

async function readTenantFile(home: string, file: string, room: number): Promise<FileReading> {
  let handle: FileHandle | undefined
  try {
    const path = await realpath(join(home, file))
    if (!path.startsWith(home + sep)) return refuse('a link out of the folder')
    // Not blocking: opening a pipe would wait for somebody to write.
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const { size } = await handle.stat().then((stats) => (stats.isFile() ? stats : { size: -1 }))
    if (size < 0) return refuse('not a regular file')
    if (size > room) return refuse(`${size} bytes; at most ${room} are read here`)
    const bytes = await readAtMost(handle, room + 1)
    if (bytes.length > room) return refuse(`more than ${room} bytes`)
    return { ok: true, bytes: bytes.length, text: decode(bytes) }
  } catch (error) {
    if (error instanceof TypeError) return refuse('not UTF-8 text')
    return { ok: false, message: `cannot be read (${systemCode(error)})`, interrupted: true }
  } finally {
    await handle?.close()
  }
}

async function readAtMost(handle: FileHandle, limit: number): Promise<Buffer> {
  const parts: Buffer[] = []
  for (let length = 0; length < limit; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(limit - length, 65_536)))
    if (bytesRead === 0) break
    parts.push(buffer.subarray(0, bytesRead))
    length += bytesRead
  }
  return Buffer.concat(parts)
}

/** @throws TypeError for bytes that are no UTF-8. */
function decode(bytes: Buffer): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}

function refuse(message: string): FileReading {
  return { ok: false, message, interrupted: false }
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
