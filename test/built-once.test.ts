import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { builtOnce } from '../scripts/built-once.mjs'

function tree(): { readonly write: (path: string, text: string) => void; readonly root: string } {
  const root = mkdtempSync(join(tmpdir(), 'partywall-built-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const write = (path: string, text: string): void => {
    const file = join(root, path)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, text)
  }
  write('pnpm-lock.yaml', 'one')
  write('app/src/main.ts', 'main')
  write('packages/wall/src/deep/part.ts', 'part')
  return { root, write }
}

it('knows a build again whose sources are the same', () => {
  const { root, write } = tree()
  expect(builtOnce(root, 'app').isCurrent()).toBe(false)
  write('app/dist/main.js', 'built')
  builtOnce(root, 'app').note()
  expect(builtOnce(root, 'app').isCurrent()).toBe(true)
})

it.each([
  ['app/src/main.ts', 'a source of its own'],
  ['app/src/new.ts', 'a new file'],
  ['app/tsup.config.ts', 'how it is built'],
  ['packages/wall/src/deep/part.ts', 'a source of a package'],
  ['packages/other/src/index.ts', 'a new package'],
  ['packages/wall/package.json', 'what a package depends on'],
  ['pnpm-lock.yaml', 'what is installed'],
])('builds again after %s changed: %s', (path) => {
  const { root, write } = tree()
  write('app/dist/main.js', 'built')
  builtOnce(root, 'app').note()
  write(path, 'changed')
  expect(builtOnce(root, 'app').isCurrent()).toBe(false)
})

it('builds again where the output is gone, or was made elsewhere', () => {
  const { root, write } = tree()
  builtOnce(root, 'app').note()
  expect(builtOnce(root, 'app').isCurrent()).toBe(false)
  write('app/dist/main.js', 'built')
  builtOnce(root, 'app').note()
  rmSync(join(root, 'app/dist'), { recursive: true })
  expect(builtOnce(root, 'app').isCurrent()).toBe(false)
})
