import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
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

interface Manifest {
  readonly name: string
  readonly private?: boolean
}

function publishedPackages(): readonly (readonly [folder: string, name: string])[] {
  return readdirSync(`${root}/packages`).flatMap((folder) => {
    const text = readFileSync(`${root}/packages/${folder}/package.json`, 'utf8')
    const { name, private: isPrivate } = JSON.parse(text) as Manifest
    return isPrivate === true ? [] : [[folder, name] as const]
  })
}

it('lists every published package in its table, and in its diagram of layers', () => {
  const page = readFileSync(`${root}/README.md`, 'utf8')
  const layers = /^3 {2}programs .*?^```$/ms.exec(page)?.[0] ?? ''
  for (const [folder, name] of publishedPackages()) {
    expect(page).toContain(`\n| [\`${name}\`](packages/${folder}) |`)
    expect(layers.split(/\s+/)).toContain(folder)
  }
})

/** The figures of a result in microseconds, and how many times as long as something else. */
function figuresOf(result: string): Readonly<Record<'µs' | 'times', readonly number[]>> {
  const micros = [...result.matchAll(/([\d.]+) (ns|µs)/g)].map(
    ([, figure, unit]) => Number(figure) / (unit === 'ns' ? 1000 : 1),
  )
  const times = [...result.matchAll(/([\d.]+) ± /g)].map(([, figure]) => Number(figure))
  return { µs: micros, times }
}

it.each(['README.md', 'packages/sql/README.md', 'packages/prisma/README.md'])(
  '%s says of the benchmarks what their results say',
  (file) => {
    const page = readFileSync(`${root}/${file}`, 'utf8')
    // Each figure is followed by the results that it comes from.
    const cited = [...page.matchAll(/([^\n]*?)\[results\]\([./]*(bench\/results\/\w+\.md)\)/g)]
    expect(cited).not.toEqual([])
    for (const [, said = '', path] of cited) {
      const figures = figuresOf(readFileSync(`${root}/${path}`, 'utf8'))
      const claims = [...said.matchAll(/([\d.]+)(?: to ([\d.]+))? (µs|times)/g)]
      expect(claims).not.toEqual([])
      for (const [, one, other, unit] of claims) {
        for (const claim of [one, other].filter((each) => each !== undefined)) {
          const decimals = claim.split('.')[1]?.length ?? 0
          const known = figures[unit as 'µs' | 'times'].map((figure) => figure.toFixed(decimals))
          expect(known).toContain(claim)
        }
      }
    }
  },
)
