import { isWhole } from '../parse/whole-text.ts'

/** The types that an owner column may have: what they call equal is equal to the byte. */
export const ownerTypes = ['uuid', 'int2', 'int4', 'int8', 'text', 'varchar'] as const
export type OwnerType = (typeof ownerTypes)[number]

/** Types whose equality is the same operator: `varchar` is compared as `text`. */
export type Family = 'uuid' | 'int2' | 'int4' | 'int8' | 'text'

export function familyOf(type: OwnerType): Family {
  return type === 'varchar' ? 'text' : type
}

const families: ReadonlyMap<string, Family> = new Map([
  ['uuid', 'uuid'],
  ['int2', 'int2'],
  ['int4', 'int4'],
  ['int8', 'int8'],
  ['text', 'text'],
  ['varchar', 'text'],
])

/** The family that a cast to this built-in type gives, where it is an owner type. */
export function familyOfCast(typeName: string): Family | undefined {
  return families.get(typeName)
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const integerPattern = /^(?:0|-?[1-9]\d{0,18})$/

/**
 * The one spelling of a value of this type, or `undefined` for every text that we do not know to
 * be read as exactly one value: `' 2'`, `'02'` and `'{…}'` are valid to PostgreSQL, not to us.
 */
export function canonicalText(text: string, family: Family): string | undefined {
  if (family === 'text') return isWhole(text) ? text : undefined
  if (family === 'uuid') {
    const lower = text.toLowerCase()
    return uuidPattern.test(lower) ? lower : undefined
  }
  return integerPattern.test(text) ? text : undefined
}

/** What a parameter looks like on the wire, where that is beyond doubt. */
export function wireText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  return undefined
}
