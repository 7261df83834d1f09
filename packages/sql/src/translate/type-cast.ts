import { type Body, bodyOf, fields, list, name, only } from '../parse/syntax-tree.ts'
import { unsupported } from '../parse/unprovable.ts'
import { nothingKnown, type Value } from '../proof/model.ts'
import { familyOfCast } from '../schema/column-type.ts'
import { isBuiltinType } from './builtin-functions.ts'
import { dottedName } from './dotted-name.ts'
import { refuseStoredCode } from './stored-code.ts'
import { constantsOf, elementsOf, type Place, useAs } from './translation.ts'
import { operandOrRow } from './whole-row.ts'

/**
 * A cast; a constant under exactly one cast to an owner type keeps its meaning, and so does a column
 * that is cast to its own type.
 */
export function typeCast(body: Body, place: Place): Value {
  const { arg, typeName } = fields(body, ['arg', 'typeName'])
  const value = operandOrRow(arg, place)
  const type = typeOf(bodyOf(typeName), place)
  const target = type.modified ? undefined : familyOfCast(type.name)
  // No more than another name: PostgreSQL prints views over varchar so.
  if (value.term?.family === target && type.dimensions === 0 && target !== undefined) return value
  const bare = value.parameter !== undefined || value.literal !== undefined
  const family = bare ? target : undefined
  if (family !== undefined && type.dimensions === 0) {
    return { constants: constantsOf(place.translation, value, family) }
  }
  if (family !== undefined && type.dimensions === 1 && value.parameter !== undefined) {
    return { constants: elementsOf(place.translation, value.parameter, family) }
  }
  // A list has the length that it seems to have as long as nothing else decides what is sent.
  useAs(place.translation, value, `${type.name}${'[]'.repeat(type.dimensions)}`)
  return nothingKnown
}

/** Names of what is in the catalogue, as PostgreSQL prints what code of its own refers to. */
const registered = new Set(['regclass', 'regtype', 'regproc', 'regprocedure', 'regnamespace'])

interface TypeReference {
  readonly name: string
  /** Has a length or a precision, which can change the value. */
  readonly modified: boolean
  readonly dimensions: number
}

/** The type that is named, where it is built in or declared. */
export function typeOf(body: Body, place: Place): TypeReference {
  const known = ['names', 'typmods', 'typemod', 'arrayBounds'] as const
  const { names, typmods, arrayBounds } = fields(body, known)
  const path = list(names).map(name)
  const last = path.at(-1) ?? ''
  const builtin = isBuiltinType(last) && (path.length === 1 || path[0] === 'pg_catalog')
  const { schema } = place.translation
  const named = dottedName(path)
  const isOwn = schema.declaresType(named) || schema.installs('type', last, path.at(-2))
  // Whoever declared the name may have meant another type than the one that the path finds.
  const domain = schema.domain(named)
  if (domain !== undefined) refuseStoredCode(domain, place.translation)
  const isKnown = builtin || isOwn || domain !== undefined
  const isCatalogued = place.stored !== undefined && registered.has(last) && path.length === 1
  if (path.length > 2 || !(isKnown || isCatalogued)) {
    throw unsupported(`the type ${named} is neither built in nor declared in \`types\``)
  }
  for (const modifier of list(typmods)) only(modifier, 'A_Const')
  return {
    name: builtin ? last : '',
    modified: list(typmods).length > 0,
    dimensions: list(arrayBounds).length,
  }
}
