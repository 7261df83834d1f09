import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const driver = join(dirname(fileURLToPath(import.meta.url)), '../src/driver')

/** What a file needs at run time: imports of types alone are gone by then. */
function importsOf(file: string): readonly string[] {
  const source = readFileSync(file, 'utf8')
  const statements = source.matchAll(/^import (?!type )([^;]*?)from '([^']+)'/gms)
  return [...statements]
    .filter(([, names = '']) => !/^\{(\s*type \w+,?)*\s*\}\s*$/.test(names))
    .map(([, , specifier = '']) => specifier)
}

function reach(file: string, reached: Set<string>): Set<string> {
  for (const specifier of importsOf(file)) {
    const target = specifier.startsWith('.') ? join(dirname(file), specifier) : specifier
    if (reached.has(target)) continue
    reached.add(target)
    if (specifier.startsWith('.')) reach(target, reached)
  }
  return reached
}

it('lets the driver reach no wall, however far its imports go', () => {
  const reached = new Set<string>()
  for (const name of readdirSync(driver)) reach(join(driver, name), reached)
  expect([...reached]).toContain('undici')
  expect([...reached].filter((target) => target.includes('@partywall/'))).toEqual([])
})
