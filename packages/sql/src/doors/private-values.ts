import { types } from 'node:util'

/** Parameters that nobody else can change any more. */
export interface PrivateValues {
  readonly values: readonly unknown[]
  /** Set where a value decides by itself what is sent: nobody can say what it will be. */
  readonly opaque: boolean
}

const maxDepth = 8

/**
 * Reads every parameter once and copies it: what was checked is what is sent, whatever the caller
 * does with its own arrays and objects meanwhile. Objects become what JSON makes of them, and so the
 * driver sends of the copy what it would have sent of the object.
 */
export function copyValues(values: unknown): PrivateValues {
  if (values === undefined || values === null) return { values: [], opaque: false }
  if (!Array.isArray(values)) return { values: [], opaque: true }
  const state = { opaque: false }
  // A plain loop, which also reads holes: this runs for every statement.
  const copies: unknown[] = []
  for (let i = 0; i < values.length; i += 1) {
    const value: unknown = values[i]
    const isPlain = typeof value === 'string' || typeof value === 'number'
    copies.push(isPlain ? value : copy(value, state, 0))
  }
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
  // As the driver asks: a date of another realm is a date too.
  if (types.isDate(value)) return new Date(value.getTime())
  if (Array.isArray(value)) {
    if (depth === maxDepth) state.opaque = true
    else return Array.from(value, (element) => copy(element, state, depth + 1))
    return value
  }
  if ('toPostgres' in value && typeof value.toPostgres === 'function') {
    state.opaque = true
    return value
  }
  return jsonOf(value)
}

/** An object stays one, since some drivers write JSON themselves; anything else is its JSON text. */
function jsonOf(value: object): unknown {
  const text = JSON.stringify(value)
  if (text === undefined || !text.startsWith('{')) return text ?? null
  const copied: unknown = JSON.parse(text)
  // Numbers beyond a double come back changed.
  return JSON.stringify(copied) === text ? copied : text
}
