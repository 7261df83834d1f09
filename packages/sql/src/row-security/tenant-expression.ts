import { type Body, bodyOf, list, tagged } from '../parse/syntax-tree.ts'

/** What holds the tenant of a transaction. */
export interface TenantSetting {
  readonly setting: string
  /** Whether `current_setting` without a schema may be a function of the user's own. */
  readonly isShadowed: boolean
}

/**
 * The same tree with a parameter of its own in the place of each expression that is the tenant of the
 * transaction: `current_setting(setting)`, in NULLIF, under one cast, as a subquery. PostgreSQL writes
 * casts of columns to `text` where it compares `varchar`; they change nothing and are taken out.
 */
export function withTenantParameters(node: unknown, tenant: TenantSetting): unknown {
  let parameters = 0
  function walk(each: unknown): unknown {
    if (Array.isArray(each)) return each.map(walk)
    if (typeof each !== 'object' || each === null) return each
    const casts = castsOfTenant(each, tenant)
    if (casts !== undefined) {
      parameters += 1
      return parameter(parameters, casts)
    }
    return (
      columnUnderText(each) ??
      Object.fromEntries(Object.entries(each).map(([field, value]) => [field, walk(value)]))
    )
  }
  return walk(node)
}

function parameter(number: number, casts: readonly Body[]): unknown {
  const arg = { ParamRef: { number } }
  // More than one cast that says something is for the proof to refuse.
  return (casts.length === 0 ? [textType] : casts).reduce<unknown>(
    (inner, typeName) => ({ TypeCast: { arg: inner, typeName } }),
    arg,
  )
}

const textType: Body = {
  names: [{ String: { sval: 'pg_catalog' } }, { String: { sval: 'text' } }],
  typemod: -1,
}

/**
 * The casts that say something, innermost first, of an expression that is the tenant; `undefined` for
 * every other.
 */
function castsOfTenant(node: unknown, tenant: TenantSetting): readonly Body[] | undefined {
  const found = nodeOf(node)
  if (found === undefined) return undefined
  const [tag, body] = found
  if (tag === 'FuncCall') return isSetting(body, tenant) ? [] : undefined
  if (tag === 'SubLink') {
    const value = onlyOutput(body)
    return value === undefined ? undefined : castsOfTenant(value, tenant)
  }
  if (tag === 'A_Expr') {
    const isNullif = body['kind'] === 'AEXPR_NULLIF' && literalOf(body['rexpr']) === ''
    const casts = isNullif ? castsOfTenant(body['lexpr'], tenant) : undefined
    return casts?.length === 0 ? casts : undefined
  }
  if (tag !== 'TypeCast') return undefined
  const casts = castsOfTenant(body['arg'], tenant)
  const type = bodyOf(body['typeName'])
  return casts !== undefined && casts.length === 0 && isPlainText(type)
    ? []
    : casts && [...casts, type]
}

function isSetting(call: Body, { setting, isShadowed }: TenantSetting): boolean {
  const path = namesOf(call['funcname'])
  const [name, missing, ...others] = list(call['args'])
  const known = ['funcname', 'args', 'funcformat', 'location']
  return (
    Object.keys(call).every((field) => known.includes(field)) &&
    path?.at(-1) === 'current_setting' &&
    ((path.length === 1 && !isShadowed) || (path.length === 2 && path[0] === 'pg_catalog')) &&
    others.length === 0 &&
    (missing === undefined || nodeOf(missing)?.[0] === 'A_Const') &&
    literalOf(name)?.toLowerCase() === setting
  )
}

/** The one expression of `(SELECT expression)`, where there is nothing else in it. */
function onlyOutput(link: Body): unknown {
  if (link['subLinkType'] !== 'EXPR_SUBLINK' || link['testexpr'] !== undefined) return undefined
  const [tag, select] = nodeOf(link['subselect']) ?? []
  if (tag !== 'SelectStmt' || select === undefined) return undefined
  const known = ['targetList', 'limitOption', 'op']
  if (!Object.keys(select).every((field) => known.includes(field))) return undefined
  if (select['op'] !== 'SETOP_NONE') return undefined
  const [target, ...others] = list(select['targetList'])
  const [kind, body] = nodeOf(target) ?? []
  return others.length === 0 && kind === 'ResTarget' ? body?.['val'] : undefined
}

/** A column under a cast to `text`: the same value, where the column is text at all. */
function columnUnderText(node: unknown): unknown {
  const [tag, body] = nodeOf(node) ?? []
  if (tag !== 'TypeCast' || body === undefined || !isPlainText(bodyOf(body['typeName'])))
    return undefined
  return nodeOf(body['arg'])?.[0] === 'ColumnRef' ? body['arg'] : undefined
}

function isPlainText(type: Body): boolean {
  const path = namesOf(type['names'])
  const isBuiltin = path?.length === 1 || (path?.length === 2 && path[0] === 'pg_catalog')
  const isBare = type['typmods'] === undefined && type['arrayBounds'] === undefined
  return isBuiltin && isBare && (path?.at(-1) === 'text' || path?.at(-1) === 'varchar')
}

/** A string, bare or as PostgreSQL prints it, with its type. */
function literalOf(node: unknown): string | undefined {
  const [tag, body] = nodeOf(node) ?? []
  if (body === undefined) return undefined
  if (tag === 'TypeCast')
    return isPlainText(bodyOf(body['typeName'])) ? literalOf(body['arg']) : undefined
  if (tag !== 'A_Const' || body['sval'] === undefined) return undefined
  const text = bodyOf(body['sval'])['sval'] ?? ''
  return typeof text === 'string' ? text : undefined
}

function namesOf(value: unknown): readonly string[] | undefined {
  const names = list(value).map((each) => nodeOf(each)?.[1]['sval'])
  return names.every((each) => typeof each === 'string') ? names : undefined
}

/** What looks like a node: one field, with the fields of the node in it. */
function nodeOf(value: unknown): ReturnType<typeof tagged> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const [inner, ...others] = Object.values(value)
  const isNode = others.length === 0 && typeof inner === 'object' && inner !== null
  return isNode && !Array.isArray(inner) ? tagged(value) : undefined
}
