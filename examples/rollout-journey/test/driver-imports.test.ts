import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { expect, it } from 'vitest'

const driver = join(dirname(fileURLToPath(import.meta.url)), '../src/driver')

/**
 * Everything that these files need at run time, however far their imports go, as the bundler finds
 * it: imports for their effect, exports of others and dynamic imports too, and none of types.
 */
async function reach(files: readonly string[]): Promise<readonly string[]> {
  const outDir = mkdtempSync(join(tmpdir(), 'driver-imports-'))
  try {
    await build({
      entry: [...files],
      outDir,
      format: 'esm',
      config: false,
      silent: true,
      metafile: true,
      // Also what nothing uses is found; packages are named and not entered.
      treeshake: false,
      skipNodeModulesBundle: true,
      esbuildOptions: (options) => {
        options.logLevel = 'error'
      },
    })
    const meta: {
      inputs: Record<string, { imports: { path: string; external?: boolean }[] }>
    } = JSON.parse(readFileSync(join(outDir, 'metafile-esm.json'), 'utf8'))
    const inputs = Object.entries(meta.inputs)
    // What is only known when it runs cannot be found by reading.
    for (const [path] of inputs) expect(unknowable(path), path).toEqual([])
    return inputs.flatMap(([path, { imports }]) => [path, ...imports.map((each) => each.path)])
  } finally {
    rmSync(outDir, { recursive: true, force: true })
  }
}

function unknowable(path: string): readonly string[] {
  return (
    readFileSync(path, 'utf8').match(/\bimport\((?!\s*['"])|\brequire\b|\bcreateRequire\b/g) ?? []
  )
}

function walls(reached: readonly string[]): readonly string[] {
  return reached.filter((path) => path.includes('@partywall/') || path.includes('packages/'))
}

it('lets the driver reach no wall, however far its imports go', async () => {
  const reached = await reach(readdirSync(driver).map((name) => join(driver, name)))
  expect(reached).toContain('undici')
  expect(reached.map((path) => basename(path))).toContain('leak.ts')
  expect(walls(reached)).toEqual([])
})

it.each([
  ['an import', "import { runJob } from '@partywall/context'\nconsole.log(runJob)"],
  ['an import for its effect', "import '@partywall/context'"],
  ['an export of others', "export { runJob } from '@partywall/context'"],
  ['an export of all', "export * from '@partywall/context'"],
  ['a dynamic import', "export const later = () => import('@partywall/context')"],
])('would find %s', async (_what, text) => {
  const folder = mkdtempSync(join(tmpdir(), 'driver-imports-'))
  writeFileSync(join(folder, 'deep.ts'), text)
  writeFileSync(join(folder, 'top.ts'), "export * from './deep.ts'")
  expect(walls(await reach([join(folder, 'top.ts')]))).not.toEqual([])
  rmSync(folder, { recursive: true })
})

it('would find no import of types alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'driver-imports-'))
  writeFileSync(
    join(folder, 'top.ts'),
    "import type { Job } from '@partywall/context'\nexport type Mine = Job",
  )
  expect(walls(await reach([join(folder, 'top.ts')]))).toEqual([])
  rmSync(folder, { recursive: true })
})
