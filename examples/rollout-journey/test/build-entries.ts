import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'tsup'
import type { TestProject } from 'vitest/node'
import { entryOptions } from '../tsup.config.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder with the built entry points of the example. */
    entries: string
  }
}

/** Instances, the proxy and the command are processes: tests start them from a build of their own. */
export async function setup(project: TestProject): Promise<void> {
  const example = join(dirname(fileURLToPath(import.meta.url)), '..')
  const folder = join(example, 'node_modules', '.cache', 'journey-test')
  await build({ ...entryOptions(folder), config: false, silent: true, outDir: folder })
  project.provide('entries', `${pathToFileURL(folder).href}/`)
}
