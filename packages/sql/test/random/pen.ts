import type { Random } from '../random.ts'
import { key, uuid } from '../world.ts'
import type { Construct } from './constructs.ts'
import type { Query, Source, Type } from './relations.ts'

/** What all parts of one statement share while it is written. */
export interface Pen {
  readonly random: Random
  /** The queries of WITH that are in sight. */
  readonly ctes: (Omit<Query, 'text'> & { readonly name: string })[]
  /** The tables that some part changes: which of two changes of one row holds is not claimed. */
  readonly changed: Set<string>
  /** The tables that some part locks: whether it finds what another part changes is not claimed. */
  readonly locked: Set<string>
  readonly queries: Queries
  /** Whether it says whose rows it means everywhere, and only in ways that hold. */
  readonly isCareful: boolean
  /** Whether the schema knows keys and views. */
  readonly isLive: boolean
  /** Whether it has no parameters. */
  readonly isLiteral: boolean
  alias(): string
  /** Remembers that the statement has this. */
  uses(construct: Construct): void
  /** Writes one of these, and none of the others. */
  choose(ways: readonly (() => string)[]): string
  /** The tenant's key, beside an owner column. */
  tenant(type: Type): string
  /** The tenant's key where nothing else tells its type. */
  typedTenant(type: Type): string
  /** A list of the tenant's key, once or more. */
  tenants(type: Type): string
  /** A number beside a column of numbers. */
  number(value: number): string
  /** A parameter with this value; a literal in a statement without parameters. */
  bind(value: Value): string
}

/** Queries to put into others; `outer` is what is in sight of them. */
export interface Queries {
  /** Of `i`, `t` and mostly `o`, an owner. */
  any(pen: Pen, depth: number, outer: readonly Source[]): Query
  /** Of one number. */
  number(pen: Pen, depth: number, outer: readonly Source[]): string
  /** Of at most one number, whatever comes first where. */
  single(pen: Pen, depth: number, outer: readonly Source[]): string
}

const own = { int: key, text: 'acme', uuid } as const
const foreign = { int: 1, text: 'ACME', uuid: uuid.replaceAll('2', '1') } as const
const types = { int: 'int4', text: 'text', uuid: 'uuid' } as const

function literal(value: Value): string {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? `'${value}'` : `array[${value.map(literal).join(', ')}]`
}

export interface Page extends Pen {
  readonly values: unknown[]
  readonly used: ReadonlySet<Construct>
}

type Value = number | string | readonly (number | string)[]
type Style = Pick<Pen, 'isLiteral' | 'isCareful' | 'isLive'>

export function emptyPage(
  random: Random,
  queries: Queries,
  { isLiteral, isCareful, isLive }: Style,
): Page {
  const values: unknown[] = []
  const used = new Set<Construct>()
  const parameters = new Map<Type, string>()
  let aliases = 0
  const uses = (construct: Construct): void => {
    used.add(construct)
  }
  const bind = (value: Value): string => {
    if (isLiteral) return literal(value)
    if (typeof value === 'object') uses('array parameter')
    values.push(value)
    return `$${values.length}`
  }
  const tenantValue = (type: Type): number | string =>
    (random.chance(isCareful ? 0.004 : 0.02) ? foreign : own)[type]
  const underCast = (type: Type): string => {
    uses('parameter under a cast')
    return `${bind(tenantValue(type))}::${types[type]}`
  }
  return {
    random,
    queries,
    isCareful,
    isLive,
    isLiteral,
    ctes: [],
    changed: new Set(),
    locked: new Set(),
    values,
    used,
    uses,
    bind,
    alias() {
      aliases += 1
      return `r${aliases}`
    },
    choose: (ways) => random.pick(ways)(),
    tenant(type) {
      if (isLiteral || random.chance(0.15)) return literal(own[type])
      uses('parameter')
      const known = parameters.get(type)
      if (known !== undefined && random.chance(0.75)) {
        uses('parameter again')
        return known
      }
      if (known !== undefined) uses('several parameters for one tenant')
      const text = random.chance(0.2) ? underCast(type) : bind(tenantValue(type))
      parameters.set(type, text)
      return text
    },
    typedTenant(type) {
      if (!isLiteral && random.chance(0.5)) return underCast(type)
      return type === 'uuid' ? `uuid '${uuid}'` : literal(own[type])
    },
    tenants(type) {
      if (isLiteral) return `array[${this.typedTenant(type)}]`
      const [first, second] = [tenantValue(type), tenantValue(type)]
      return bind(random.chance(0.5) ? [first] : [first, second])
    },
    number: (value) => (random.chance(0.6) ? String(value) : bind(value)),
  }
}
