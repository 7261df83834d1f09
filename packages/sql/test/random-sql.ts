import type { Random } from './random.ts'

type Type = 'int' | 'text'

interface Column {
  readonly name: string
  readonly type: Type
}

/** A relation in scope, under its alias. */
interface Source {
  readonly alias: string
  readonly columns: readonly Column[]
  /** Its owner column, where it has one under this name. */
  readonly owner?: Column
  readonly table?: string
}

const int = (name: string): Column => ({ name, type: 'int' })
const text = (name: string): Column => ({ name, type: 'text' })

const tables: Readonly<Record<string, { readonly columns: Column[]; readonly owner?: Column }>> = {
  users: {
    columns: [int('id'), int('tenant_id'), text('name'), int('country'), int('boss_id')],
    owner: int('tenant_id'),
  },
  posts: {
    columns: [int('id'), int('tenant_id'), int('user_id'), text('title'), int('score')],
    owner: int('tenant_id'),
  },
  tags: {
    columns: [int('id'), int('tenant_id'), int('post_id'), text('label')],
    owner: int('tenant_id'),
  },
  docs: { columns: [int('id'), text('owner'), text('body'), int('n')], owner: text('owner') },
  countries: { columns: [int('id'), text('name')] },
  folders: {
    columns: [int('key'), int('tenant_id'), text('name')],
    owner: int('tenant_id'),
  },
  pages: { columns: [int('id'), int('folder_key'), text('body')] },
  roles: { columns: [int('id'), int('tenant_id'), text('name')], owner: int('tenant_id') },
  titles: {
    columns: [int('id'), int('tenant_id'), text('title'), text('name')],
    owner: int('tenant_id'),
  },
}
const tableNames = Object.keys(tables)

/** A statement made of choices; most of its relations are confined in one way or another. */
export function randomStatement(random: Random): string {
  const writer = createWriter(random)
  const kind = random.below(20)
  if (kind === 0) return writer.insertSelect()
  if (kind === 1) return writer.update()
  if (kind === 2) return writer.remove()
  if (kind === 3) return writer.upsert()
  if (kind === 4) return writer.recursive()
  if (kind === 5) return writer.merge()
  if (kind === 6) return writer.through()
  return writer.query(3, [])
}

interface Query {
  readonly text: string
  readonly columns: readonly Column[]
  readonly owner?: Column
}

interface Writer {
  query(depth: number, outer: readonly Source[]): string
  insertSelect(): string
  update(): string
  remove(): string
  upsert(): string
  recursive(): string
  merge(): string
  through(): string
}

function createWriter(random: Random): Writer {
  let aliases = 0
  const ctes: {
    readonly name: string
    readonly columns: readonly Column[]
    readonly owner?: Column
  }[] = []

  const alias = (): string => {
    aliases += 1
    return `r${aliases}`
  }
  const tenantOf = (type: Type): string => (type === 'int' ? '2' : `'acme'`)
  const name = (source: Source, column: Column): string => `${source.alias}.${column.name}`

  function columnOf(sources: readonly Source[], type?: Type): string | undefined {
    const found = sources.flatMap((source) =>
      source.columns
        .filter((column) => type === undefined || column.type === type)
        .map((column) => name(source, column)),
    )
    return found.length === 0 ? undefined : random.pick(found)
  }

  /** Says of an owner column that it is the tenant, directly or through another one. */
  function confine(source: Source, others: readonly Source[]): string | undefined {
    const { owner } = source
    if (source.table === 'pages') return confinePages(source, others)
    if (owner === undefined || random.chance(0.06)) return undefined
    const own = name(source, owner)
    const partners = others.filter((other) => other !== source && other.owner?.type === owner.type)
    if (partners.length > 0 && random.chance(0.55)) {
      const partner = random.pick(partners)
      const theirs = partner.owner === undefined ? own : name(partner, partner.owner)
      if (source.table === 'folders' && partner.table === 'folders' && random.chance(0.5)) {
        return `${source.alias}.key = ${partner.alias}.key`
      }
      return random.chance(0.5) ? `${own} = ${theirs}` : `${theirs} = ${own}`
    }
    const constant = tenantOf(owner.type)
    if (source.table === 'folders' && random.chance(0.5)) {
      return keyOf('folders', `${source.alias}.key`)
    }
    return random.pick([
      `${own} = ${constant}`,
      `${own} = ${constant}`,
      `${constant} = ${own}`,
      `${own} in (${constant}, ${constant})`,
      `${own} is not distinct from ${constant}`,
      `${own} = any(array[${constant}])`,
      `(${own}, 1) = (${constant}, 1)`,
      `(${own} = ${constant} or ${own} is null)`,
      `(${own} = ${constant} or ${own} in (${constant}))`,
      `((${own} = ${constant} and 1 = 1) or (${constant} = ${own} and ${own} is not null))`,
      `not (${own} <> ${constant})`,
      `${own} is null`,
      `(${own} is null or (${own} = ${constant} and ${own} is not null) or ${own} in (${constant}))`,
      `(${own}, 1) in ((${constant}, 1), (${constant}, 2))`,
    ])
  }

  /** Says of a key that it is one of the tenant's, in ways that hold and in ways that do not. */
  function keyOf(table: 'folders', own: string): string {
    const tenant = random.pick(['f.tenant_id = 2', 'f.tenant_id = 2', 'f.tenant_id > 0'])
    const rows = `from ${table} as f where ${tenant}`
    return random.pick([
      `${own} in (select f.key ${rows})`,
      `${own} = (select f.key ${rows} order by f.key limit 1)`,
      `${own} = (select max(f.key) ${rows})`,
      `${own} is not distinct from (select f.key ${rows} and f.key < 0)`,
      `(${own}, 1) in (select f.key, 1 ${rows})`,
      `(1, ${own}) in (select f.key, 1 ${rows})`,
      `${own} in (select f.key ${rows} union select f.key ${rows})`,
      `${own} in (select f.key ${rows} union all select 1001)`,
      `${own} in (select q.k from (select f.key as k ${rows} offset 1) as q)`,
      `${own} in (select o.key from folders as o left join folders as f on f.key = o.key and ${tenant})`,
      `${own} in (select f.key from folders as o left join folders as f on f.key = o.key and ${tenant} where f.key is not null and o.tenant_id = 2)`,
      `exists (select 1 ${rows} and f.key = ${own})`,
    ])
  }

  /** Says of rows without an owner column whose they are: by the row that they refer to. */
  function confinePages(source: Source, others: readonly Source[]): string | undefined {
    const folders = others.filter(({ table }) => table === 'folders')
    const own = `${source.alias}.folder_key`
    if (folders.length > 0 && random.chance(0.7))
      return `${random.pick(folders).alias}.key = ${own}`
    if (random.chance(0.5)) return keyOf('folders', own)
    const tenant = random.pick(['f.tenant_id = 2', 'f.tenant_id = 2', 'f.tenant_id > 0'])
    return random.pick([
      `${own} in (select f.key from folders as f where ${tenant})`,
      `exists (select 1 from folders as f where f.key = ${own} and ${tenant})`,
      `${own} = any (select f.key from folders as f where ${tenant} limit 1)`,
      `${own} in (select max(f.key) from folders as f where ${tenant})`,
      `not exists (select 1 from folders as f where f.key = ${own} and ${tenant})`,
      `${own} = 2001`,
      `(${own} in (select f.key from folders as f where ${tenant}) or ${own} is null)`,
    ])
  }

  function predicate(sources: readonly Source[], outer: readonly Source[], depth: number): string {
    const all = [...sources, ...outer]
    const choice = random.below(9)
    const a = columnOf(sources, 'int') ?? '1'
    const b = columnOf(all, 'int') ?? '1'
    if (choice === 0) return `${a} = ${b}`
    if (choice === 1) return `${a} <= ${random.below(4)}`
    if (choice === 2) return `${a} is not null`
    if (choice === 3) return `(${a} = ${b} or ${a} > 1)`
    if (choice === 4 && depth > 0) {
      return `${random.chance(0.3) ? 'not ' : ''}exists (${query(depth - 1, all)})`
    }
    if (choice === 5 && depth > 0) {
      const inner = block(depth - 1, all, { scalar: true })
      return `${a} in (${inner.text})`
    }
    if (choice === 6) return `coalesce(${columnOf(all, 'text') ?? `'x'`}, 'x') <> 'Ann'`
    if (choice === 7) return `(${predicate(sources, outer, 0)} or ${predicate(sources, outer, 0)})`
    return `${a} + 0 = ${b}`
  }

  function item(
    depth: number,
    beside: readonly Source[],
    outer: readonly Source[],
  ): [string, Source] {
    const as = alias()
    if (depth > 0 && random.chance(0.25)) {
      const lateral = random.chance(0.4)
      const inner = anyQuery(depth - 1, lateral ? [...beside, ...outer] : outer)
      return [`${lateral ? 'lateral ' : ''}(${inner.text}) as ${as}`, sourceOf(as, inner)]
    }
    if (ctes.length > 0 && random.chance(0.3)) {
      const cte = random.pick(ctes)
      return [`${cte.name} as ${as}`, sourceOf(as, cte)]
    }
    const table = random.pick(tableNames)
    return [`${table} as ${as}`, { ...sourceOf(as, tables[table] ?? { columns: [] }), table }]
  }

  function sourceOf(as: string, of: Pick<Source, 'columns' | 'owner'>): Source {
    return {
      alias: as,
      columns: of.columns,
      ...(of.owner === undefined ? {} : { owner: of.owner }),
    }
  }

  interface From {
    readonly text: string
    readonly sources: readonly Source[]
    readonly wanted: readonly string[]
  }

  function from(depth: number, outer: readonly Source[]): From {
    let [whole, first] = item(depth, [], outer)
    const sources = [first]
    const wanted: string[] = []
    const delayed: string[] = []
    /** Conditions stand where they should, and sometimes where they say nothing. */
    const place = (condition: string | undefined, on: string[] | undefined): void => {
      if (condition === undefined) return
      const choice = random.below(10)
      if (on !== undefined && choice < 4) on.push(condition)
      else if (choice < 6) delayed.push(condition)
      else wanted.push(condition)
    }
    place(confine(first, outer), undefined)
    for (let joins = random.below(4); joins > 0; joins -= 1) {
      const kind = random.pick([
        'join',
        'left join',
        'left join',
        'right join',
        'full join',
        'cross',
      ])
      const seesLeft = kind !== 'right join' && kind !== 'full join'
      const [next, source] = item(depth, seesLeft ? sources : [], outer)
      if (kind === 'cross') {
        place(confine(source, [...sources, ...outer]), undefined)
        sources.push(source)
        whole = `${whole} cross join ${next}`
        continue
      }
      const on = delayed.splice(0)
      if (kind === 'full join') {
        // A full join wants a condition that can be hashed or merged.
        on.push(`${columnOf([source], 'int') ?? '1'} = ${columnOf(sources, 'int') ?? '1'}`)
        if (random.chance(0.5)) place(confine(random.pick(sources), [source]), on)
      } else if (random.chance(0.6)) {
        on.push(predicate([source, ...sources], [], 0))
      }
      place(confine(source, [...sources, ...outer]), on)
      sources.push(source)
      whole = `${whole} ${kind} ${next} on ${on.join(' and ') || 'true'}`
    }
    wanted.push(...delayed)
    return { text: whole, sources, wanted }
  }

  /** A SELECT; with `scalar` it gives one int column. */
  function block(
    depth: number,
    outer: readonly Source[],
    { scalar = false }: { readonly scalar?: boolean } = {},
  ): Query {
    const { text: source, sources, wanted } = from(depth, outer)
    const conditions = [...wanted]
    for (let more = random.below(3); more > 0; more -= 1)
      conditions.push(predicate(sources, outer, depth))
    const where = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`
    const owned = sources.filter((each) => each.owner !== undefined)
    const chosen = owned.length === 0 ? undefined : random.pick(owned)
    const owner = chosen?.owner
    const ownerText = chosen === undefined || owner === undefined ? undefined : name(chosen, owner)
    const a = columnOf(sources, 'int') ?? '1'
    const b = columnOf(sources, 'text') ?? `'x'`
    const shape = random.below(10)
    const tail = `from ${source}${where}`
    if (scalar) {
      const value = random.pick([
        a,
        a,
        `count(*)::int`,
        `max(${a})`,
        ownerText !== undefined && owner?.type === 'int' ? ownerText : a,
      ])
      return { text: `select ${value} as i ${tail}`, columns: [int('i')] }
    }
    const columns = [int('i'), text('t')]
    const withOwner = (list: string, rest: string, kept: boolean): Query =>
      ownerText === undefined || owner === undefined
        ? { text: `select ${list} ${rest}`, columns }
        : {
            text: `select ${list}, ${ownerText} as o ${rest}`,
            columns: [...columns, { name: 'o', type: owner.type }],
            ...(kept ? { owner: { name: 'o', type: owner.type } } : {}),
          }
    if (shape === 0) {
      const sub =
        depth > 0
          ? `(${block(depth - 1, random.chance(0.5) ? outer : [...sources.slice(0, 0), ...outer], { scalar: true }).text} limit 0)`
          : '1'
      return { text: `select count(*)::int + coalesce(${sub}, 0) as i, 'x' as t ${tail}`, columns }
    }
    if (shape === 1 && ownerText !== undefined && owner !== undefined) {
      const having = random.chance(0.4) ? ' having count(*) > 0' : ''
      const extra = random.chance(0.5) ? `, ${a}` : ''
      return {
        text: `select count(*)::int as i, 'x' as t, ${ownerText} as o ${tail} group by ${random.chance(0.2) ? `rollup (${ownerText}${extra})` : `${ownerText}${extra}`}${having}`,
        columns: [...columns, { name: 'o', type: owner.type }],
        owner: { name: 'o', type: owner.type },
      }
    }
    if (shape === 2) {
      const over =
        ownerText !== undefined && random.chance(0.7)
          ? `partition by ${ownerText}`
          : random.chance(0.5)
            ? `partition by ${a}`
            : ''
      return withOwner(`(count(*) over (${over}))::int as i, ${b} as t`, tail, true)
    }
    if (shape === 3) return withOwner(`distinct ${a} as i, ${b} as t`, tail, true)
    if (shape === 4 && depth > 0) {
      const inner = `(select ${random.pick(['count(*)::int', 'max(q.i)', 'min(q.i)'])} from (${anyQuery(depth - 1, [...sources, ...outer]).text}) as q)`
      if (random.chance(0.3))
        return { text: `select max(${inner}) as i, max(${b}) as t ${tail}`, columns }
      const sub = inner
      return withOwner(`${sub} as i, ${b} as t`, tail, true)
    }
    if (shape === 5) {
      const table = random.pick(['users', 'posts', 'tags'])
      const only = alias()
      const confined = random.chance(0.6) ? ` where ${only}.tenant_id = 2` : ''
      return {
        text: `select ${only}.id as i, 'x' as t, ${only}.tenant_id as o from ${table} as ${only}${confined} order by ${only}.id, ${only}.tenant_id ${random.pick(['limit 2', 'offset 1', 'limit 1 offset 1', 'for share'])}`,
        columns: [...columns, int('o')],
        owner: int('o'),
      }
    }
    return withOwner(`${a} as i, ${b} as t`, tail, true)
  }

  function anyQuery(depth: number, outer: readonly Source[]): Query {
    if (depth > 0 && random.chance(0.2)) {
      const left = block(depth - 1, outer)
      const right = block(depth - 1, outer)
      const leftOwner = left.columns[2]
      const operator = random.pick(['union', 'union all', 'intersect', 'except', 'except all'])
      const isSame = leftOwner !== undefined && leftOwner.type === right.columns[2]?.type
      const pick = (query: Query): string => {
        const as = alias()
        return `select ${as}.i, ${as}.t${isSame ? `, ${as}.o` : ''} from (${query.text}) as ${as}`
      }
      return {
        text: `${pick(left)} ${operator} ${pick(right)}`,
        columns: [int('i'), text('t'), ...(isSame ? [leftOwner] : [])],
        ...(isSame ? { owner: leftOwner } : {}),
      }
    }
    return block(depth, outer)
  }

  function query(depth: number, outer: readonly Source[]): string {
    if (outer.length === 0 && random.chance(0.35)) {
      const defined: string[] = []
      for (let count = 1 + random.below(2); count > 0; count -= 1) {
        const inner = anyQuery(depth - 1, [])
        const cte = { name: `c${ctes.length + 1}`, ...inner }
        defined.push(`${cte.name} as ${random.pick(['', '', 'materialized '])}(${inner.text})`)
        ctes.push(cte)
      }
      return `with ${defined.join(', ')} ${anyQuery(depth, outer).text}`
    }
    return anyQuery(depth, outer).text
  }

  const target = (): string => random.pick(['users', 'posts', 'tags'])

  return {
    query,
    insertSelect() {
      const inner = anyQuery(2, [])
      const owner = inner.columns[2]?.type === 'int' ? 'q.o' : random.chance(0.7) ? '2' : 'q.i'
      const returning = random.pick([
        '',
        ' returning tenant_id',
        ' returning id, (select count(*) from tags where tenant_id = 2)',
      ])
      return `insert into ${target()} (id, tenant_id) select q.i + 500, ${owner} from (${inner.text}) as q${returning}`
    },
    update() {
      const table = target()
      const { text: source, sources, wanted } = from(1, [])
      const self: Source = sourceOf(table, tables[table] ?? { columns: [] })
      const conditions = [confine(self, sources), ...wanted, predicate([self, ...sources], [], 1)]
      const set = random.pick([
        'id = id',
        'id = id + 0',
        'tenant_id = 2',
        'tenant_id = tenant_id',
        `id = (${block(1, [self], { scalar: true }).text} limit 0)`,
      ])
      const rest = `where ${conditions.filter((each) => each !== undefined).join(' and ')}`
      return random.chance(0.5)
        ? `update ${table} set ${set.replace('= tenant_id', `= ${table}.tenant_id`).replace(/= id/, `= ${table}.id`)} from ${source} ${rest}`
        : `update ${table} set ${set} where ${[confine(self, []) ?? 'true', predicate([self], [], 2)].join(' and ')} returning ${table}.id`
    },
    remove() {
      const table = target()
      const self: Source = sourceOf(table, tables[table] ?? { columns: [] })
      if (random.chance(0.5)) {
        const { text: source, sources, wanted } = from(1, [])
        const conditions = [confine(self, sources) ?? 'true', ...wanted]
        return `delete from ${table} using ${source} where ${conditions.join(' and ')}`
      }
      return `delete from ${table} where ${[confine(self, []) ?? 'true', predicate([self], [], 2)].join(' and ')} returning *`
    },
    upsert() {
      const table = random.pick(['users', 'posts'])
      const keys = random.pick(['(tenant_id, id)', '(id, tenant_id)', '(tenant_id, id)'])
      const set = random.pick([
        'do nothing',
        `do update set id = excluded.id`,
        'do update set tenant_id = excluded.tenant_id',
        `do update set id = (${block(1, [], { scalar: true }).text} limit 0)`,
      ])
      return `insert into ${table} (id, tenant_id) values (1, 2), (${random.below(5) + 40}, ${random.chance(0.9) ? 2 : 1}) on conflict ${keys} ${set} returning id`
    },
    merge() {
      const table = target()
      const inner = anyQuery(1, [])
      const owner = inner.columns[2]?.type === 'int' ? 's.o' : '2'
      const source = random.chance(0.5)
        ? `(${inner.text})`
        : `(select id as i, tenant_id as o from posts)`
      const on = [
        random.chance(0.9) ? `${table}.tenant_id = 2` : 'true',
        random.chance(0.3) ? `s.i = 2` : `${table}.id = s.i`,
      ]
      const arms = [
        random.pick(['then do nothing', 'then update set id = s.i', 'then delete']),
        random.chance(0.5)
          ? ` when not matched ${random.pick(['then do nothing', `then insert (id, tenant_id) values (s.i + 700, ${random.chance(0.7) ? 2 : owner})`])}`
          : '',
      ]
      return `merge into ${table} using ${source} as s on ${on.join(' and ')} when matched ${random.chance(0.3) ? 'and s.i > 1 ' : ''}${arms.join('')}`
    },
    through() {
      const tenant = random.pick(['tenant_id = 2', 'tenant_id = 2', 'tenant_id < 9'])
      const inside = `folder_key in (select key from folders where ${tenant})`
      return random.pick([
        `insert into pages (id, folder_key) select 900 + key, ${random.pick(['key', 'key', 'key + 0', '2001'])} from folders where ${tenant}`,
        `update pages set body = 'x' where ${inside} returning id`,
        `update pages set folder_key = f.key from folders as f where f.${tenant} and pages.${inside}`,
        `delete from pages where ${inside} returning id`,
        `delete from folders where ${tenant} returning key`,
        `update folders set key = key + 100 where ${tenant}`,
        `with f as (insert into folders values (2077, 2, 'x') returning key) insert into pages (id, folder_key) select 1, key from f`,
        `with f as (update folders set name = 'y' where ${tenant} returning key) insert into pages (id, folder_key) select 1, key from f`,
        `update roles set name = 'x' where (${tenant} or tenant_id is null) returning id`,
        `insert into pages (id, folder_key) values (1, (select key from folders where ${tenant} limit 1)), (2, ${random.pick(['(select key from folders where tenant_id = 2 limit 1)', '2001', '1001'])})`,
        `insert into pages (id, folder_key) select 1, (select key from folders where ${tenant} limit 1)`,
        `update pages set folder_key = (select key from folders where ${tenant} limit 1) where ${inside}`,
        `update pages set folder_key = folder_key, id = 5 where ${inside} returning folder_key, (select name from folders where key = folder_key)`,
        `update folders set ${random.pick([`name = 'z'`, 'key = key'])} where ${keyOf('folders', 'folders.key')} returning key, (select count(*) from pages where folder_key = folders.key)`,
        `delete from tags where ${tenant} and id in (select id from tags where ${tenant})`,
        `with f as (update folders set name = 'y' where ${tenant} returning key) select o.name from folders as o join f on o.key = f.key`,
        `with f as (insert into folders values (2077, 2, 'x') returning key) select o.name from folders as o join f on o.key = f.key`,
      ])
    },
    recursive() {
      const start = random.pick([
        'u.tenant_id = 2',
        'u.tenant_id = 2 and u.boss_id is null',
        'u.boss_id is null',
      ])
      const step = random.pick([
        'n.tenant_id = t.o',
        'n.tenant_id = 2',
        't.o = n.tenant_id and n.id > 0',
        'n.id > 0',
      ])
      const out = random.pick(['n.tenant_id', 'n.tenant_id', 't.o', 'n.id'])
      const rest = random.pick([
        '',
        ' where t.o = 2',
        ' join posts p on p.tenant_id = t.o and p.id = t.i',
      ])
      return `with recursive t as (select u.id as i, u.tenant_id as o from users u where ${start} union select n.id, ${out} from users n join t on n.boss_id = t.i and ${step}) select t.i, t.o from t${rest}`
    },
  }
}
