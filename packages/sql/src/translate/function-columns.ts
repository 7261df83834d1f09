import { type Body, bodyOf, list, name, tagged } from '../parse/syntax-tree.ts'
import { unsupported } from '../parse/unprovable.ts'
import { givesRows, setColumns } from './builtin-functions.ts'
import { dottedName } from './dotted-name.ts'
import { resolveItem } from './namespace.ts'
import type { Place } from './translation.ts'
import { typeOf } from './type-cast.ts'

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
  const called = calledPath(call)?.at(-1) ?? ''
  if (isDeclared(call, place) || !givesRows(called)) return undefined
  const alone = [relation ?? called]
  if (called !== 'unnest') return setColumns.get(called) ?? alone
  const args = list(tagged(call)[1]['args'])
  // Several arrays are so many calls.
  if (args.every((argument) => isPlainArray(argument, place))) {
    return args.length === 1 ? alone : args.map(() => called)
  }
  const isOfWords = args.length === 1 && isSearchVector(args[0], place)
  return isOfWords ? ['lexeme', 'positions', 'weights'] : undefined
}

/** Whether it is somebody's own function, or may be: its one column may have any name. */
export function isDeclared(call: unknown, { translation }: Place): boolean {
  return translation.schema.declaresFunction(dottedName(calledPath(call) ?? []))
}

function calledPath(call: unknown): readonly string[] | undefined {
  const [tag, body] = tagged(call)
  return tag === 'FuncCall' ? list(body['funcname']).map(name) : undefined
}

/** An array whose elements are no rows. */
function isPlainArray(node: unknown, place: Place): boolean {
  const [tag, body] = tagged(node)
  if (tag === 'A_ArrayExpr') return list(body['elements']).every(isConstant)
  if (tag !== 'TypeCast') return false
  const type = castOf(body, place)
  return type.name !== '' && type.dimensions > 0
}

function isConstant(node: unknown): boolean {
  const [tag] = tagged(node)
  return tag === 'A_Const' || tag === 'ParamRef'
}

function isSearchVector(node: unknown, place: Place): boolean {
  const [tag, body] = tagged(node)
  if (tag === 'TypeCast') return castOf(body, place).name === 'tsvector'
  const path = list(body['fields']).map(name)
  if (path.length < 2) return false
  const { leaf } = resolveItem(place.scope, path.slice(0, -1)).item
  const column = leaf?.relation?.live?.columns.find((each) => each.name === path.at(-1))
  return column?.type === 'tsvector'
}

function castOf({ typeName }: Body, place: Place): ReturnType<typeof typeOf> {
  return typeOf(bodyOf(typeName), place)
}
