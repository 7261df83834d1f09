/** What the boundary sees of a request. Made from raw fields: duplicates stay visible. */
export interface RequestView {
  readonly method: string
  /** The request target as it was sent, before any router changed it. */
  readonly target: string
  /** Every value of a header field, in the order sent. `name` is in lower case. */
  all(name: string): readonly string[]
  /** The address of the other end of the connection. */
  readonly peer: string | undefined
}

/** The path of a target as it was sent: not decoded, not normalised. */
export function pathOf(target: string): string {
  const end = target.indexOf('?')
  return end === -1 ? target : target.slice(0, end)
}

/**
 * Every value that a reader of the query could find under `name`: `name[]=`, `name[0]=`, `[name]=`
 * and `name.0=` count, because some parsers take them for the same parameter.
 */
export function queryValues(target: string, name: string): readonly string[] {
  const start = target.indexOf('?')
  if (start === -1) return []
  return [...new URLSearchParams(target.slice(start + 1))].flatMap(([key, value]) => {
    if (key === name) return [value]
    // No tenant id is blank, so this one is refused whatever it carries.
    return firstPart(key) === name ? [''] : []
  })
}

/** The name that parsers of nested queries begin with. */
function firstPart(key: string): string | undefined {
  return /^[\s[\].]*([^[\].]*)/.exec(key)?.[1]?.trim()
}

/** Whether a `Connection` field declares one of `fields` hop-by-hop: a proxy may have dropped it. */
export function dropsField(request: RequestView, fields: readonly string[]): boolean {
  return request
    .all('connection')
    .flatMap((value) => value.split(','))
    .some((token) => fields.includes(token.trim().toLowerCase()))
}
