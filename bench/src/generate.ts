import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const modules = fileURLToPath(new URL('../node_modules', import.meta.url))

/** What a generator is run with, in a folder of its own. */
export interface Generator {
  /** The program, below `node_modules`. */
  readonly program: string
  readonly args: readonly string[]
  readonly files: Readonly<Record<string, string>>
  /** The module in TypeScript that it writes, which is what is wanted. */
  readonly entry: string
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a generator of code, and gives the module that it wrote. */
export async function generate({ program, args, files, entry, env }: Generator): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'partywall-bench-'))
  // Parts of the module are loaded when they are needed.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(modules, join(folder, 'node_modules'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const { PATH, HOME } = process.env
  execFileSync(process.execPath, [join(modules, program), ...args], {
    cwd: folder,
    env: { PATH, HOME, ...env },
    // Shown by the error where there is one.
    stdio: 'pipe',
  })
  const outfile = join(folder, 'generated.mjs')
  await build({
    entryPoints: [join(folder, entry)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  })
  return import(outfile)
}
