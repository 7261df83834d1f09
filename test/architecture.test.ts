import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')

/** One line of the tree: a file, and what the page says of it. */
interface TreeLine {
  readonly file: string
  readonly says: string
  readonly width: number
}

function treeOf(text: string): readonly TreeLine[] {
  const [, section = ''] = text.split(/^## 5\. The tree$/m)
  const [tree = ''] = section.split(/^## /m)
  const lines: TreeLine[] = []
  for (const [, block = ''] of tree.matchAll(/^```text\n(.*?)^```$/gms)) {
    let folder = ''
    for (const line of block.trimEnd().split('\n')) {
      const [, file, says = ''] = /^ {2}(\S+)(?: {2,}(.*))?$/.exec(line) ?? []
      if (file === undefined) folder = line
      else lines.push({ file: folder + file, says: says.trim(), width: line.length })
    }
  }
  return lines
}

function sourceFolders(): readonly string[] {
  const homes = ['packages', 'examples'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}/src`),
  )
  return [...homes, 'bench/src', 'scripts'].filter((folder) => existsSync(join(root, folder)))
}

function sourceFiles(): readonly string[] {
  return sourceFolders().flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.[cm]?[jt]sx?$/.test(file))
      .map((file) => `${folder}/${file}`),
  )
}

const tree = treeOf(page)
const named = tree.map(({ file }) => file)

it('has a line in the tree for every source file', () => {
  expect(sourceFiles().length).toBeGreaterThan(0)
  expect(sourceFiles().filter((file) => !named.includes(file))).toEqual([])
})

it('names no file in the tree that is not there, and none twice', () => {
  expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([])
  expect(named.filter((file, index) => named.indexOf(file) !== index)).toEqual([])
})

it('says what each file holds, in one line of 100 columns', () => {
  expect(tree.filter(({ says, width }) => says === '' || width > 100)).toEqual([])
})

it('says nothing of two files of one package in the same words', () => {
  const said = tree.map(({ file, says }) => `${file.split('/').slice(0, 2).join('/')}: ${says}`)
  expect(said.filter((line, index) => said.indexOf(line) !== index)).toEqual([])
})

it('sends readers only to files and folders that are there', () => {
  const rooms = 'packages|examples|bench|scripts|test|docs'
  const paths = [...page.matchAll(new RegExp(`\`((?:${rooms})(?:/[^\`\\s]+)?)\``, 'g'))]
  expect(paths.length).toBeGreaterThan(0)
  expect(
    paths.map(([, path = '']) => path).filter((path) => !existsSync(join(root, path))),
  ).toEqual([])
})

it('has a room on the page for every package and example', () => {
  const homes = sourceFolders().map((folder) => folder.replace(/\/src$/, ''))
  expect(homes.filter((home) => !page.includes(`| \`${home}\` |`))).toEqual([])
})
