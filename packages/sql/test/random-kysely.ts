import {
  type AliasableExpression,
  type CompiledQuery,
  DummyDriver,
  type Expression,
  expressionBuilder,
  type JoinBuilder,
  Kysely,
  type KyselyPlugin,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryCreator,
  type SelectQueryBuilder,
  type SqlBool,
  sql,
} from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import type { Random } from './random.ts'
import { uuid } from './world.ts'

type Row = Record<string, unknown>
type Tables = Record<string, Row>
type Key = string | number
type Condition = Expression<SqlBool>
type Select = SelectQueryBuilder<Tables, string, Row>
type Derived = ReturnType<typeof derived>
type Item = Derived | string
type Join = 'innerJoin' | 'leftJoin' | 'rightJoin' | 'fullJoin'
type On = (join: JoinBuilder<Tables, string>) => JoinBuilder<Tables, string>

const derived = (query: Select, as: string) => query.as(as)

/** A relation in scope, under its alias. */
interface Source {
  readonly alias: string
  readonly ints: readonly string[]
  readonly texts: readonly string[]
  readonly owner?: Owner | undefined
  readonly table?: string
}

interface Owner {
  readonly column: string
  /** The tenant's key there. */
  readonly key: Key
}

type Columns = Omit<Source, 'alias'>

const tenant: Owner = { column: 'tenant_id', key: 2 }
const tables: Readonly<Record<string, Columns>> = {
  users: { ints: ['id', 'country', 'boss_id'], texts: ['name', 'email'], owner: tenant },
  posts: { ints: ['id', 'user_id', 'score'], texts: ['title'], owner: tenant },
  tags: { ints: ['id', 'post_id'], texts: ['label'], owner: tenant },
  docs: { ints: ['id', 'n'], texts: ['body'], owner: { column: 'owner', key: 'acme' } },
  files: { ints: ['id'], texts: ['name'], owner: { column: 'owner', key: uuid } },
  folders: { ints: ['key'], texts: ['name'], owner: tenant },
  pages: { ints: ['id', 'folder_key'], texts: ['body'] },
  roles: { ints: ['id'], texts: ['name'], owner: tenant },
  countries: { ints: ['id'], texts: ['name'] },
}
const tableNames = Object.keys(tables)
const writable = ['users', 'posts', 'tags'] as const

/** Kysely without a database: it compiles what it is asked. */
export function compiler(plugins: KyselyPlugin[]): Kysely<Tables> {
  return new Kysely<Tables>({
    plugins,
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
}

/** A call of Kysely's builder, compiled; `named` is how often it says whose rows it means. */
export function randomCall(
  { db, named }: { readonly db: Kysely<Tables>; readonly named: number },
  random: Random,
): CompiledQuery {
  return createWriter({ db, named }, random).statement().compile()
}

interface Compilable {
  compile(): CompiledQuery
}

function createWriter(
  { db, named }: { readonly db: Kysely<Tables>; readonly named: number },
  random: Random,
): { statement(): Compilable } {
  const eb = expressionBuilder<Tables, string>()
  const ctes: { readonly name: string; readonly columns: Columns }[] = []
  let aliases = 0
  const alias = (): string => {
    aliases += 1
    return `r${aliases}`
  }
  const at = (source: Source, column: string): string => `${source.alias}.${column}`
  const tableOf = (name: string): Columns => tables[name] ?? { ints: [], texts: [] }

  function intOf(sources: readonly Source[]): string {
    return random.pick(sources.flatMap((source) => source.ints.map((column) => at(source, column))))
  }

  function textOf(sources: readonly Source[]): AliasableExpression<unknown> {
    const all = sources.flatMap((source) => source.texts.map((column) => at(source, column)))
    return all.length === 0 ? sql.lit('x') : eb.ref(random.pick(all))
  }

  /** Says of an owner column that it is the tenant, directly or through another one. */
  function confine(source: Source, others: readonly Source[]): Condition | undefined {
    const { owner } = source
    if (!random.chance(named)) return undefined
    if (source.table === 'pages') return confinePages(source, others)
    if (owner === undefined) return undefined
    const own = at(source, owner.column)
    const partners = others.filter(
      (other) => other !== source && typeof other.owner?.key === typeof owner.key,
    )
    if (partners.length > 0 && random.chance(0.5)) {
      const partner = random.pick(partners)
      return eb(own, '=', eb.ref(at(partner, partner.owner?.column ?? 'id')))
    }
    return isTenant(own, owner.key)
  }

  /** In ways that hold, and in ways that do not. */
  function isTenant(own: string, key: Key): Condition {
    const is = () => eb(own, '=', key)
    return random.pick<() => Condition>([
      is,
      is,
      is,
      () => eb(own, 'in', [key]),
      () => eb(own, 'in', [key, key]),
      () => eb(own, 'is not distinct from', key),
      () => eb(own, '=', eb.lit(typeof key === 'number' ? key : 2)),
      () => eb(own, '=', sql`any(${[key]})`),
      () => eb.and([is(), eb(own, 'is not', null)]),
      () => eb.and({ [own]: key }),
      () => eb.or([is(), is()]),
      () => eb.or([is(), eb(own, 'is', null)]),
      () => eb.not(eb(own, '!=', key)),
      () => eb.parens(is()),
      () => eb(eb.refTuple(own, own), '=', eb.tuple(key, key)),
      () => eb.between(own, key, key),
      () => sql<SqlBool>`${sql.ref(own)} = ${key}`,
      // Without parentheses: it depends on what stands beside it.
      () => sql<SqlBool>`${sql.ref(own)} = ${key} or ${sql.ref(own)} is null`,
      () => sql<SqlBool>`true or ${sql.ref(own)} = ${key}`,
      () => sql<SqlBool>`${sql.ref(own)} = ${key} -- ${sql.raw(own)}
`,
      () => sql<SqlBool>`${sql.ref(own)} = ${sql.lit(key)}`,
      () => eb(own, 'in', typeof key === 'number' ? [key, 1] : [key, 'ACME']),
    ])()
  }

  function folders(): Select {
    const f = alias()
    const rows = db.selectFrom(`folders as ${f}`).select(`${f}.key`)
    return random.chance(named) ? rows.where(isTenant(`${f}.tenant_id`, 2)) : rows
  }

  function confinePages(source: Source, others: readonly Source[]): Condition {
    const own = at(source, 'folder_key')
    const parents = others.filter(({ table }) => table === 'folders')
    if (parents.length > 0 && random.chance(0.7)) {
      return eb(own, '=', eb.ref(at(random.pick(parents), 'key')))
    }
    return random.pick<() => Condition>([
      () => eb(own, 'in', folders()),
      () => eb(own, 'in', folders()),
      () => eb(own, '=', folders().limit(1)),
      () => eb(own, '=', eb.fn.any(folders())),
      () => eb.not(eb(own, 'in', folders())),
      () => eb(own, '=', 2001),
    ])()
  }

  function predicate(
    sources: readonly Source[],
    outer: readonly Source[],
    depth: number,
  ): Condition {
    const a = intOf(sources)
    const b = eb.ref(intOf([...sources, ...outer]))
    return random.pick<() => Condition>([
      () => eb(a, '=', b),
      () => eb(a, '<=', random.below(4)),
      () => eb(a, 'is not', null),
      () => eb.or([eb(a, '=', b), eb(a, '>', 1)]),
      () => eb.not(eb(a, 'in', [1, 2, 3])),
      () => eb(eb(a, '+', 1), '>', b),
      () => eb(eb.fn.coalesce(textOf(sources), sql.lit('x')), 'like', '%n%'),
      () =>
        depth > 0 ? eb.exists(block(depth - 1, [...sources, ...outer]).query) : eb(a, '<>', b),
      () => (depth > 0 ? eb(a, 'in', scalar(depth - 1, [...sources, ...outer])) : eb(a, '>=', b)),
      () => eb(eb.case().when(a, '>', 1).then(true).else(false).end(), '=', true),
    ])()
  }

  /** What FROM and JOIN name: a table, a query of WITH, or a derived table. */
  function item(
    depth: number,
    outer: readonly Source[],
  ): { readonly from: Item; readonly source: Source } {
    const as = alias()
    if (depth > 0 && random.chance(0.2)) {
      const { query, columns } = block(depth - 1, outer)
      return { from: query.as(as), source: { alias: as, ...columns } }
    }
    if (ctes.length > 0 && random.chance(0.35)) {
      const cte = random.pick(ctes)
      return { from: `${cte.name} as ${as}`, source: { alias: as, ...cte.columns } }
    }
    const table = random.pick(tableNames)
    return { from: `${table} as ${as}`, source: { alias: as, table, ...tableOf(table) } }
  }

  interface From {
    readonly query: Select
    readonly sources: readonly Source[]
  }

  function join(query: Select, kind: Join, from: Item, on: On): Select {
    const by: Record<Join, () => unknown> = {
      innerJoin: () => query.innerJoin(from, on),
      leftJoin: () => query.leftJoin(from, on),
      rightJoin: () => query.rightJoin(from, on),
      fullJoin: () => query.fullJoin(from, on),
    }
    // What a join adds to the row is known to nobody here.
    return by[kind]() as Select
  }

  function beside(query: Select, kind: Join, from: Derived, on: On): Select {
    const by =
      kind === 'innerJoin' ? query.innerJoinLateral(from, on) : query.leftJoinLateral(from, on)
    return by as unknown as Select
  }

  function joined(depth: number, outer: readonly Source[]): From {
    const first = item(depth, [])
    const sources = [first.source]
    const wanted = [confine(first.source, outer)]
    // An empty selection: what is selected comes later.
    let query = creator().selectFrom(first.from) as unknown as Select
    for (let joins = random.below(3); joins > 0; joins -= 1) {
      const kind = random.pick<Join>(['innerJoin', 'leftJoin', 'leftJoin', 'rightJoin', 'fullJoin'])
      const isLateral = random.chance(0.15) && (kind === 'innerJoin' || kind === 'leftJoin')
      const as = alias()
      const inner = isLateral ? block(0, [...sources, ...outer]) : undefined
      const next = item(depth, [])
      const source = inner === undefined ? next.source : { alias: as, ...inner.columns }
      const condition = confine(source, [...sources, ...outer])
      const ons: Condition[] = [eb(intOf([source]), '=', eb.ref(intOf(sources)))]
      if (condition !== undefined && random.chance(0.6)) ons.push(condition)
      else wanted.push(condition)
      const on: On = (join) => ons.reduce((all, each) => all.on(each), join)
      query =
        inner === undefined
          ? join(query, kind, next.from, on)
          : beside(query, kind, inner.query.as(as), on)
      sources.push(source)
    }
    for (const condition of wanted) if (condition !== undefined) query = query.where(condition)
    return { query, sources }
  }

  /** What a SELECT begins with: the queries of WITH are in sight of it. */
  function creator(): QueryCreator<Tables> {
    return db
  }

  function where(from: From, outer: readonly Source[], depth: number): Select {
    let { query } = from
    for (let more = random.below(3); more > 0; more -= 1) {
      query = query.where(predicate(from.sources, outer, depth))
    }
    return query
  }

  interface Block {
    readonly query: Select
    readonly columns: Columns
  }

  /** A SELECT of `i`, `t` and mostly `o`, an owner. */
  function block(depth: number, outer: readonly Source[]): Block {
    if (random.chance(0.12)) return paged()
    const from = joined(depth, outer)
    const { sources } = from
    const query = where(from, outer, depth)
    const a = eb.ref(intOf(sources))
    const owned = sources.filter(({ owner }) => owner !== undefined)
    const plain: Columns = { ints: ['i'], texts: ['t'] }
    if (owned.length === 0 || random.chance(0.1)) {
      const count = sql<number>`count(*)::int`
      return random.chance(0.5)
        ? { query: query.select([count.as('i'), sql.lit('x').as('t')]), columns: plain }
        : { query: query.select([a.as('i'), textOf(sources).as('t')]), columns: plain }
    }
    const chosen = random.pick(owned)
    const { column = 'id', key = 2 } = chosen.owner ?? {}
    const o = eb.ref(at(chosen, column))
    const columns: Columns = { ...plain, owner: { column: 'o', key } }
    const t = textOf(sources)
    const over = sql<number>`(count(*) over (partition by ${o}))::int`
    const shaped = random.pick<() => Select>([
      () => query.select([a.as('i'), t.as('t'), o.as('o')]),
      () => query.select([a.as('i'), t.as('t'), o.as('o')]),
      () => query.select([a.as('i'), t.as('t'), o.as('o')]).distinct(),
      () =>
        query
          .select([sql<number>`count(*)::int`.as('i'), sql.lit('x').as('t'), o.as('o')])
          .groupBy(o)
          .having(eb.fn.countAll(), '>', 0),
      () => query.select([eb.fn.max(a).as('i'), eb.fn.min(t).as('t'), o.as('o')]).groupBy([o, a]),
      () => query.select([over.as('i'), t.as('t'), o.as('o')]),
      () =>
        query.select([
          sql<number>`${scalar(0, [...sources, ...outer]).limit(0)}`.as('i'),
          t.as('t'),
          o.as('o'),
        ]),
    ])()
    return { query: shaped, columns }
  }

  /** Rows of one table in an order that leaves nothing open. */
  function paged(): Block {
    const table = random.pick(writable)
    const only: Source = { alias: alias(), table, ...tableOf(table) }
    const condition = confine(only, [])
    const [id, o] = [at(only, 'id'), at(only, 'tenant_id')]
    let query: Select = db
      .selectFrom(`${table} as ${only.alias}`)
      .select([eb.ref(id).as('i'), textOf([only]).as('t'), eb.ref(o).as('o')])
      .orderBy(id)
    if (condition !== undefined) query = query.where(condition)
    if (random.chance(0.5)) query = query.where(id, '>', random.below(2))
    query = random.pick([
      () => query.limit(2),
      () => query.offset(1),
      () => query.limit(1).offset(1),
      () => query.distinctOn(id),
      () => query.forUpdate(),
    ])()
    return { query, columns: { ints: ['i'], texts: ['t'], owner: { column: 'o', key: 2 } } }
  }

  /** A SELECT of one int. */
  function scalar(depth: number, outer: readonly Source[]): Select {
    const from = joined(depth, outer)
    const a = eb.ref(intOf(from.sources))
    const value = random.pick<AliasableExpression<unknown>>([
      a,
      a,
      eb.fn.max(a),
      sql<number>`count(*)::int`,
    ])
    return where(from, outer, depth).select(value.as('i'))
  }

  /** The rows that hang on the rows of a table, as JSON. */
  function nested(): Select {
    const parent: Source = { alias: alias(), table: 'users', ...tableOf('users') }
    const child: Source = { alias: alias(), table: 'posts', ...tableOf('posts') }
    const conditions = [
      confine(child, [parent]),
      eb(at(child, 'user_id'), '=', eb.ref(at(parent, 'id'))),
    ]
    const rows = conditions.reduce(
      (query, each) => (each === undefined ? query : query.where(each)),
      db
        .selectFrom(`posts as ${child.alias}`)
        .select([`${child.alias}.id`, `${child.alias}.title`])
        .orderBy(`${child.alias}.id`),
    )
    const condition = confine(parent, [])
    const query = db
      .selectFrom(`users as ${parent.alias}`)
      .select([`${parent.alias}.id`, jsonArrayFrom(rows).as('posts')])
    return condition === undefined ? query : query.where(condition)
  }

  function read(): Compilable {
    if (random.chance(0.1)) return nested()
    const { query, columns } = block(2, [])
    if (random.chance(0.85)) return query
    const other = block(1, [])
    if (typeof other.columns.owner?.key !== typeof columns.owner?.key) return query
    const [left, right] = [alias(), alias()]
    const all = db.selectFrom(query.as(left)).selectAll()
    const others = db.selectFrom(other.query.as(right)).selectAll()
    return random.pick<() => Compilable>([
      () => all.union(others),
      () => all.unionAll(others),
      () => all.intersect(others),
      () => all.except(others),
    ])()
  }

  /** With queries before it, of which some write. */
  function withQueries(): Compilable {
    const { query, columns } = block(1, [])
    const name = `c${ctes.length + 1}`
    if (random.chance(0.2)) {
      const table = random.pick(writable)
      const removed = remove(table)
      const main = db
        .with(name, () => removed.returning(['id as i', 'tenant_id as o']) as unknown as Select)
        .selectFrom(name)
        .selectAll()
      return main
    }
    ctes.push({ name, columns })
    const chain = random.chance(0.3)
      ? db.with(
          (cte) => cte(name).materialized(),
          () => query,
        )
      : db.with(name, () => query)
    const as = alias()
    const source: Source = { alias: as, ...columns }
    const main = chain.selectFrom(`${name} as ${as}`).select(`${as}.i`) as unknown as Select
    const more = item(1, [])
    const ons = [
      eb(intOf([more.source]), '=', eb.ref(`${as}.i`)),
      confine(more.source, [source]),
    ].filter((each) => each !== undefined)
    return main.leftJoin(more.from, (join) => ons.reduce((on, each) => on.on(each), join))
  }

  function remove(table: string) {
    const self: Source = { alias: table, table, ...tableOf(table) }
    const condition = confine(self, [])
    const query = db.deleteFrom(table).where(predicate([self], [], 1))
    return condition === undefined ? query : query.where(condition)
  }

  function removeUsing(): Compilable {
    const table = random.pick(writable)
    const self: Source = { alias: table, table, ...tableOf(table) }
    const other = item(0, [])
    const conditions = [
      confine(self, [other.source]),
      confine(other.source, [self]),
      eb(intOf([other.source]), '=', eb.ref(intOf([self]))),
    ].filter((each) => each !== undefined)
    const query = db.deleteFrom(table).using(other.from) as unknown as ReturnType<typeof remove>
    return conditions.reduce((all, each) => all.where(each), query)
  }

  function update(): Compilable {
    const table = random.pick(writable)
    const self: Source = { alias: table, table, ...tableOf(table) }
    const text = self.texts[0] ?? 'id'
    const change: Row = random.pick<() => Row>([
      () => ({ [text]: 'changed' }),
      () => ({ [text]: null, id: eb.ref(`${table}.id`) }),
      () => ({ tenant_id: random.chance(0.8) ? 2 : 1 }),
      () => ({ id: scalar(0, [self]).limit(0) }),
      () => ({ [text]: eb.ref(`${table}.${text}`) }),
    ])()
    const condition = confine(self, [])
    let query = db
      .updateTable(table)
      .set(change)
      .where(predicate([self], [], 1))
    if (condition !== undefined) query = query.where(condition)
    if (random.chance(0.3)) {
      const other = item(0, [])
      const matched = confine(other.source, [self])
      const from = query
        .from(other.from)
        .where(eb(intOf([other.source]), '=', eb.ref(intOf([self])))) as unknown as typeof query
      return matched === undefined ? from : from.where(matched)
    }
    return random.chance(0.5) ? query : query.returning([`${table}.id`])
  }

  function insert(): Compilable {
    const table = random.pick(writable)
    const text = tableOf(table).texts[0] ?? 'id'
    const row = (id: number): Row => ({
      id,
      [text]: `new${id}`,
      ...(random.chance(named) ? { tenant_id: random.chance(0.93) ? 2 : 1 } : {}),
    })
    if (random.chance(0.4)) {
      const { query, columns } = block(1, [])
      const as = alias()
      const id = sql<number>`${sql.ref(`${as}.i`)} + 500`.as('id')
      const owner: AliasableExpression<unknown> =
        columns.owner?.key === 2 && random.chance(0.5) ? eb.ref(`${as}.o`) : sql<number>`${2}::int4`
      const isNamed = random.chance(named)
      const rows = db
        .selectFrom(query.as(as))
        .select(isNamed ? [id, owner.as('o')] : [id]) as unknown as Select
      const into = db.insertInto(table).columns(isNamed ? ['id', 'tenant_id'] : ['id'])
      return into.expression(rows).returning('id')
    }
    const first = row(random.chance(0.5) ? 1 : 40)
    const values = [first, { ...first, id: 41, [text]: 'new41' }].slice(0, 1 + random.below(2))
    const query = db.insertInto(table).values(values)
    if (table === 'tags' || random.chance(0.3)) return query.returning(['id', 'tenant_id'])
    const keys = random.pick([
      ['tenant_id', 'id'],
      ['id', 'tenant_id'],
      ['tenant_id', text === 'name' ? 'email' : text],
    ])
    return query
      .onConflict((conflict) => {
        const on = conflict.columns(keys)
        return random.pick([
          () => on.doNothing(),
          () => on.doUpdateSet({ [text]: eb.ref(`excluded.${text}`) }),
          () => on.doUpdateSet({ tenant_id: eb.ref('excluded.tenant_id') }),
          () => on.doUpdateSet({ [text]: 'x' }).where(`${table}.id`, '>', 0),
        ])()
      })
      .returning(`${table}.id`)
  }

  function merge(): Compilable {
    const table = random.pick(writable)
    const self: Source = { alias: table, table, ...tableOf(table) }
    const other = item(1, [])
    const ons = [
      confine(self, []),
      confine(other.source, [self]),
      eb(intOf([other.source]), '=', eb.ref(`${table}.id`)),
    ].filter((each) => each !== undefined)
    const merging = db
      .mergeInto(table)
      .using(other.from, (join) => ons.reduce((on, each) => on.on(each), join))
    const matched = random.pick([
      () => merging.whenMatched().thenDelete(),
      () => merging.whenMatched().thenDoNothing(),
      () => merging.whenMatched().thenUpdateSet({ [self.texts[0] ?? 'id']: 'merged' }),
    ])()
    return random.chance(0.5)
      ? matched
      : matched.whenNotMatched().thenInsertValues({ id: 900, tenant_id: 2 })
  }

  return {
    statement: () => {
      const kind = random.below(20)
      if (kind === 0) return remove(random.pick(writable)).returning('id')
      if (kind === 1) return removeUsing()
      if (kind <= 3) return update()
      if (kind <= 6) return insert()
      if (kind === 7) return merge()
      if (kind <= 10) return withQueries()
      return read()
    },
  }
}
