// A build whose sources did not change since it was made is not made again: the second demo starts
// two seconds earlier.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Beside what it is about: who builds anew removes it with the rest. */
const stamp = '.built-from'

/**
 * What a build in `folder` is made from: its own files, the packages beside it and what is installed.
 * `isCurrent()` tells whether its output still is what they give, `note()` that it is from now on.
 */
export function builtOnce(root, folder) {
  const output = join(root, folder, 'dist')
  const path = join(output, stamp)
  const from = fingerprint(root, folder)
  return {
    isCurrent: () => existsSync(path) && readFileSync(path, 'utf8') === from,
    note() {
      if (existsSync(output)) writeFileSync(path, from)
    },
  }
}

function fingerprint(root, folder) {
  const hash = createHash('sha256').update(process.version)
  const beside = join(root, 'packages')
  const packages = existsSync(beside) ? readdirSync(beside).sort() : []
  for (const home of [folder, ...packages.map((name) => join('packages', name))]) {
    for (const part of ['package.json', 'tsup.config.ts', 'src']) add(join(home, part))
  }
  for (const file of ['pnpm-lock.yaml', 'tsconfig.base.json']) add(file)
  return hash.digest('hex')

  function add(path) {
    const found = join(root, path)
    for (const file of filesOf(found))
      hash.update(file.slice(root.length)).update(readFileSync(file))
  }
}

function filesOf(path) {
  if (!existsSync(path)) return []
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .sort()
  } catch (error) {
    if (error?.code === 'ENOTDIR') return [path]
    throw error
  }
}
