import { type Body, bodyOf, fields, list, name } from '../parse/syntax-tree.ts'
import { unsupported } from '../parse/unprovable.ts'
import { type Block, nothingKnown, type Query, type Value } from '../proof/model.ts'
import { harm, isHarmful } from '../schema/harmful-functions.ts'
import { type FunctionKind, functionKind, storedFunctionKind } from './builtin-functions.ts'
import { dottedName } from './dotted-name.ts'
import type { Resolved, Scope } from './namespace.ts'
import { refuseStoredCode } from './stored-code.ts'
import { type Place, useAnyhow } from './translation.ts'
import { optional, sortKeys } from './walk.ts'
import { operandOrRow } from './whole-row.ts'
import { overWindow } from './window-definition.ts'

/** A call of a function that is known to compute from its arguments alone. */
export function functionCall(body: Body, place: Place): Value {
  const call = fields(body, [
    'funcname',
    'args',
    'agg_order',
    'agg_filter',
    'over',
    'agg_within_group',
    'agg_star',
    'agg_distinct',
    'func_variadic',
    'funcformat',
  ])
  const path = list(call.funcname).map(name)
  const called = dottedName(path)
  const isBuiltin = path.length === 1 || (path.length === 2 && path[0] === 'pg_catalog')
  const withinGroup = call.agg_within_group === true
  const { schema } = place.translation
  const isDeclared = schema.declaresFunction(called)
  const isInstalled = path.length < 3 && schema.installs('function', path.at(-1) ?? '', path.at(-2))
  const builtin = isBuiltin ? builtinKind(path.at(-1) ?? '', withinGroup, place) : undefined
  const own = isDeclared || isInstalled ? ownKind(called, place) : undefined
  const kind = own === 'aggregate' ? own : (builtin ?? own)
  if (kind === undefined) {
    const says = isHarmful(called)
      ? harm
      : 'is not known to be harmless; declare it in `functions` if it is'
    throw unsupported(`the function ${called} ${says}`)
  }
  // A function of the user's own wins over the built-in one where its arguments fit better.
  const isShadowed = !isDeclared && schema.shadows('function', path[0] ?? '')
  if (isShadowed) throw unsupported(`the database has a function ${path[0]} of its own`)
  // Also where a call with the name of a type is a cast, since no function fits better.
  refuseStoredCode(schema.routineCode(called), place.translation)
  if (call.over !== undefined) overWindow(bodyOf(call.over), place)
  const isExtreme = extremes.has(called) && !isDeclared
  if (kind !== 'aggregate' || call.over !== undefined) {
    if (kind === 'window' && call.over === undefined) throw unsupported('a window without OVER')
    const [first] = walkArguments(call, place)
    return isExtreme ? extremeOf(first) : nothingKnown
  }
  let first: Value | undefined
  const walk = (inside: Place): void => {
    first = walkArguments(call, inside)[0]
  }
  const nothing = asAggregate(place, walk, own === undefined)
  return isExtreme ? extremeOf(first) : nothing
}

function builtinKind(
  name: string,
  withinGroup: boolean,
  { stored }: Place,
): FunctionKind | undefined {
  return functionKind(name, withinGroup) ?? (stored && storedFunctionKind(name, stored))
}

/** These give one of the values that they are given, or NULL. */
const extremes: ReadonlySet<string> = new Set(['min', 'max'])

function extremeOf({ term }: Value = nothingKnown): Value {
  return { extreme: term }
}

/**
 * Walks what an aggregate is made of, and notes whose aggregate it is.
 * @param isCertain - whether it is one, and not a function that may be called in its place
 */
export function asAggregate(
  place: Place,
  walk: (inside: Place) => void,
  isCertain: boolean,
): Value {
  const seen: Resolved[] = []
  const sites: Query[] = []
  walk({ ...place, sites, seen: [...place.seen, seen] })
  const levels = levelsOf(seen, place.scope)
  for (const level of levels) level.aggregated = true
  // An aggregate of this level is given the rows that passed WHERE, before they are grouped.
  const { block } = place.scope
  const isOwn = isCertain && levels.every((level) => level === block)
  const isGivenRows = isOwn && place.sites === block.outputSites
  const where = isGivenRows ? block.rowSites : place.sites
  where.push(...sites)
  return nothingKnown
}

function ownKind(name: string, { translation: { schema } }: Place): FunctionKind {
  return schema.mayAggregate(name) ? 'aggregate' : 'plain'
}

function walkArguments(
  call: Readonly<Partial<Record<'args' | 'agg_order' | 'agg_filter', unknown>>>,
  place: Place,
): readonly Value[] {
  const values = list(call.args).map((argument) =>
    useAnyhow(place.translation, operandOrRow(argument, place)),
  )
  sortKeys(call.agg_order, place)
  optional(call.agg_filter, place)
  return values
}

/**
 * The levels whose aggregate this may be: the innermost that one of its columns belongs to. Where
 * that is not certain it counts for each, which can only take facts away.
 */
function levelsOf(seen: readonly Resolved[], scope: Scope): readonly Block[] {
  const own = scope.block
  const isOwn = seen.some(({ certain, levels }) => certain && levels[0] === own)
  if (isOwn) return [own]
  return [own, ...seen.flatMap(({ levels }) => levels).filter((level) => isOuter(level, scope))]
}

function isOuter(block: Block, scope: Scope): boolean {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    if (level.block === block) return true
  }
  return false
}
