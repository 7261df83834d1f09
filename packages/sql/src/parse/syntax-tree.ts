import { unsupported } from './unprovable.ts'

/** The fields of a node of PostgreSQL's syntax tree, as JSON. */
export type Body = Readonly<Record<string, unknown>>

export function bodyOf(value: unknown): Body {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unsupported('a syntax tree of an unknown form')
  }
  // An object that came out of JSON.parse.
  return value as Body
}

/**
 * The named fields of a node, every other field refused: a field that a later version of
 * PostgreSQL adds is not silently skipped.
 */
export function fields<Name extends string>(
  body: Body,
  names: readonly Name[],
): Readonly<Partial<Record<Name, unknown>>> {
  for (const name in body) {
    if (name !== 'location' && !names.includes(name as Name)) throw unsupported(`field ${name}`)
  }
  // Every field is one of the names, as was just seen.
  return body as Readonly<Partial<Record<Name, unknown>>>
}

/** A node: the one field that names its type, and what is in it. */
export function tagged(value: unknown): readonly [tag: string, body: Body] {
  const node = bodyOf(value)
  let found: string | undefined
  for (const tag in node) {
    if (found !== undefined) throw unsupported('a node with two types')
    found = tag
  }
  if (found === undefined) throw unsupported('an empty node')
  return [found, bodyOf(node[found])]
}

/** The body of a node that must be of one type. */
export function only(value: unknown, type: string): Body {
  const [tag, body] = tagged(value)
  if (tag !== type) throw unsupported(`${tag} in place of ${type}`)
  return body
}

export function list(value: unknown): readonly unknown[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw unsupported('a syntax tree of an unknown form')
  return value
}

export function text(value: unknown): string {
  if (typeof value !== 'string') throw unsupported('a syntax tree of an unknown form')
  return value
}

/** The text of a `String` node. */
export function name(value: unknown): string {
  return text(fields(only(value, 'String'), ['sval']).sval ?? '')
}

/** Where a node begins in the text: tells two mentions of one table apart. */
export function locationOf(body: Body): number {
  return Number(body['location'])
}
