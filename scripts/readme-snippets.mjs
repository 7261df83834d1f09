// Writes each `ts` block of a package's README beside it, where the root tsc checks it as a user's file.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = new URL('..', import.meta.url).pathname

for (const folder of readdirSync(join(root, 'packages'))) {
  const home = join(root, 'packages', folder)
  const readme = join(home, 'README.md')
  const target = join(home, '.readme')
  rmSync(target, { recursive: true, force: true })
  if (!existsSync(readme)) continue
  const blocks = [...readFileSync(readme, 'utf8').matchAll(/^```ts\n(.*?)^```/gms)]
  if (blocks.length === 0) continue
  mkdirSync(target)
  for (const [index, [, code]] of blocks.entries()) {
    writeFileSync(join(target, `${index + 1}.ts`), code)
  }
}
