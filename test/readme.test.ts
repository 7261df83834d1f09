import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The tool has only a program to be asked by. */
function checkedFiles(): readonly string[] {
  const listed = execFileSync(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--showConfig'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
  const { files } = JSON.parse(listed) as { readonly files: readonly string[] }
  return files
}

it('checks the snippet of the first page as a user’s file, with its imports', () => {
  const page = readFileSync(`${root}/README.md`, 'utf8')
  const snippets = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code)
  expect(snippets).toHaveLength(1)
  const file = 'examples/rollout-journey/.readme/1.ts'
  expect(readFileSync(`${root}/${file}`, 'utf8')).toBe(snippets[0])
  expect(checkedFiles()).toContain(`./${file}`)
  expect(snippets[0]?.split('\n\n')[0]).toMatch(/^(import .*\n?)+$/)
})
