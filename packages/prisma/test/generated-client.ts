import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const modules = fileURLToPath(new URL('../node_modules', import.meta.url))

/** Runs `prisma generate` in a folder of its own; returns where it is. */
export async function generateClient(
  schema: string,
): Promise<{ readonly folder: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'partywall-prisma-'))
  symlinkSync(modules, join(folder, 'node_modules'))
  await generateInto(folder, schema)
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Runs `prisma generate` for a schema, whose output stands beside it. */
export async function generateInto(folder: string, schema: string): Promise<void> {
  writeFileSync(join(folder, 'schema.prisma'), schema)
  writeFileSync(join(folder, 'prisma.config.mjs'), `export default { schema: './schema.prisma' }\n`)
  const { PATH, HOME } = process.env
  await promisify(execFile)(
    process.execPath,
    [join(modules, 'prisma/build/index.js'), 'generate', '--schema', 'schema.prisma'],
    {
      cwd: folder,
      env: {
        PATH,
        HOME,
        // What would have to be downloaded, and is not needed to generate.
        PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
        CHECKPOINT_DISABLE: '1',
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
      },
    },
  )
}
