import { resolve } from 'node:path'
import { type FolderRules, fingerprint, readFolder } from './read-folder.ts'
import { RegistryError } from './registry-error.ts'
import type { RegistrySource, SourceReading } from './source.ts'
import { watchFolder } from './watch-folder.ts'

export interface YamlDirectoryOptions {
  /** Files beside the tenants that are not read, by exact name. @defaultValue `['schema.yaml']` */
  readonly skip?: readonly string[] | undefined
  /** @defaultValue 262 144 (256 KiB) */
  readonly maxFileBytes?: number | undefined
  /** For all files together. @defaultValue 16 777 216 (16 MiB) */
  readonly maxTotalBytes?: number | undefined
  /** @defaultValue 10 000 */
  readonly maxFiles?: number | undefined
  /** How often files are looked at beside the file system's own notices. @defaultValue `500` */
  readonly pollMs?: number | undefined
}

const maxAttempts = 5

/**
 * One tenant per file: every `*.yaml` and `*.yml` right in `folder`, but names that begin with a
 * dot and those in `skip`. A file's name says nothing; its `tenant_id` does. Files may be symbolic
 * links within the folder, as in a mounted ConfigMap, never out of it.
 * @throws {@link RegistryError} `registry.invalid_options` for a limit that is no positive integer.
 */
export function yamlDirectory(folder: string, options: YamlDirectoryOptions = {}): RegistrySource {
  const {
    skip = ['schema.yaml'],
    maxFileBytes = 256 * 1024,
    maxTotalBytes = 16 * 1024 * 1024,
    maxFiles = 10_000,
    pollMs = 500,
  } = options
  for (const [name, value] of Object.entries({ maxFileBytes, maxTotalBytes, maxFiles, pollMs })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RegistryError('registry.invalid_options', `${name} must be a positive integer`)
    }
  }
  const rules: FolderRules = {
    folder: resolve(folder),
    skip,
    maxFileBytes,
    maxTotalBytes,
    maxFiles,
  }
  return {
    read: () => readOneState(rules),
    watch: (changed, lastRead) =>
      watchFolder({
        folder: rules.folder,
        pollMs,
        fingerprint: () => fingerprint(rules),
        lastRead,
        changed,
      }),
  }
}

/** Files are read one by one: a set is only one if the folder was the same before and after. */
async function readOneState(rules: FolderRules): Promise<SourceReading> {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const revision = await fingerprint(rules)
    const reading = await readFolder(rules)
    if ((await fingerprint(rules)) === revision) {
      return reading.interrupted ? reading : { ...reading, revision }
    }
  }
  return { documents: [], problems: [{ message: 'the folder kept changing while it was read' }] }
}
