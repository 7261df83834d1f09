/** Parameters that nobody else can change any more. */
export interface PrivateValues {
  readonly values: readonly unknown[]
  /** Set where a value decides by itself what is sent: nobody can say what it will be. */
  readonly opaque: boolean
}

const maxDepth = 8

/**
 * Reads every parameter once and copies it: what was checked is what is sent, whatever the caller
 * does with its own arrays and objects meanwhile. Objects become the JSON that the driver would
 * make of them.
 */
export function copyValues(values: unknown): PrivateValues {
  if (values === undefined || values === null) return { values: [], opaque: false }
  if (!Array.isArray(values)) return { values: [], opaque: true }
  const state = { opaque: false }
  const copies = Array.from(values, (value) => copy(value, state, 0))
  return { values: copies, opaque: state.opaque }
}

function copy(value: unknown, state: { opaque: boolean }, depth: number): unknown {
  if (value === undefined || value === null) return null
  if (typeof value === 'function' || typeof value === 'symbol') {
    state.opaque = true
    return value
  }
  if (typeof value !== 'object') return value
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(Buffer.from(value.buffer, value.byteOffset, value.byteLength))
  }
  if (value instanceof Date) return new Date(value.getTime())
  if (Array.isArray(value)) {
    if (depth === maxDepth) state.opaque = true
    else return Array.from(value, (element) => copy(element, state, depth + 1))
    return value
  }
  if ('toPostgres' in value && typeof value.toPostgres === 'function') {
    state.opaque = true
    return value
  }
  return JSON.stringify(value) ?? null
}
