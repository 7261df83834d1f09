import type { Random } from '../random.ts'

interface Owner {
  readonly key: number
  readonly text: string
  readonly uuid: string
}

/** Rows of another tenant, by chance like anybody's: few numbers, few words, gaps and NULLs. */
export function foreignRows(random: Random, { key, text, uuid }: Owner): string {
  const ids = (): readonly number[] => [0, 1, 2, 3, 4, 5].filter(() => random.chance(0.6))
  const n = (): string => random.pick(['null', '1', '2', '3', '4', '77', '-1'])
  const word = (): string =>
    random.pick(['null', `'Ann'`, `'Bob'`, `'first'`, `''`, `'--'`, `'zz'`])
  const rows = (table: string, row: (id: number) => string): string => {
    const all = ids().map((id) => `(${row(id)})`)
    return all.length === 0 ? '' : `insert into ${table} values ${all.join(', ')};`
  }
  const folder = (id: number): number => key * 1000 + id
  const folders = ids()
  const owned = (row: (id: number) => string): string[] =>
    folders.filter(() => random.chance(0.7)).map((id) => `(${row(folder(id))})`)
  const through = (table: string, all: readonly string[]): string =>
    all.length === 0 ? '' : `insert into ${table} values ${all.join(', ')};`
  return [
    rows(
      'users',
      (id) =>
        `${id}, ${key}, '${id}@${key}', ${word()}, ${n()}, ${n()}, ${random.pick(['null', `'calm'`])}, null`,
    ),
    rows('posts', (id) => `${id}, ${key}, ${n()}, 'p${id}', ${n()}, ${n()}`),
    rows('tags', (id) => `${id}, ${key}, ${n()}, ${word()}`),
    rows('docs', (id) => `${id}, '${text}', ${word()}, ${key * 100 + id}`),
    rows('files', (id) => `${id}, '${uuid}', ${word()}, null`),
    through(
      'folders',
      folders.map((id) => `(${folder(id)}, ${key}, ${word()})`),
    ),
    through(
      'pages',
      owned((parent) => `${random.below(5)}, ${parent}, ${word()}, ${parent + 10}`),
    ),
    through(
      '"_near"',
      owned((parent) => `${parent}, ${random.pick([parent, 2001, 2002])}`),
    ),
    rows('roles', (id) => `${id}, ${key}, ${word()}`),
  ].join('\n')
}
