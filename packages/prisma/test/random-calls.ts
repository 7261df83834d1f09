import type { ShopClient } from './shop.ts'

/** A source of choices. */
export interface Random {
  chance(probability: number): boolean
  below(limit: number): number
  pick<Value>(values: readonly Value[]): Value
}

/** Mulberry32: the same seed, the same calls. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    chance: (probability) => next() < probability,
    below,
    pick: (values) => {
      const value = values[below(values.length)]
      if (value === undefined) throw new Error('nothing to pick from')
      return value
    },
  }
}

type Args = Record<string, unknown>
type ModelName = Exclude<keyof ShopClient, `$${string}`>
type Action = keyof ShopClient['user'] & string

/** A call as data, so that the same one is made in every world, and can be told. */
export interface RandomCall {
  readonly model: ModelName
  readonly action: Exclude<Action, 'fields'>
  readonly args: Args
}

interface Model {
  readonly ints: readonly string[]
  readonly texts: readonly string[]
  /** Relations to one row. */
  readonly one: Readonly<Record<string, ModelName>>
  /** Relations to many rows. */
  readonly many: Readonly<Record<string, ModelName>>
}

const models: Readonly<Record<ModelName, Model>> = {
  tenant: { ints: [], texts: ['name'], one: {}, many: { users: 'user' } },
  user: {
    ints: ['id', 'bossId'],
    texts: ['email', 'name'],
    one: { tenant: 'tenant', boss: 'user', profile: 'profile' },
    many: { staff: 'user', posts: 'post', notes: 'note', roles: 'userRole' },
  },
  profile: { ints: ['id', 'userId'], texts: ['bio'], one: { user: 'user' }, many: {} },
  post: {
    ints: ['id', 'authorId', 'views'],
    texts: ['title'],
    one: { author: 'user' },
    many: { comments: 'comment', tags: 'tag' },
  },
  comment: { ints: ['id', 'postId'], texts: ['body'], one: { post: 'post' }, many: {} },
  tag: { ints: ['id'], texts: ['name'], one: {}, many: { posts: 'post' } },
  note: { ints: ['id', 'userId'], texts: ['text'], one: { user: 'user' }, many: {} },
  role: { ints: ['id'], texts: ['name'], one: {}, many: { users: 'userRole' } },
  userRole: {
    ints: ['userId', 'roleId'],
    texts: [],
    one: { user: 'user', role: 'role' },
    many: {},
  },
}
const owned: readonly ModelName[] = ['user', 'profile', 'post', 'comment', 'tag', 'note']
const readable: readonly ModelName[] = [...owned, ...owned, 'tenant', 'role', 'userRole']
const tenantId = 'acme'

/** A call made of choices; `named` is how often it says whose rows it means. */
export function randomCall(random: Random, named: number): RandomCall {
  const { chance, pick, below } = random

  /** Says of rows that they are the tenant's, in ways that hold and in ways that do not. */
  function ownOf(model: ModelName): Args {
    if (model === 'role' || !chance(named)) return {}
    if (model === 'tenant') return { id: tenantId }
    if (model === 'userRole') return { user: ownOf('user') }
    return pick<Args>([
      { tenantId },
      { tenantId },
      { tenantId },
      { tenantId },
      { tenantId: { equals: tenantId } },
      { tenantId: { in: [tenantId] } },
      { AND: [{ tenantId }] },
      { OR: [{ tenantId }, { tenantId }] },
      { NOT: { tenantId: { not: tenantId } } },
      { tenantId: { in: [tenantId, 'globex'] } },
      { OR: [{ tenantId }, { [models[model].texts[0] ?? 'id']: 'first' }] },
      { tenantId: { startsWith: tenantId } },
      { tenantId: { not: 'globex' } },
    ])
  }

  /** A key: the tenant's own rows are 1 to 3, others have rows around. */
  const idOf = (): number => pick([1, 1, 2, 2, 3, 4, 101, 102, -99])

  function scalarFilter(model: ModelName): Args {
    const { ints, texts } = models[model]
    const text = texts.length === 0 ? undefined : pick(texts)
    if (text !== undefined && chance(0.5)) {
      return {
        [text]: pick<unknown>([
          'first',
          'red',
          { not: 'Ann' },
          { contains: 'o' },
          { in: ['first', 'red', 'Ann', 'hi'] },
          { gt: 'c' },
          { startsWith: 'S', mode: 'insensitive' },
        ]),
      }
    }
    if (ints.length === 0) return {}
    return {
      [pick(ints)]: pick<unknown>([
        idOf(),
        { in: [1, 2, 101] },
        { notIn: [1, 102] },
        { lte: 2 },
        { gt: 1 },
        { not: 3 },
      ]),
    }
  }

  function relationFilter(model: ModelName, depth: number): Args {
    const { one, many } = models[model]
    const relations = [...Object.entries(one), ...Object.entries(many)]
    if (relations.length === 0) return scalarFilter(model)
    const [name, related] = pick(relations)
    const inner = where(related, depth - 1)
    if (name in many) return { [name]: { [pick(['some', 'none', 'every'])]: inner } }
    return { [name]: pick<unknown>([inner, { is: inner }, { isNot: inner }]) }
  }

  function condition(model: ModelName, depth: number): Args {
    if (depth > 0 && chance(0.4)) return relationFilter(model, depth)
    const filter = scalarFilter(model)
    if (!chance(0.3)) return filter
    const other = depth > 0 ? condition(model, depth - 1) : scalarFilter(model)
    return pick<Args>([
      { OR: [filter, other] },
      { NOT: filter },
      { AND: [filter, other] },
      { NOT: [filter, other] },
    ])
  }

  function where(model: ModelName, depth: number): Args {
    const own = ownOf(model)
    if (!chance(0.6)) return own
    const more = condition(model, depth)
    return chance(0.6) ? { AND: [own, more] } : { ...more, ...own }
  }

  /** Up to the key of the row, so that nothing is left open. */
  function orderBy(model: ModelName): Args[] {
    const end = model === 'userRole' ? [{ userId: 'asc' }, { roleId: 'asc' }] : [{ id: 'asc' }]
    const { texts, one, many } = models[model]
    if (chance(0.5)) return end
    const direction = pick(['asc', 'desc'])
    const choices: Args[] = texts.map((text) => ({ [text]: direction }))
    for (const [name, related] of Object.entries(one)) {
      const [text] = models[related].texts
      if (text !== undefined) choices.push({ [name]: { [text]: direction } })
    }
    for (const name of Object.keys(many)) choices.push({ [name]: { _count: direction } })
    return choices.length === 0 ? end : [pick(choices), ...end]
  }

  function relations(model: ModelName, depth: number): Args {
    const { one, many } = models[model]
    const found: Args = {}
    for (const [name, related] of Object.entries(one)) {
      if (chance(0.35)) found[name] = chance(0.6) ? true : nested(related, depth - 1)
    }
    for (const [name, related] of Object.entries(many)) {
      if (!chance(0.35)) continue
      const paging = chance(0.2) ? { take: 1 + below(2), skip: below(2) } : {}
      found[name] = {
        where: where(related, 1),
        orderBy: orderBy(related),
        ...paging,
        ...nested(related, depth - 1),
      }
    }
    const counted = Object.entries(many).filter(() => chance(0.4))
    if (counted.length > 0 && chance(0.4)) {
      found['_count'] = {
        select: Object.fromEntries(
          counted.map(([name, related]) => [
            name,
            chance(0.3) ? true : { where: where(related, 1) },
          ]),
        ),
      }
    }
    return found
  }

  /** What comes along with a row. */
  function nested(model: ModelName, depth: number): Args {
    if (depth < 0 || chance(0.4)) return {}
    const found = relations(model, depth)
    if (Object.keys(found).length === 0) return {}
    const keys = model === 'userRole' ? { userId: true, roleId: true } : { id: true }
    return chance(0.75) ? { include: found } : { select: { ...keys, ...found } }
  }

  function unique(model: ModelName): Args {
    if (model === 'tenant') return { id: pick([tenantId, tenantId, 'globex']) }
    if (model === 'role') return { id: 1 + below(2) }
    if (model === 'userRole') {
      return { userId_roleId: { userId: idOf(), roleId: 1 }, ...ownOf('userRole') }
    }
    const id = idOf()
    if (['user', 'post', 'comment'].includes(model) && chance(0.4)) {
      return { tenantId_id: { tenantId: chance(0.92) ? tenantId : 'globex', id } }
    }
    if (model === 'tag' && chance(0.4)) {
      return { tenantId_name: { tenantId, name: pick(['red', 'blue', 'new']) } }
    }
    if (model === 'user' && chance(0.3)) {
      return { tenantId_email: { tenantId, email: pick(['ann@x', 'new@x']) } }
    }
    return { id, ...ownOf(model) }
  }

  /** Tenants that calls name in what they make. */
  const stamp = (): Args => (chance(named) ? { tenantId: chance(0.95) ? tenantId : 'globex' } : {})
  const newId = (): number => pick([1, 50, 51, 52, 53, 54, 101])

  /** The scalars of a new row, but for the key of the row that it hangs on. */
  function fresh(model: ModelName): Args {
    const id = newId()
    const made: Readonly<Record<ModelName, Args>> = {
      tenant: { id: 'initech', name: 'x' },
      user: { id, email: pick([`u${id}@x`, 'ann@x']), name: 'new' },
      profile: { id, bio: 'new' },
      post: { id, title: 'new', createdAt: new Date(0) },
      comment: { id, body: 'new' },
      tag: { id, name: pick([`t${id}`, 'red']) },
      note: { id, text: 'new' },
      role: { id, name: 'new' },
      userRole: {},
    }
    const own = owned.includes(model) ? stamp() : {}
    return { ...made[model], ...own }
  }

  const parents: Partial<Record<ModelName, readonly [relation: string, key: string]>> = {
    user: ['boss', 'bossId'],
    profile: ['user', 'userId'],
    post: ['author', 'authorId'],
    comment: ['post', 'postId'],
    note: ['user', 'userId'],
    userRole: ['user', 'userId'],
  }

  /** A new row with the row that it hangs on. */
  function creation(model: ModelName, depth: number): Args {
    const row = fresh(model)
    if (model === 'userRole') {
      return chance(0.5)
        ? { userId: idOf(), roleId: 2 }
        : { user: { connect: unique('user') }, role: { connect: { id: 2 } } }
    }
    const parent = parents[model]
    const isOptional = model === 'user'
    if (parent === undefined || (isOptional && chance(0.6))) {
      return { ...row, ...children(model, depth) }
    }
    const [relation, key] = parent
    if (chance(0.55)) return { ...row, [key]: idOf(), ...children(model, depth) }
    const related = models[model].one[relation] ?? 'user'
    return { ...row, [relation]: { connect: unique(related) }, ...children(model, depth) }
  }

  /** New rows that hang on a new one. */
  function children(model: ModelName, depth: number): Args {
    const lists = Object.entries(models[model].many).filter(([, related]) => related !== 'userRole')
    if (depth <= 0 || lists.length === 0 || chance(0.5)) return {}
    const [name, related] = pick(lists)
    return { [name]: creations(model, related, depth) }
  }

  function creations(model: ModelName, related: ModelName, depth: number): Args {
    const row = { ...fresh(related), ...children(related, depth - 1) }
    const isLink = model === 'tag' || related === 'tag'
    const choices: Args[] = [
      { create: [row] },
      { connect: [unique(related)] },
      { connectOrCreate: { where: unique(related), create: row } },
    ]
    if (!isLink) choices.push({ createMany: { data: [fresh(related)] } })
    return pick(choices)
  }

  function scalarChange(model: ModelName): Args {
    const { texts, ints } = models[model]
    const key = ints.find((name) => name.endsWith('Id'))
    const choices: Args[] = texts.map((text) => ({ [text]: `changed${below(3)}` }))
    if (model === 'post') choices.push({ views: { increment: 1 } }, { status: 'public' })
    if (key !== undefined && chance(0.3)) choices.push({ [key]: idOf() })
    if (owned.includes(model) && chance(0.1)) choices.push(stamp())
    if (chance(0.05) && model !== 'userRole' && model !== 'tenant') choices.push({ id: 60 })
    return choices.length === 0 ? {} : pick(choices)
  }

  function change(model: ModelName, depth: number): Args {
    const { one, many } = models[model]
    const found = scalarChange(model)
    const all = [...Object.entries(one), ...Object.entries(many)]
    if (depth <= 0 || all.length === 0 || chance(0.5)) return found
    const [name, related] = pick(all)
    if (related === 'tenant' || related === 'role' || related === 'userRole') return found
    const inner = change(related, depth - 1)
    if (name in one) {
      const writes = [{ update: inner }, { connect: unique(related) }, { disconnect: true }]
      const given = pick<Args>([...writes, { upsert: { create: fresh(related), update: inner } }])
      return { ...scalarText(model), [name]: given }
    }
    const writes: Args[] = [
      { update: { where: unique(related), data: inner } },
      { updateMany: { where: where(related, 0), data: scalarText(related) } },
      { deleteMany: where(related, 0) },
      { delete: [unique(related)] },
      { disconnect: [unique(related)] },
      { set: [unique(related)] },
      { upsert: { where: unique(related), create: fresh(related), update: inner } },
      creations(model, related, depth),
    ]
    return { ...scalarText(model), [name]: pick(writes) }
  }

  function scalarText(model: ModelName): Args {
    const [text] = models[model].texts
    return text === undefined ? {} : { [text]: 'changed' }
  }

  function read(): RandomCall {
    const model = pick(readable)
    const action = pick([
      'findMany',
      'findMany',
      'findMany',
      'findFirst',
      'findUnique',
      'count',
      'aggregate',
      'groupBy',
    ] as const)
    if (action === 'findUnique') {
      return { model, action, args: { where: unique(model), ...nested(model, 2) } }
    }
    const rows = where(model, 2)
    const order = orderBy(model)
    const { ints, texts } = models[model]
    if (action === 'count') return { model, action, args: { where: rows } }
    if (action === 'aggregate') {
      const fields = Object.fromEntries([...ints, ...texts].map((name) => [name, true]))
      return { model, action, args: { where: rows, _count: true, _max: fields, _min: fields } }
    }
    if (action === 'groupBy') {
      const by = pick([...ints, ...texts])
      const having = chance(0.3) ? { having: { [by]: { _count: { gt: 0 } } } } : {}
      const args = { by: [by], where: rows, _count: { _all: true }, orderBy: { [by]: 'asc' } }
      return { model, action, args: { ...args, ...having } }
    }
    const isPaged = chance(0.3)
    const paging = isPaged
      ? {
          take: pick([1, 2, -1]),
          skip: below(2),
          ...(chance(0.6) ? { cursor: unique(model) } : {}),
        }
      : {}
    const distinct = texts.length > 0 && chance(0.1) ? { distinct: [pick(texts)] } : {}
    return {
      model,
      action,
      args: { where: rows, orderBy: order, ...paging, ...distinct, ...nested(model, 2) },
    }
  }

  function write(): RandomCall {
    const model = pick<ModelName>([...owned, ...owned, 'userRole', 'role', 'tenant'])
    const one = { where: unique(model), ...nested(model, 1) }
    const makers: readonly (() => RandomCall)[] = [
      () => ({ model, action: 'create', args: { data: creation(model, 2), ...nested(model, 1) } }),
      () => ({
        model,
        action: pick(['createMany', 'createManyAndReturn']),
        args: {
          data: [manyRow(model), manyRow(model)].slice(0, 1 + below(2)),
          ...(chance(0.2) ? { skipDuplicates: true } : {}),
        },
      }),
      () => ({ model, action: 'update', args: { data: change(model, 2), ...one } }),
      () => ({ model, action: 'update', args: { data: change(model, 2), ...one } }),
      () => ({
        model,
        action: pick(['updateMany', 'updateManyAndReturn']),
        args: { where: where(model, 2), data: scalarChange(model) },
      }),
      () => ({
        model,
        action: 'upsert',
        args: { create: creation(model, 1), update: change(model, 1), ...one },
      }),
      () => ({ model, action: 'delete', args: one }),
      () => ({ model, action: 'deleteMany', args: { where: where(model, 2) } }),
    ]
    return pick(makers)()
  }

  function manyRow(model: ModelName): Args {
    const parent = parents[model]
    if (model === 'userRole') return { userId: idOf(), roleId: 2 }
    return { ...fresh(model), ...(parent === undefined ? {} : { [parent[1]]: idOf() }) }
  }

  return chance(0.5) ? read() : write()
}
