import type { Pen } from './pen.ts'
import { targets, textOf } from './relations.ts'

export function insertQuery(pen: Pen): string {
  const { random } = pen
  pen.uses('INSERT of a query')
  const table = random.pick(targets)
  const inner = pen.queries.any(pen, 2, [])
  const isOwned = inner.columns[2]?.type === 'int' && random.chance(0.6)
  const owner = isOwned
    ? 'q.o'
    : pen.isCareful || random.chance(0.7)
      ? pen.typedTenant('int')
      : 'q.i'
  return `insert into ${table} (id, tenant_id, ${textOf[table]})${overriding(pen)} select q.i + 500, ${owner}, q.t from (${inner.text}) as q${returning(pen, table)}`
}

/** Rows of values, some of them parameters only. */
export function insertRows(pen: Pen): string {
  const { random } = pen
  pen.uses('INSERT of rows')
  const table = random.pick(targets)
  const columns = random.pick([
    `id, tenant_id, ${textOf[table]}`,
    `tenant_id, id, ${textOf[table]}`,
  ])
  const count = 1 + random.below(4)
  const isBare = !pen.isLiteral && random.chance(0.4)
  if (isBare) pen.uses('rows of parameters')
  const rows = Array.from({ length: count }, (_, at) => {
    const id = 300 + at
    const tenant = isBare
      ? pen.bind(random.chance(pen.isCareful ? 0.99 : 0.9) ? 2 : 1)
      : random.chance(0.95)
        ? pen.tenant('int')
        : pen.number(1)
    const first = isBare ? pen.bind(id) : defaultOr(pen, () => String(id))
    const last = isBare ? pen.bind(`new ${id}`) : defaultOr(pen, () => titleOf(pen, id))
    return `(${columns.startsWith('id') ? `${first}, ${tenant}` : `${tenant}, ${first}`}, ${last})`
  })
  return `insert into ${table} (${columns})${overriding(pen)} values ${rows.join(', ')}${returning(pen, table)}`
}

function defaultOr(pen: Pen, value: () => string): string {
  if (!pen.random.chance(0.15)) return value()
  pen.uses('DEFAULT')
  return 'default'
}

function titleOf(pen: Pen, id: number): string {
  const q = pen.alias()
  return pen.choose([
    () => `'new ${id}'`,
    () => `'new ${id}'`,
    () => `(select max(${q}.t) || '${id}' from (${pen.queries.any(pen, 1, []).text}) as ${q})`,
  ])
}

function overriding(pen: Pen): string {
  if (!pen.random.chance(0.08)) return ''
  pen.uses('OVERRIDING')
  return ' overriding system value'
}

function returning(pen: Pen, table: string): string {
  return pen.choose([
    () => '',
    () => ' returning tenant_id',
    () => ' returning *',
    () => {
      pen.uses('query in RETURNING')
      return ` returning id, (select count(*) from tags as t where t.tenant_id = ${pen.tenant('int')})`
    },
    () => {
      pen.uses('query in RETURNING')
      return ` returning id, (select count(*) from posts as p where p.tenant_id = ${table}.tenant_id)`
    },
  ])
}

/** Rows that may be there already; what is proposed is alike in all that is returned. */
export function upsert(pen: Pen): string {
  const { random } = pen
  const table = random.pick(['users', 'posts'] as const)
  const t = textOf[table]
  const tenant = (): string =>
    pen.isCareful || random.chance(0.9) ? pen.tenant('int') : pen.number(1)
  const ids = random.pick([
    [1, 40],
    [2, 3],
    [44, 45],
  ])
  const rows = ids.map((id) => `(${pen.number(id)}, ${tenant()}, 'u${id}')`)
  const target = (): string =>
    pen.choose([
      () => '(tenant_id, id)',
      () => '(id, tenant_id)',
      () => '(tenant_id, id)',
      () => (table === 'users' ? '(tenant_id, email)' : '(tenant_id, title)'),
      () => '(id)',
      () => {
        pen.uses('ON CONFLICT ON CONSTRAINT')
        return `on constraint ${table}_tenant_id_id_key`
      },
    ])
  const action = pen.choose([
    () => {
      pen.uses('ON CONFLICT DO NOTHING')
      return `${target()} do nothing`
    },
    () => {
      pen.uses('ON CONFLICT DO NOTHING')
      pen.uses('ON CONFLICT of any key')
      return 'do nothing'
    },
    () => update(pen, table, target(), `${t} = excluded.${t}`),
    () => update(pen, table, target(), 'tenant_id = excluded.tenant_id'),
    () => update(pen, table, target(), `${t} = ${table}.${t} || excluded.${t}`),
    () => update(pen, table, target(), `(${t}, id) = (select 'both', excluded.id)`),
    () =>
      update(
        pen,
        table,
        target(),
        `${t} = (select max(p.label) from tags as p where p.tenant_id = excluded.tenant_id)`,
      ),
    () =>
      update(
        pen,
        table,
        target(),
        `${t} = (select max(p.label) from tags as p where p.tenant_id = ${table}.tenant_id)`,
      ),
  ])
  return `insert into ${table} (id, tenant_id, ${t}) values ${rows.join(', ')} on conflict ${action} returning ${random.pick(['id', `id, ${t}`, 'id, tenant_id'])}`
}

function update(pen: Pen, table: string, target: string, set: string): string {
  pen.uses('ON CONFLICT DO UPDATE')
  if (!pen.random.chance(0.4)) return `${target} do update set ${set}`
  pen.uses('ON CONFLICT with WHERE')
  const where = pen.choose([
    () => `${table}.id > ${pen.number(1)}`,
    () => `${table}.tenant_id = excluded.tenant_id`,
    () => `${table}.tenant_id = ${pen.tenant('int')}`,
    () =>
      `exists (select 1 from tags as t where t.tenant_id = excluded.tenant_id and t.id = excluded.id)`,
  ])
  return `${target} do update set ${set} where ${where}`
}
