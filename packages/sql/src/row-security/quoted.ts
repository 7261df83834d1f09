/** A name as an identifier, whatever is in it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The name of a table with its schema. */
export function qualified({
  schema,
  name,
}: {
  readonly schema: string
  readonly name: string
}): string {
  return `${quoted(schema)}.${quoted(name)}`
}

/** Names as the list in parentheses that keys and grants take. */
export function listed(names: readonly string[]): string {
  return names.map(quoted).join(', ')
}

/** Whom a grant or a policy names: a role, or everybody. */
export function grantee(role: string): string {
  return role === everybody ? 'PUBLIC' : quoted(role)
}

/** No role can have this name. */
export const everybody = 'public'
