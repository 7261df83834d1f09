// Writes each `ts` block of a README to a folder beside packages that it imports, where the root tsc
// checks it as a user's file.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = new URL('..', import.meta.url).pathname

for (const folder of readdirSync(join(root, 'packages'))) {
  const home = join(root, 'packages', folder)
  writeSnippets(join(home, 'README.md'), join(home, '.readme'))
}
// The workspace itself depends on no package; the example on all that its snippet needs.
writeSnippets(join(root, 'README.md'), join(root, 'examples/rollout-journey/.readme'))

function writeSnippets(readme, target) {
  rmSync(target, { recursive: true, force: true })
  if (!existsSync(readme)) return
  const blocks = [...readFileSync(readme, 'utf8').matchAll(/^```ts\n(.*?)^```/gms)]
  if (blocks.length === 0) return
  mkdirSync(target)
  for (const [index, [, code]] of blocks.entries()) {
    writeFileSync(join(target, `${index + 1}.ts`), code)
  }
}
