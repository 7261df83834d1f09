/** The object, with its own members and no others: what it does not say, no prototype says for it. */
export function ownMembers(object: object): object {
  return Object.assign(Object.create(null), object)
}

const inherited = String.prototype

/**
 * Whether a text by itself would say something to `pg`, by what all objects inherit. Name by name, which
 * takes nanoseconds: this runs for every statement.
 */
export function isTextPolluted(): boolean {
  return (
    'submit' in inherited ||
    'text' in inherited ||
    'values' in inherited ||
    'callback' in inherited ||
    'name' in inherited ||
    'portal' in inherited ||
    'types' in inherited ||
    'binary' in inherited ||
    'rows' in inherited ||
    'rowMode' in inherited ||
    'queryMode' in inherited ||
    'query_timeout' in inherited
  )
}
