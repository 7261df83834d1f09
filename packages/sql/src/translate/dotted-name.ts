import { unsupported } from '../parse/unprovable.ts'

/** A name with its schema, as declarations and catalogues have it. */
export function dottedName(path: readonly string[]): string {
  // `"app.safe"` is one name, and would be taken for `safe` in the schema `app`.
  if (path.some((part) => part.includes('.'))) throw unsupported('a name with a dot in it')
  return path.join('.')
}
