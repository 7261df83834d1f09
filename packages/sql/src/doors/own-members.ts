/** The object, with its own members and no others: what it does not say, no prototype says for it. */
export function ownMembers(object: object): object {
  return Object.assign(Object.create(null), object)
}

/** What `pg` reads of a call, or of an object that it makes of a text. */
const members = [
  ...['submit', 'text', 'values', 'callback', 'name', 'portal', 'types', 'binary', 'rows'],
  ...['rowMode', 'queryMode', 'query_timeout'],
]

/** Whether a text by itself would say something to `pg`, by what all objects inherit. */
export function isTextPolluted(): boolean {
  // A plain loop, without a closure: this runs for every statement.
  for (const name of members) if (name in String.prototype) return true
  return false
}
