/** The first place where two values are not the same. */
export interface Difference {
  /** Say `$.rows[3].email`. */
  readonly path: string
  readonly expected: string
  readonly found: string
}

const longestExcerpt = 200

/** Compares what {@link plainOf} made; `undefined` when both are the same. */
export function firstDifference(
  expected: unknown,
  found: unknown,
  path = '$',
): Difference | undefined {
  if (Object.is(expected, found)) return undefined
  if (!isObject(expected) || !isObject(found) || Array.isArray(expected) !== Array.isArray(found)) {
    return { path, expected: excerpt(expected), found: excerpt(found) }
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const step = Array.isArray(expected) ? `[${key}]` : `.${key}`
    const difference = firstDifference(expected[key], found[key], `${path}${step}`)
    if (difference !== undefined) return difference
  }
  return undefined
}

/**
 * A reply as plain data that can be compared: of a result of `pg` the command, the count and the
 * rows (its other fields hold object ids of one database), numbers too big for JSON as text.
 */
export function plainOf(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (value instanceof Error) return plainError(value)
  if (Array.isArray(value)) return value.map(plainOf)
  if (!isObject(value)) return value
  const { command, rowCount, rows } = value
  const kept = command !== undefined && Array.isArray(rows) ? { command, rowCount, rows } : value
  return Object.fromEntries(Object.entries(kept).map(([key, each]) => [key, plainOf(each)]))
}

function plainError(error: Error): unknown {
  const code = 'code' in error ? plainOf(error.code) : undefined
  return { threw: error.name, code, message: error.message }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function excerpt(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > longestExcerpt ? `${text.slice(0, longestExcerpt)}…` : text
}
