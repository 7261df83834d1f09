import { keyedQuery } from './keyed.ts'
import type { Pen } from './pen.ts'
import { columnsIn, type Source, type Type, targets } from './relations.ts'

/** Some column in sight, if there is one of this type. */
export function columnOf(pen: Pen, sources: readonly Source[], type: Type): string | undefined {
  const found = columnsIn(sources, type)
  return found.length === 0 ? undefined : pen.random.pick(found)
}

/** A condition that says nothing of owners, unless by chance. */
export function predicate(
  pen: Pen,
  sources: readonly Source[],
  outer: readonly Source[],
  depth: number,
): string {
  const all = [...sources, ...outer]
  const a = columnOf(pen, sources, 'int') ?? '1'
  const b = columnOf(pen, all, 'int') ?? '1'
  const again = (): string => predicate(pen, sources, outer, 0)
  const ways = [
    () => `${a} = ${b}`,
    () => `${a} <= ${pen.number(pen.random.below(4))}`,
    () => `${a} is not null`,
    () => `(${a} = ${b} or ${a} > 1)`,
    () => `coalesce(${columnOf(pen, all, 'text') ?? `'x'`}, 'x') <> 'Ann'`,
    () => `(${again()} or ${again()})`,
    () => `${a} + 0 = ${b}`,
    () => `${a} = any(${pen.bind([1, 2, 3, 2001])})`,
  ]
  if (depth === 0) return pen.choose(ways)
  return pen.choose([
    ...ways,
    () => `${pen.random.chance(0.3) ? 'not ' : ''}${existence(pen, depth, all)}`,
    () => existence(pen, depth, all),
    () => `${a} in (${pen.queries.number(pen, depth - 1, all)})`,
    () => `${a} <> all (${pen.queries.number(pen, depth - 1, all)})`,
    () => `${a} = (${pen.queries.single(pen, depth - 1, all)})`,
    () => comparedKey(pen, sources, again),
    () => {
      pen.uses('row in a query')
      const q = pen.alias()
      return `(${a}, ${columnOf(pen, all, 'text') ?? `'x'`}) in (select ${q}.i, ${q}.t from (${pen.queries.any(pen, depth - 1, all).text}) as ${q})`
    },
  ])
}

function existence(pen: Pen, depth: number, outer: readonly Source[]): string {
  pen.uses('correlated query')
  const q = pen.alias()
  const inner = pen.queries.any(pen, depth - 1, outer)
  const near = columnOf(pen, outer, 'int') ?? '1'
  return pen.choose([
    () => `exists (${inner.text})`,
    () => `exists (select 1 from (${inner.text}) as ${q} where ${q}.i = ${near})`,
    () => `exists (select from (${inner.text}) as ${q} where ${near} = ${q}.i or ${q}.t is null)`,
  ])
}

/** A key of the tenant's, or none, in what a query gives of anybody's rows. */
function comparedKey(pen: Pen, sources: readonly Source[], again: () => string): string {
  const { random } = pen
  const owned = sources.filter(({ owner }) => owner?.type === 'int')
  const folders = pen.isLive ? owned.filter(({ table }) => table === 'folders') : []
  if (owned.length === 0) return again()
  pen.uses('key compared with a query')
  const end = pen.isCareful ? '' : random.pick(['', '', ' order by 1 limit 2', ' offset 1'])
  const q = pen.alias()
  const tested = (): string => {
    if (folders.length > 0 && random.chance(0.7)) {
      const inner = random.chance(0.5) ? keyedQuery(pen).text : 'select folder_key, body from pages'
      const k = random.pick(
        pen.isCareful ? ['folder_key'] : ['folder_key', 'folder_key', 'min(folder_key)'],
      )
      return `${random.pick(folders).alias}.key in (select ${k} from (${inner}) as ${q}${end})`
    }
    const table = random.pick(targets)
    const { alias, owner, columns } = random.pick(owned)
    const other = columns.find(({ type }) => type === 'int')
    return `(${alias}.${owner?.name}, ${alias}.${other?.name}) in (select tenant_id, id from ${table}${end})`
  }
  const only = tested()
  if (pen.isCareful) return pen.choose([() => only, () => `(${only} or ${again()})`])
  return pen.choose([
    () => only,
    () => `(${only} or ${again()})`,
    () => `not ${only}`,
    () => `(${only}) is null`,
    () => `coalesce(${only}, true)`,
  ])
}
