import { types } from 'node:util'

/** A copy that nobody else can change, for the serializers of a driver. */
export interface SerializableCopy {
  readonly copy: unknown
  /** Set where no copy could say all that the value says. */
  readonly opaque: boolean
}

const maxDepth = 8

/**
 * Copies a parameter so that a serializer makes of the copy what it would have made of the value: its
 * JSON, its text, its fields. Each of them is read once.
 */
export function copyForSerializers(value: unknown): SerializableCopy {
  const state = { opaque: false }
  const copy = copied(value, state, 0)
  return { copy, opaque: state.opaque }
}

function copied(value: unknown, state: { opaque: boolean }, depth: number): unknown {
  // In a list, a driver refuses what is not there.
  if (value === undefined || value === null) return value
  if (typeof value === 'function' || typeof value === 'symbol') {
    state.opaque = true
    return value
  }
  if (typeof value !== 'object') return value
  if (types.isDate(value)) return new Date(value.getTime())
  if (types.isUint8Array(value)) return Buffer.from(value)
  if (types.isAnyArrayBuffer(value)) return bytesOf(value)
  if (ArrayBuffer.isView(value)) return viewCopy(value, state)
  if (!Array.isArray(value)) return objectCopy(value, state)
  if (depth === maxDepth) state.opaque = true
  return depth === maxDepth
    ? value
    : Array.from(value, (element) => copied(element, state, depth + 1))
}

/** Of each kind its own: drivers write some as bytes, and others as lists of numbers. */
const viewKinds = [
  [types.isUint8ClampedArray, Uint8ClampedArray],
  [types.isUint16Array, Uint16Array],
  [types.isUint32Array, Uint32Array],
  [types.isInt8Array, Int8Array],
  [types.isInt16Array, Int16Array],
  [types.isInt32Array, Int32Array],
  [types.isFloat32Array, Float32Array],
  [types.isFloat64Array, Float64Array],
  [types.isBigInt64Array, BigInt64Array],
  [types.isBigUint64Array, BigUint64Array],
  [types.isDataView, DataView],
] as const

function viewCopy(value: ArrayBufferView, state: { opaque: boolean }): unknown {
  const [, kind] = viewKinds.find(([isKind]) => isKind(value)) ?? []
  if (kind === undefined) state.opaque = true
  const bytes = bytesOf(value.buffer, value.byteOffset, value.byteLength)
  return kind === undefined ? value : Reflect.construct(kind, [bytes])
}

function bytesOf(buffer: ArrayBufferLike, offset?: number, length?: number): ArrayBuffer {
  return new Uint8Array(buffer, offset, length).slice().buffer
}

/** An object has three faces: its JSON, its text, and its fields. */
function objectCopy(value: object, state: { opaque: boolean }): object {
  const { json, fail } = jsonOf(value)
  const parsed: unknown = json === undefined ? undefined : JSON.parse(json)
  // Numbers beyond a double would come back changed.
  if (json !== undefined && JSON.stringify(parsed) !== json) state.opaque = true
  const texts = textsOf(value)
  const hasFields = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
  const copy: object = hasFields ? parsed : {}
  if (!hasFields) define(copy, 'toJSON', fail ?? (() => parsed))
  define(copy, Symbol.toPrimitive, (hint) => texts[hint === 'string' ? 'text' : 'plain'])
  return copy
}

function define(target: object, name: PropertyKey, value: (hint: unknown) => unknown): void {
  Object.defineProperty(target, name, { value, enumerable: false })
}

/** Some objects have no JSON: they hold themselves, or what JSON does not know. */
function jsonOf(value: object): {
  readonly json?: string | undefined
  readonly fail?: () => never
} {
  try {
    return { json: JSON.stringify(value) }
  } catch (error) {
    // As it would, for who asks for it.
    const fail = (): never => {
      throw error
    }
    return { fail }
  }
}

/** What it is as a text, and what it is where a number would do as well: a moment in time, a sum. */
function textsOf(value: object): { readonly text: unknown; readonly plain: unknown } {
  return {
    text: primitiveOf(value, 'string', ['toString', 'valueOf']),
    plain: primitiveOf(value, 'default', ['valueOf', 'toString']),
  }
}

/** As ECMAScript's ToPrimitive; some objects have none, and are sent as JSON only. */
function primitiveOf(value: object, hint: string, methods: readonly string[]): unknown {
  try {
    const own: unknown = Reflect.get(value, Symbol.toPrimitive)
    if (typeof own === 'function') return primitive(Reflect.apply(own, value, [hint]))
    for (const name of methods) {
      const method: unknown = Reflect.get(value, name)
      if (typeof method !== 'function') continue
      const found: unknown = Reflect.apply(method, value, [])
      if (typeof found !== 'object' || found === null) return found
    }
  } catch {
    // As one that has none.
  }
  return ''
}

function primitive(found: unknown): unknown {
  return typeof found === 'object' && found !== null ? '' : found
}
