// What tests claim to show. A title that ends in `[54, 98–105]` claims behaviour, in
// `[data 133–137]` the content of a file, in `[procedure 157]` a page whose commands are run. On the
// line above a claim of behaviour stands a change under which the test must fail:
//
//   // mutation src/decide.ts: <text that occurs once> => <replacement>
//
// Any other test may name such a change, too.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** Every claim in the test files below `root`. */
export function readClaims(root) {
  return testFiles(root).flatMap((file) => claimsOf(root, file))
}

function testFiles(root) {
  const homes = ['packages', 'examples'].flatMap((parent) =>
    folders(join(root, parent)).map((name) => join(root, parent, name, 'test')),
  )
  return [...homes, join(root, 'bench', 'test'), join(root, 'test')]
    .flatMap((home) => filesBelow(home))
    .filter((file) => file.endsWith('.test.ts'))
    .sort()
}

function folders(parent) {
  try {
    return readdirSync(parent)
  } catch {
    return []
  }
}

function filesBelow(home) {
  try {
    return readdirSync(home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !file.includes(`${sep}node_modules${sep}`))
  } catch {
    return []
  }
}

/** Every test that names a change under which it must fail, whether it claims a requirement or not. */
export function readMutations(root) {
  const claims = readClaims(root)
  const others = testFiles(root).flatMap((file) => othersOf(root, file))
  return [...claims, ...others].flatMap((claim) =>
    claim.mutations.map((mutation) => ({ claim, mutation })),
  )
}

const tagged = /\(\s*(['"`])((?:(?!\1)[^\n])* \[(data |procedure )?(\d[\d, –-]*)\])\1/g
const startOfTest = /^\s*(?:it|test)\b/
const mutationLine = /^\s*\/\/ mutation (\S+): (.+)$/

function claimsOf(root, file) {
  const source = readFileSync(file, 'utf8')
  const lines = source.split('\n')
  return [...source.matchAll(tagged)].map((match) => {
    const [, , title, kind = 'behaviour', numbers] = match
    let line = source.slice(0, match.index).split('\n').length - 1
    while (line > 0 && !startOfTest.test(lines[line])) line -= 1
    const mutations = []
    while (line > 0 && /^\s*\/\//.test(lines[line - 1])) {
      line -= 1
      const [, target, change] = mutationLine.exec(lines[line]) ?? []
      if (target !== undefined)
        mutations.unshift(readMutation(dirnameOfTests(file), target, change))
    }
    return {
      file: relative(root, file).replaceAll(sep, '/'),
      title: title.replace(/\\(['"`])/g, '$1'),
      kind: kind.trim(),
      numbers: expand(numbers),
      mutations,
    }
  })
}

const tag = / \[(?:data |procedure )?\d[\d, –-]*\]$/
const untagged =
  /^\s*(?:it|test)(?:\b[^'"`]*\(|\.(?:each|for)\([\s\S]*?\]\)\()\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/

/** The tests of a file that name a change and claim nothing. */
function othersOf(root, file) {
  const source = readFileSync(file, 'utf8')
  return [...source.matchAll(/(?:^[ \t]*\/\/.*\n)+/gm)].flatMap(({ 0: comment, index }) => {
    const mutations = comment.split('\n').flatMap((line) => {
      const [, target, change] = mutationLine.exec(line) ?? []
      return target === undefined ? [] : [readMutation(dirnameOfTests(file), target, change)]
    })
    if (mutations.length === 0) return []
    const where = relative(root, file).replaceAll(sep, '/')
    const title = untagged.exec(source.slice(index + comment.length))?.[2]
    if (title === undefined) throw new Error(`${where}: no test stands below "${comment.trim()}"`)
    if (tag.test(title)) return []
    const plain = title.replace(/\\(['"`])/g, '$1')
    return [{ file: where, title: plain, kind: 'behaviour', numbers: [], mutations }]
  })
}

/** The package (or the root) whose `test` folder the file is in. */
function dirnameOfTests(file) {
  return file.slice(0, file.lastIndexOf(`${sep}test${sep}`))
}

/**
 * Code may hold an arrow, so every place where the line can be cut is tried; the longest left side
 * that occurs once is meant.
 */
function readMutation(home, target, change) {
  const file = join(home, target)
  let source
  try {
    source = readFileSync(file, 'utf8')
  } catch {
    return { target, change, problem: 'there is no such file' }
  }
  const parts = change.split(' => ')
  if (parts.length < 2) return { target, change, problem: 'there is no " => "' }
  for (let cut = parts.length - 1; cut > 0; cut -= 1) {
    const find = parts.slice(0, cut).join(' => ')
    const replacement = parts.slice(cut).join(' => ')
    if (source.split(find).length === 2) return { target, change, file, find, replacement }
  }
  return { target, change, problem: 'the text to replace does not occur exactly once' }
}

function expand(numbers) {
  return numbers.split(',').flatMap((part) => {
    const [first, last = first] = part.trim().split(/[–-]/).map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

/** A title as a pattern: a loop over a table writes part of it at run time. */
export function titlePattern(title) {
  const parts = title.split(/\$\{[^}]*\}|%[sdifjo]|\$[\w.]+/)
  const literal = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
  return new RegExp(`^${literal.join('.*')}$`, 's')
}

/**
 * What became of the test of a claim in a tree: `passed` and `failed` are words of the test itself;
 * one that was skipped, or whose `beforeAll` failed, did not run and proves nothing.
 */
export function outcomeOf(testResults, root, { file, title }) {
  const pattern = titlePattern(title)
  const tests = testResults
    .filter(({ name }) => relative(root, name).replaceAll(sep, '/') === file)
    .flatMap(({ assertionResults }) => assertionResults)
    .filter((test) => pattern.test(test.title))
  if (tests.some(({ status }) => status === 'failed')) return 'failed'
  const passed = tests.length > 0 && tests.every(({ status }) => status === 'passed')
  return passed ? 'passed' : 'did not run'
}

/** The name of the vitest project that a test file belongs to. */
export function projectOf(file) {
  const [parent, name] = file.split('/')
  return parent === 'test' ? 'workspace' : parent === 'bench' ? 'bench' : name
}
