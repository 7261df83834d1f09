/**
 * What the other tenants have while one tenant works: nothing; rows of their own; rows made to
 * confuse, on both sides of the tenant's keys; or rows that equal the tenant's in all but the tenant.
 */
export const worlds = ['none', 'plain', 'hostile', 'colliding'] as const
export type World = (typeof worlds)[number]

/** Rows by table, in the order in which they can be inserted. */
export type RowsByTable = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>

/** Values for one tenant's rows in one world. For the tenant under test they never change. */
export interface RowValues {
  /** A key that two tenants may share: the colliding world does. */
  number(n: number): number
  uuid(n: number): string
  text(content: string): string
  /** The same for columns that are unique over all tenants: never equal for two tenants. */
  readonly unique: {
    number(n: number): number
    uuid(n: number): string
    text(content: string): string
  }
}

/** Rows of one tenant: called once for each tenant of a world. */
export type RowsOf = (tenant: string, values: RowValues) => RowsByTable

const span = 1_000_000

/** Text that ends quotes, matches patterns, sorts first or claims to be the tenant's. */
const hostileTexts = (tenant: string, content: string): readonly string[] => [
  `${tenant}`,
  `%${content}%`,
  `${content}' or '1'='1`,
  `"${content}"; --`,
  ` ${content.toUpperCase()}`,
  `\\${content}_`,
  `${content}\u0301`,
]

/** The values of the tenant under test: the same in every world. */
export function ownValues(): RowValues {
  const values = { number: (n: number): number => n, uuid: uuidOf, text: (t: string): string => t }
  return { ...values, unique: values }
}

/** The values of the `index`-th other tenant, from 1. */
export function foreignValues(
  world: Exclude<World, 'none'>,
  own: string,
  index: number,
): RowValues {
  const apart = {
    number: (n: number): number => n + index * span,
    uuid: (n: number): string => uuidOf(n + index * span),
    text: (content: string): string => `${content}.${index}`,
  }
  if (world === 'plain') return { ...apart, unique: apart }
  if (world === 'colliding') return { ...ownValues(), unique: apart }
  let turn = 0
  const hostileText = (content: string): string => {
    const texts = hostileTexts(own, content)
    const text = texts[turn % texts.length] ?? content
    turn += 1
    return text
  }
  const number = (n: number): number => (n % 2 === 0 ? n + index * span : -n - index * span)
  const uuid = (n: number): string => uuidOf(n + index * span, n % 2 === 0 ? '0' : 'f')
  return {
    number,
    uuid,
    text: hostileText,
    unique: { number, uuid, text: (content) => `${hostileText(content)}.${index}.${turn}` },
  }
}

function uuidOf(n: number, lead = '7'): string {
  return `${lead.repeat(8)}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`
}
