import { createHash } from 'node:crypto'

/** JSON in one spelling: keys sorted, no spaces, so that equal documents have equal hashes. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value))
}

/** The SHA-256 of a document's canonical JSON, in hex. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  entries.sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]))
}
