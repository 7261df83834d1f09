import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Node 20 cannot run TypeScript: this child, as one file in `folder`. */
export async function bundleChild(child: URL, folder: string): Promise<string> {
  const outfile = join(folder, `${basename(child.pathname)}.mjs`)
  await build({
    entryPoints: [fileURLToPath(child)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@partywall/source'],
    logLevel: 'error',
  })
  return outfile
}
