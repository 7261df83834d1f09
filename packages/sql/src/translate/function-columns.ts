import { type Body, bodyOf, list, name, tagged } from '../parse/syntax-tree.ts'
import { unsupported } from '../parse/unprovable.ts'
import { functionKind, isBuiltinType, setColumns } from './builtin-functions.ts'
import { resolveItem } from './namespace.ts'
import type { Place, Translation } from './translation.ts'

/** These give elements of what they are given: rows of several columns, where those are such rows. */
const givesElements = new Set(['unnest', 'lower', 'upper'])
/** These give arrays of texts. */
const givesTexts = new Set([
  'string_to_array',
  'regexp_match',
  'regexp_split_to_array',
  'tsvector_to_array',
  'parse_ident',
])
const ofSearchVector: readonly string[] = ['lexeme', 'positions', 'weights']

/** The name that PostgreSQL gives a function in FROM that has none. */
export function defaultNameOf(call: unknown): string {
  const path = calledPath(call)
  if (path === undefined) throw unsupported('an expression in FROM without a name')
  return path.at(-1) ?? ''
}

/**
 * The columns of a call in FROM, in order; `undefined` where nobody knows how many it has.
 * @param relation - the name of its relation, where it is the only call there
 */
export function columnsOf(
  call: unknown,
  relation: string | undefined,
  place: Place,
): readonly string[] | undefined {
  const called = builtinOf(call, place.translation)
  if (called === undefined) return undefined
  const args = list(tagged(call)[1]['args'])
  if (called !== 'unnest') {
    return setColumns.get(called) ?? (givesElements.has(called) ? undefined : [relation ?? called])
  }
  const [first] = args
  if (args.length === 1 && isSearchVector(first, place)) return ofSearchVector
  if (!args.every((argument) => isPlainArray(argument, place.translation))) return undefined
  // Several arrays are so many calls.
  return args.length === 1 ? [relation ?? called] : args.map(() => called)
}

/**
 * Whether a call has one column with the name of its relation, or is a row of several: then what has
 * that name is no function of one text.
 */
export function mayBeNamedSo(call: unknown, { schema }: Translation): boolean {
  const path = calledPath(call)
  return path === undefined || !schema.declaresFunction(path.join('.'))
}

function calledPath(call: unknown): readonly string[] | undefined {
  const [tag, body] = tagged(call)
  return tag === 'FuncCall' ? list(body['funcname']).map(name) : undefined
}

/** The function, where nothing but PostgreSQL's own can be meant. */
function builtinOf(call: unknown, { schema }: Translation): string | undefined {
  const path = calledPath(call) ?? []
  const [called] = path.slice(-1)
  if (called === undefined || functionKind(called, false) !== 'plain') return undefined
  if (path.length > 1 && path[0] !== 'pg_catalog') return undefined
  const isOthers =
    schema.declaresFunction(path.join('.')) ||
    schema.installs('function', called) ||
    schema.domain(called) !== undefined
  return isOthers ? undefined : called
}

/** An array whose elements are no rows. */
function isPlainArray(node: unknown, translation: Translation): boolean {
  const [tag, body] = tagged(node)
  if (tag === 'TypeCast') return castOf(body)?.isArray === true
  if (tag === 'FuncCall') return givesTexts.has(builtinOf(node, translation) ?? '')
  return tag === 'A_ArrayExpr' && list(body['elements']).every(isPlainElement)
}

function isPlainElement(node: unknown): boolean {
  const [tag, body] = tagged(node)
  if (tag === 'A_ArrayExpr') return list(body['elements']).every(isPlainElement)
  return (
    tag === 'A_Const' || tag === 'ParamRef' || (tag === 'TypeCast' && castOf(body) !== undefined)
  )
}

function isSearchVector(node: unknown, { scope, translation }: Place): boolean {
  const [tag, body] = tagged(node)
  if (tag === 'TypeCast') {
    const cast = castOf(body)
    return cast?.type === 'tsvector' && !cast.isArray
  }
  if (tag === 'FuncCall') return builtinOf(node, translation) === 'to_tsvector'
  if (tag !== 'ColumnRef') return false
  const path = list(body['fields']).map(name)
  const columns =
    path.length > 1 ? resolveItem(scope, path.slice(0, -1)).item.leaf?.relation?.live?.columns : []
  return columns?.find((column) => column.name === path.at(-1))?.type === 'tsvector'
}

/** The type of a cast, where it is a built-in one. */
function castOf({ typeName }: Body): { type: string; isArray: boolean } | undefined {
  const { names, arrayBounds } = bodyOf(typeName)
  const path = list(names).map(name)
  const type = path.at(-1) ?? ''
  const isBuiltin = isBuiltinType(type) && (path.length === 1 || path[0] === 'pg_catalog')
  return isBuiltin ? { type, isArray: list(arrayBounds).length > 0 } : undefined
}
