import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const packages = fileURLToPath(new URL('../packages', import.meta.url))

/** What each layer may import: everything below it, never a neighbour. */
const layers: readonly (readonly string[])[] = [
  ['context'],
  ['registry', 'rollout', 'telemetry', 'sql', 'testing'],
  ['http', 'prisma'],
  ['cli'],
]

const layerOf = (name: string): number => layers.findIndex((names) => names.includes(name))

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

function manifestOf(name: string): Manifest {
  return JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8'))
}

function ours(dependencies: Readonly<Record<string, string>> = {}): readonly string[] {
  return Object.keys(dependencies)
    .filter((name) => name.startsWith('@partywall/'))
    .map((name) => name.slice('@partywall/'.length))
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[cm]?[jt]sx?$/.test(file))
    .map((file) => join(folder, file))
}

for (const name of readdirSync(packages)) {
  it(`keeps ${name} above what it imports`, () => {
    expect(layers.flat()).toContain(name)
    const { dependencies, optionalDependencies, peerDependencies } = manifestOf(name)
    for (const used of [dependencies, optionalDependencies, peerDependencies].flatMap(ours)) {
      expect(`${used}: layer ${layerOf(used) < layerOf(name) ? 'below' : 'not below'}`).toBe(
        `${used}: layer below`,
      )
    }
    for (const used of ours(manifestOf(name).devDependencies)) {
      const allowed = layerOf(used) < layerOf(name) || (used === 'testing' && name !== 'context')
      expect(`${used}: ${allowed}`).toBe(`${used}: true`)
    }
  })

  it(`lets ${name} import only what its manifest names, by public names`, () => {
    const { dependencies, optionalDependencies, peerDependencies } = manifestOf(name)
    const named = new Set([dependencies, optionalDependencies, peerDependencies].flatMap(ours))
    for (const file of filesBelow(join(packages, name, 'src'))) {
      const source = readFileSync(file, 'utf8')
      for (const [, used = ''] of source.matchAll(/from '@partywall\/([a-z-]+)[^']*'/g)) {
        expect(`${file}: ${named.has(used) ? '' : used}`).toBe(`${file}: `)
      }
      expect(source.match(/from '(?:\.\.\/)+packages\//)).toBeNull()
    }
  })
}

it('lets nobody use what context would have to bring along', () => {
  const { dependencies, optionalDependencies, peerDependencies } = manifestOf('context')
  expect([dependencies, optionalDependencies, peerDependencies]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

it('has no room for what has no name', () => {
  const files = readdirSync(packages).flatMap((name) => filesBelow(join(packages, name, 'src')))
  const nameless = files.filter((file) =>
    /\/(?:utils?|helpers?|common|shared|types)(?:\.|\/)/.test(file),
  )
  expect(nameless).toEqual([])
})
