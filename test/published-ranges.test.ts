import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const root = new URL('..', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

/** What `catalog:` becomes in a published package. */
function catalogue(): ReadonlyMap<string, string> {
  const lines = read('pnpm-workspace.yaml').matchAll(/^ {2}"?([@/\w.-]+)"?: (\S+)$/gm)
  return new Map([...lines].map(([, name = '', version = '']) => [name, version]))
}

it('publishes no package that needs one exact version of a library', () => {
  const versions = catalogue()
  expect(versions.size).toBeGreaterThan(5)
  const exact = readdirSync(new URL('packages', root)).flatMap((name) => {
    const manifest: unknown = JSON.parse(read(`packages/${name}/package.json`))
    const { dependencies = {} } = manifest as { dependencies?: Readonly<Record<string, string>> }
    return Object.entries(dependencies)
      .map(([library, range]) => [library, range === 'catalog:' ? versions.get(library) : range])
      .filter(([, range]) => range !== 'workspace:^' && !/^\^\d+\.\d+\.\d+$/.test(range ?? ''))
      .map(([library, range]) => `${name}: ${library} ${range}`)
  })
  expect(exact).toEqual([])
})
