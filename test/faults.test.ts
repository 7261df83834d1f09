import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = readFileSync(join(root, 'docs/faults.md'), 'utf8')

it('names for every fault a test that there is', () => {
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| fault'))
  expect(rows.length).toBeGreaterThan(20)
  const gone = rows.filter((row) => {
    const [, file = '', title = ''] = /\| `([^`]+\.test\.ts)`: (.+) \|$/.exec(row) ?? []
    const path = join(root, file)
    return file === '' || !existsSync(path) || !readFileSync(path, 'utf8').includes(title)
  })
  expect(gone).toEqual([])
})
