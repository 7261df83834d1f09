import { confine } from './confine.ts'
import type { Pen } from './pen.ts'
import { int, type Query, type Source, tableSource, targets, text, textOf } from './relations.ts'

const kinds = {
  join: 'join with USING',
  'left join': 'left join with USING',
  'right join': 'right join with USING',
  'full join': 'full join with USING',
} as const

/** Two tables joined by columns of one name; which side the merged column is depends on the join. */
export function joinUsing(pen: Pen, outer: readonly Source[]): Query {
  const { random } = pen
  const kind = random.pick(['join', 'left join', 'right join', 'full join'] as const)
  pen.uses(kinds[kind])
  const [left, right] = [random.pick(targets), random.pick(targets)]
  const [a, b] = [tableSource(left, pen.alias()), tableSource(right, pen.alias())]
  const columns = random.pick(['tenant_id', 'tenant_id, id', 'id, tenant_id', 'id'])
  const merged = columns.includes('tenant_id')
  const isNamed = merged && random.chance(0.05)
  const owner = int('tenant_id')
  const u: Source = { alias: isNamed ? pen.alias() : '', columns: [], owner }
  const whole = isNamed ? `${u.alias}.tenant_id` : 'tenant_id'
  const o = random.pick([
    ...(merged ? [whole, whole] : []),
    `${a.alias}.tenant_id`,
    `${b.alias}.tenant_id`,
  ])
  const says = [
    ...(merged && random.chance(0.6) ? [`${whole} = ${pen.tenant('int')}`] : []),
    ...(random.chance(pen.isCareful ? 0.8 : 0.5) ? [confine(pen, a, outer)] : []),
    ...(random.chance(pen.isCareful ? 0.8 : 0.5) ? [confine(pen, b, [a, ...outer])] : []),
  ].filter((each) => each !== undefined)
  const i = columns === 'tenant_id' ? `${random.pick([a, b]).alias}.id` : 'id'
  const t = random.chance(0.5) ? `${a.alias}.${textOf[left]}` : `${b.alias}.${textOf[right]}`
  return {
    text: `select ${i} as i, ${t} as t, ${o} as o from ${left} as ${a.alias} ${kind} ${right} as ${b.alias} using (${columns})${isNamed ? ` as ${u.alias}` : ''} where ${says.join(' and ') || 'true'}`,
    columns: [int('i'), text('t'), int('o')],
    owner: int('o'),
  }
}
