import { ownerLists, ownerTypes } from './declared-type.ts'
import { copyForSerializers } from './serializable-copy.ts'

/** How a driver turns a value into text, by the type that it is sent as. */
export type Serializers = Record<number | string, Serialize>
type Serialize = (value: unknown) => unknown

/** A parameter as it is checked and as it is sent. */
export interface Sealed {
  /** What goes to the driver: `null`, or nothing that anybody could change. */
  readonly sent: SealedValue | null
  /** What goes to the guard. Where it can be compared with a tenant, its text is what is sent. */
  readonly checked: unknown
  readonly opaque: boolean
}

type TextFor = (type: number) => unknown

/** The statement that a value is sent with, as the driver keeps it. */
export interface SentWith {
  /** Whether the server is asked for the types of the values before they are written. */
  readonly describeFirst?: unknown
}

/** The server takes it for no type: what has it for a value is not run. */
export const unwritten = '\0'

/**
 * A parameter on its way through a driver that asks for its text only when it knows the server's
 * type. Nobody outside holds what it is made of. A class for its brand: every parameter of every
 * statement is asked whether it is one.
 */
export class SealedValue {
  readonly #textFor: TextFor
  readonly #plain: string | (() => string)
  #statement: SentWith | undefined
  #failure: { readonly error: unknown } | undefined

  constructor(textFor: TextFor, plain: string | (() => string)) {
    this.#textFor = textFor
    this.#plain = plain
  }

  static made(value: object): value is SealedValue {
    return #textFor in value
  }

  sendWith(statement: SentWith): void {
    this.#statement = statement
  }

  /** Why it could not be written. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure
  }

  textFor(type: number): string {
    try {
      // A driver that gets no text writes half a message before it fails.
      return textOf(this.#textFor(type))
    } catch (error) {
      return this.#notWritten(error)
    }
  }

  /** What a driver takes where it has no serializer, and what people read. */
  [Symbol.toPrimitive](hint: string): string {
    if (typeof this.#plain === 'string') return this.#plain
    try {
      return this.#plain()
    } catch (error) {
      if (hint === 'string') throw error
      return this.#notWritten(error)
    }
  }

  /**
   * What throws while the driver writes fails the statement that runs in place of its own, and everybody
   * gets the answer to another one. Only where the server was asked first nothing else runs.
   */
  #notWritten(error: unknown): string {
    if (this.#statement?.describeFirst) throw error
    this.#failure = { error }
    return unwritten
  }
}

// An error of the driver may hold one: nobody is to change what all of them answer.
Object.freeze(SealedValue)
Object.freeze(SealedValue.prototype)

export function isSealed(value: unknown): value is SealedValue {
  return typeof value === 'object' && value !== null && SealedValue.made(value)
}

/** The text of a sealed value, for people; a symbol has none. */
export function shownText(value: object): string | undefined {
  try {
    return String(value)
  } catch {
    return undefined
  }
}

/**
 * Settles now what will be sent of a value later. Types of owner columns get the text that was
 * checked, whatever serializer the driver has for them: one that says otherwise is opaque.
 *
 * @param type - the type that the driver gave it, `0` where the server will say
 */
export function seal(value: unknown, type: number, serializers: Serializers): Sealed {
  if (value === null || value === undefined) return { sent: null, checked: null, opaque: false }
  const serialize = type === 0 ? undefined : serializers[type]
  if (serialize !== undefined && !Array.isArray(value)) {
    // The driver's own serializer, once, while the value is still what the caller gave.
    const text = textOf(serialize(value))
    const isPlain = isScalar(value) || ownerTypes.has(type)
    const checked = isPlain ? text : copyForSerializers(value).copy
    return { sent: new SealedValue(() => text, text), checked, opaque: false }
  }
  const { copy, opaque } = copyForSerializers(value)
  if (isScalar(copy)) return sealedScalar(copy, serializers)
  const isPlainList = isScalarList(copy) && !copy.some((each) => isUnusual(each, serializers))
  const sent = new SealedValue(
    (asked) => {
      if (isPlainList && ownerLists.has(asked)) return listText(copy)
      const later = serializers[asked]
      return later === undefined ? plainOrListText(copy) : later(copy)
    },
    () => plainOrListText(copy),
  )
  return { sent, checked: copy, opaque: opaque || (isScalarList(copy) && !isPlainList) }
}

function sealedScalar(value: Scalar, serializers: Serializers): Sealed {
  const text = String(value)
  const unusual = unusualTexts(value, serializers)
  const sent = new SealedValue((asked) => {
    if (ownerTypes.has(asked)) return unusual?.get(asked) ?? text
    const later = serializers[asked]
    return later === undefined ? text : later(value)
  }, text)
  return { sent, checked: value, opaque: unusual !== undefined }
}

/** What the driver would send for an owner's type in place of the plain text, settled here. */
function unusualTexts(
  value: Scalar,
  serializers: Serializers,
): ReadonlyMap<number, string> | undefined {
  let found: Map<number, string> | undefined
  for (const type of ownerTypes.keys()) {
    const serialize = serializers[type]
    if (serialize === undefined) continue
    const text = textOf(serialize(value))
    if (text === String(value)) continue
    found ??= new Map()
    found.set(type, text)
  }
  return found
}

function isUnusual(value: Scalar | null, serializers: Serializers): boolean {
  return value !== null && unusualTexts(value, serializers) !== undefined
}

type Scalar = string | number | bigint

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
}

function isScalarList(value: unknown): value is readonly (Scalar | null)[] {
  return Array.isArray(value) && value.every((each) => each === null || isScalar(each))
}

/** One dimension, every element quoted: as the server and the driver agree. */
function listText(list: readonly (Scalar | null)[]): string {
  const elements = list.map((each) =>
    each === null ? 'null' : `"${String(each).replace(/[\\"]/g, '\\$&')}"`,
  )
  return `{${elements.join(',')}}`
}

/** A list of one text, `['{a,b}']`, must not become a list of more: the guard has seen how long it is. */
function plainOrListText(value: unknown): string {
  const text = plainText(value)
  return isScalarList(value) && /^\s*[[{]/.test(text) ? listText(value) : text
}

/** As a driver makes text of what it has no serializer for: an object may say another thing then. */
function plainText(value: unknown): string {
  const own: unknown =
    typeof value === 'object' && value !== null && Reflect.get(value, Symbol.toPrimitive)
  return textOf(typeof own === 'function' ? Reflect.apply(own, value, ['default']) : value)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : `${value}`
}

const bytea = 17

/**
 * A text is what a sealed value has given already: a driver that sends a statement again, because its
 * plan was stale, asks for the text of that text. Bytes may be written as a text of their own.
 */
function isSettled(value: unknown, type: number): boolean {
  return typeof value === 'string' && (type !== bytea || value.startsWith('\\x'))
}

/**
 * A table of serializers that knows sealed values, for a driver to use in place of its own.
 * Whoever changes it, by the driver's options, changes the one inside.
 */
export function serializersForSealed(serializers: Serializers): Serializers {
  const known = new Map<
    string | symbol,
    { readonly inside: unknown; readonly outside: Serialize }
  >()
  let depth = 0
  function within(work: () => string): string {
    depth += 1
    try {
      return work()
    } finally {
      depth -= 1
    }
  }
  return new Proxy(serializers, {
    // The driver calls whatever is there, while it writes.
    has: (table, name) => typeof Reflect.get(table, name) === 'function',
    get(table, name) {
      const inside: unknown = Reflect.get(table, name)
      if (typeof inside !== 'function') return undefined
      const found = known.get(name)
      if (found?.inside === inside) return found.outside
      const type = Number(name)
      const outside: Serialize = (value) => {
        if (isSealed(value)) return within(() => value.textFor(type))
        // Elements of a sealed list are asked for one by one.
        return depth === 0 && isSettled(value, type) ? value : inside(value)
      }
      known.set(name, { inside, outside })
      return outside
    },
  })
}
