import { readFileSync } from 'node:fs'
import { expect, inject, it } from 'vitest'
import { legacyLeaks } from '../src/journey/steps.ts'
import { type LeakKind, leakKinds } from '../src/leaks/leak.ts'
import { type ReleaseName, returningLeak } from '../src/releases/release-names.ts'

/** Everything that a built program loads, however far its imports go. */
function loadedBy(file: string, seen = new Map<string, string>()): ReadonlyMap<string, string> {
  if (seen.has(file)) return seen
  const text = readFileSync(new URL(file, inject('entries')), 'utf8')
  seen.set(file, text)
  for (const [, other = ''] of text.matchAll(/(?:from|import)\s*\(?\s*"\.\/([^"/]+\.js)"/g)) {
    loadedBy(other, seen)
  }
  return seen
}

/** The leaks whose leaking code is in what a release loads, by the names of their functions. */
function leaksIn(release: ReleaseName): readonly LeakKind[] {
  const code = [...loadedBy(`release-${release}.js`).values()].join('\n')
  return leakKinds.filter((kind) => {
    const name = kind.replaceAll(/(?:^|-)(\w)/g, (_all, letter: string) => letter.toUpperCase())
    expect(code).toMatch(new RegExp(`\\bmended${name}\\s*=`))
    return new RegExp(`\\bleaking${name}\\s*=`).test(code)
  })
}

it.each<[ReleaseName, readonly LeakKind[]]>([
  ['1', leakKinds],
  ['2', legacyLeaks],
  ['2b', [...legacyLeaks, returningLeak]],
  ['3', []],
  ['4', []],
])(
  'builds release %s as a program without the code of leaks that are not live in it',
  (release, live) => {
    expect([...leaksIn(release)].sort()).toEqual([...live].sort())
  },
)
