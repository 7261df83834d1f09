import type { SentStatement } from '@partywall/sql'
import { copyValues } from '@partywall/sql/door'

/** A query as Prisma hands it to an adapter. */
export interface AdapterQuery {
  sql: string
  args: unknown[]
  argTypes: ArgType[]
}

export type ArgType = {
  scalarType: ScalarType
  dbType?: string
  arity: 'scalar' | 'list'
}

type ScalarType = (typeof sentAsTheyAre)[number] | 'bytes' | 'datetime'

/** Types whose values every adapter for PostgreSQL hands on without changing them. */
const sentAsTheyAre = [
  'string',
  'int',
  'bigint',
  'float',
  'decimal',
  'boolean',
  'enum',
  'uuid',
  'json',
  'unknown',
] as const
const unconverted: ReadonlySet<unknown> = new Set(sentAsTheyAre)

/** A query, read once. */
export interface ReadQuery {
  /** What is sent: copies that nobody else can change. */
  readonly query: AdapterQuery
  /** Set where a value decides by itself what is sent. */
  readonly opaque: boolean
}

/** Reads a query once: what is checked is what is sent. */
export function readQuery({ sql, args, argTypes }: AdapterQuery): ReadQuery {
  const { values, opaque } = copyValues(args)
  const types = Array.isArray(argTypes) ? Array.from(argTypes, copyType) : []
  return {
    query: { sql, args: [...values], argTypes: types },
    opaque: opaque || typeof sql !== 'string',
  }
}

/**
 * What the guard looks at. A value that an adapter converts before it sends it, a text to a date or
 * to bytes, is shown as something that no tenant's key can equal.
 */
export function statementOf({ query, opaque }: ReadQuery): SentStatement {
  const { sql, args, argTypes } = query
  return {
    text: typeof sql === 'string' ? sql : '',
    values: args.map((value, index) => asSent(value, argTypes[index])),
    opaque,
  }
}

function copyType(type: ArgType): ArgType {
  // Prisma gives a type with every value; an adapter fails on its own where it is missing.
  return typeof type === 'object' && type !== null ? Object.freeze({ ...type }) : type
}

function asSent(value: unknown, type: ArgType | undefined): unknown {
  return unconverted.has(type?.scalarType) ? value : converted(value)
}

function converted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(converted)
  return value === null || typeof value === 'object' ? value : Object.freeze({})
}
