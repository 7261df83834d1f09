import { bodyOf, fields, list, name, text } from '../parse/syntax-tree.ts'

/** The name that FROM gives a relation, and the names that it gives its columns by position. */
export interface Alias {
  readonly alias: string | undefined
  readonly names: readonly string[]
}

export function aliasOf(node: unknown): Alias {
  if (node === undefined) return { alias: undefined, names: [] }
  const { aliasname, colnames } = fields(bodyOf(node), ['aliasname', 'colnames'])
  return { alias: text(aliasname), names: list(colnames).map(name) }
}

/** The names of an alias come before those of WITH or a view, which come before the query's. */
export function merge<Name extends string | undefined>(
  names: readonly string[],
  under: readonly Name[],
): readonly (string | Name)[] {
  return [...names, ...under.slice(names.length)]
}
