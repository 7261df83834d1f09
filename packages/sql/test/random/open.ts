import { firstRows } from './distinct-on.ts'
import { groupedRows } from './grouped-rows.ts'
import type { Pen } from './pen.ts'
import { int, type Query, targets, text, textOf } from './relations.ts'
import { reshaped } from './shapes.ts'
import { pairedRows } from './two-rows.ts'

/** Rows of everybody: only a filter above, moved through all that is done to them, confines them. */
export function openQuery(pen: Pen): Query {
  const { random } = pen
  pen.uses('filter above')
  let query = tableRows(pen)
  if (random.chance(0.3)) {
    const [left, right] = [query, tableRows(pen)]
    const operator = random.pick(['union', 'union all', 'except', 'intersect all'])
    query = { ...left, text: `${left.text} ${operator} ${right.text}` }
  }
  for (let more = random.below(3); more > 0; more -= 1) {
    query = reshaped(pen, query, { depth: 0, outer: [] })
  }
  return query
}

function tableRows(pen: Pen): Query {
  const as = pen.alias()
  const columns = { columns: [int('i'), text('t'), int('o')], owner: int('o') }
  if (pen.random.chance(0.3)) {
    const { text: rows, whose } = pen.random.pick([firstRows, pairedRows, groupedRows])(pen)
    if (whose.join() === 'o')
      return { text: `select ${as}.i, ${as}.t, ${as}.o from (${rows}) as ${as}`, ...columns }
  }
  const table = pen.random.pick(targets)
  const t = `${as}.${textOf[table]} as t`
  const o = `${as}.tenant_id as o`
  return {
    text: pen.random.pick([
      `select ${as}.id as i, ${t}, ${o} from ${table} as ${as}`,
      `select count(*) over (partition by ${as}.tenant_id, ${as}.id)::int as i, ${t}, ${o} from ${table} as ${as}`,
      `select count(*) over (partition by ${as}.id)::int as i, ${t}, ${o} from ${table} as ${as}`,
      `select count(*)::int as i, max(${as}.${textOf[table]}) as t, ${o} from ${table} as ${as} group by ${as}.tenant_id`,
    ]),
    ...columns,
  }
}
