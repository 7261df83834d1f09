import { type Body, bodyOf, fields, list, only, tagged, text } from '../parse/syntax-tree.ts'
import { Unprovable, unsupported } from '../parse/unprovable.ts'
import { append } from '../proof/append.ts'
import {
  type Block,
  type Column,
  emptyBlock,
  type Leaf,
  nothingKnown,
  type Query,
  termOf,
  type Value,
  type Write,
} from '../proof/model.ts'
import { type Family, familyOf } from '../schema/column-type.ts'
import type { ThroughKey } from '../schema/live-table.ts'
import { condition } from './condition.ts'
import { joinedTo, tableOf } from './from-clause.ts'
import type { FromPart } from './from-site.ts'
import { type Item, itemOf, type Scope } from './namespace.ts'
import { translateOutputs } from './outputs.ts'
import { refuseStoredCode } from './stored-code.ts'
import { subLink } from './sub-link.ts'
import {
  constantsOf,
  type Place,
  type QuerySite,
  type Translation,
  useAnyhow,
} from './translation.ts'
import { operand, subscript } from './walk.ts'
import { translateWith } from './with-clause.ts'

/** The table that a statement writes; never a query of WITH. */
export interface Target {
  readonly part: FromPart
  readonly leaf: Leaf
  readonly item: Item
  /** The columns that say whose a row is: none for a table that is everybody's. */
  readonly owners: readonly OwnerColumn[]
}

export interface OwnerColumn {
  readonly column: string
  readonly family: Family
  /** It holds the key of a row that somebody owns, not the owner. */
  readonly key?: ThroughKey
}

export function targetOf(relation: unknown, site: QuerySite): Target {
  const { leaf, item } = tableOf(bodyOf(relation), site, site.violation, { target: true })
  const table = leaf.relation?.table
  if (table?.kind === 'global' && !table.writable) {
    const because = 'all tenants read this table; declare it writable if this may write it'
    throw new Unprovable(because, { detail: 'tenant_write' })
  }
  if (table?.kind === 'through' && leaf.relation?.live === undefined) {
    throw unsupported('a write to a table that is owned through others, without a catalogue')
  }
  refuseRewritten(leaf)
  refuseWriteCode(leaf, site)
  const part: FromPart = { tree: { kind: 'leaf', leaf }, items: [item] }
  return { part, leaf, item, owners: ownerColumnsOf(leaf) }
}

function ownerColumnsOf({ relation }: Leaf): readonly OwnerColumn[] {
  const table = relation?.table
  if (table?.kind === 'owner') return [{ column: table.column, family: familyOf(table.type) }]
  return (relation?.live?.through ?? []).map((key) => ({ ...key, key }))
}

export type WrittenValue = Pick<Write, 'value' | 'source' | 'because'>

/** Notes what becomes the owner of the rows that are written. */
export function write(
  { leaf }: Target,
  { key }: Pick<OwnerColumn, 'key'>,
  what: WrittenValue,
  block: Block,
): void {
  block.writes.push({ target: leaf, key, ...what })
}

/** A rule puts something else in the place of the statement; a generated owner is nobody's to write. */
function refuseRewritten(leaf: Leaf): void {
  const live = leaf.relation?.live
  if (live === undefined) return
  if (!live.isStored) throw unsupported('a write to what is no table of this database')
  if (live.rules.length > 0) throw unsupported('a write to a table with rules')
  const owners = ownerColumnsOf(leaf).map(({ column }) => column)
  const isMade = live.columns.some(
    ({ name, generated }) => owners.includes(name) && generated !== 'no',
  )
  if (isMade) throw unsupported('a generated owner')
}

/** What the server computes by itself for the rows that are written, and for those that follow them. */
function refuseWriteCode({ relation }: Leaf, { action, translation }: QuerySite): void {
  const code = relation?.live?.code
  if (code === undefined) return
  if (action !== 'delete') refuseStoredCode(code.write, translation)
  refuseStoredCode(code.reached, translation)
  translation.defaults.push(...[...code.defaults.values()].flat())
}

/** What the columns that a row does not list hold then. */
export function refuseDefaults(
  { relation }: Leaf,
  listed: readonly string[],
  translation: Translation,
): void {
  for (const [column, codes] of relation?.live?.code.defaults ?? []) {
    if (!listed.includes(column)) refuseStoredCode(codes, translation)
  }
}

/** What the keys that refer to the target would do to rows of others is nobody's to allow. */
export function reaches(target: Target, because: string | undefined, block: Block): void {
  if (because === undefined) return
  if (target.owners.length === 0) throw new Unprovable(because, { detail: 'tenant_write' })
  write(target, {}, { value: undefined, because }, block)
}

/** UPDATE: the target and FROM are joined under WHERE, and the owner stays the tenant. */
export function translateUpdate(body: Body, site: QuerySite): Query {
  const update = fields(body, [
    'relation',
    'targetList',
    'whereClause',
    'fromClause',
    'returningClause',
    'withClause',
  ])
  const inside = { ...site, action: 'update' }
  return changing(update, inside, update.fromClause, (target, place) => {
    const changed = list(update.targetList).map((assignment) => assign(assignment, target, place))
    reaches(target, target.leaf.relation?.live?.effects.onUpdate(changed), place.scope.block)
    return changed
  })
}

/** DELETE: the target and USING are joined under WHERE. */
export function translateDelete(body: Body, site: QuerySite): Query {
  const known = ['relation', 'usingClause', 'whereClause', 'returningClause', 'withClause'] as const
  const statement = fields(body, known)
  return changing(
    statement,
    { ...site, action: 'delete' },
    statement.usingClause,
    (target, place) => {
      reaches(target, target.leaf.relation?.live?.effects.onDelete(), place.scope.block)
      place.scope.block.gone = true
      return undefined
    },
  )
}

function changing(
  statement: Readonly<
    Partial<Record<'relation' | 'whereClause' | 'returningClause' | 'withClause', unknown>>
  >,
  site: QuerySite,
  from: unknown,
  change: (target: Target, place: Place) => readonly string[] | undefined,
): Block {
  const block = emptyBlock()
  const ctes = translateWith(statement.withClause, site)
  const inside = { ...site, ctes: ctes.scope }
  const target = targetOf(statement.relation, inside)
  const whole = joinedTo(target.part, list(from), inside, block)
  block.from = whole.tree
  const scope: Scope = { parent: site.parent, items: whole.items, block }
  const row: Place = { ...inside, scope, sites: block.rowSites }
  append(block.where, condition(statement.whereClause, row).facts ?? [])
  const changed = change(target, row)
  const after = changed === undefined ? scope : afterwards(scope, target, changed)
  const output = { ...row, scope: after, sites: block.outputSites }
  // The row before the change is the one that passed WHERE: what was not changed is in both.
  const before = output.scope.items.find(({ leaf }) => leaf === target.leaf)
  returning(statement.returningClause, { ...target, before }, output, block)
  block.outerSites.push(...ctes.unreferenced())
  return block
}

/**
 * `column = value`, in UPDATE and in ON CONFLICT DO UPDATE; gives the column. An owner is known to be the
 * tenant's where it is that of the row which was to be inserted: that row is proved by itself.
 */
export function assign(
  node: unknown,
  target: Target,
  place: Place,
  inserted?: ReadonlyMap<string, Value>,
): string {
  const assignment = fields(only(node, 'ResTarget'), ['name', 'indirection', 'val'])
  const steps = list(assignment.indirection)
  for (const step of steps) subscript(step, place)
  const value = assigned(assignment.val, place)
  const column = text(assignment.name)
  const owner = target.owners.find((each) => each.column === column)
  if (owner === undefined || (steps.length === 0 && value === inserted?.get(column))) {
    useAnyhow(place.translation, value)
    return column
  }
  const written = steps.length > 0 ? nothingKnown : typed(value, owner.family, place)
  // What is set to itself stays what the row was proved by.
  const isSame = written.term === termOf(target.leaf, column, owner.family)
  if (!isSame) write(target, owner, keyOrOwner(owner, written), place.scope.block)
  return column
}

/** A key may be the one that a query finds: where it finds none, the column refuses NULL. */
export function keyOrOwner({ key }: OwnerColumn, value: Value | undefined): WrittenValue {
  const found = key === undefined ? undefined : value?.found
  return found === undefined ? { value } : { value, source: [found.query, found.position] }
}

function assigned(val: unknown, place: Place): Value {
  const [tag, body] = tagged(val)
  if (tag !== 'MultiAssignRef') return operand(val, place)
  const { source, colno, ncolumns } = fields(body, ['source', 'colno', 'ncolumns'])
  const position = Number(colno) - 1
  const [inner, row] = tagged(source)
  if (inner === 'SubLink') return subLink(row, place, position)
  const values = list(fields(only(source, 'RowExpr'), ['args', 'row_format']).args)
  if (values.length !== ncolumns)
    throw unsupported('a row of other columns than those that are set')
  return operand(values[position], place)
}

/** A value as it is written into an owner column. */
export function typed(value: Value, family: Family, place: Place): Value {
  if (value.term !== undefined) return value.term.family === family ? value : nothingKnown
  if (value.found !== undefined) return value
  return { constants: constantsOf(place.translation, value, family) }
}

/**
 * RETURNING: beside the target it knows `old` and `new`, or what WITH calls them. Nothing is said but
 * their columns: only UPDATE and DELETE know what was there `before`.
 */
export function returning(
  clause: unknown,
  { item, before }: Pick<Target, 'item'> & { readonly before?: Item | undefined },
  place: Place,
  block: Block,
): void {
  if (clause === undefined) return
  const { exprs, options } = fields(bodyOf(clause), ['exprs', 'options'])
  const { scope } = place
  const columns = item.positions?.map(([name]): Column => [name, nothingKnown])
  const [old, later] = stateNames(options)
  const states = [
    { ...itemOf(old, before?.positions ?? columns, before?.known), open: item.open },
    { ...itemOf(later, columns), open: item.open },
  ]
  const level: Scope = { ...scope, parent: { parent: scope.parent, items: states, block } }
  block.outputs = translateOutputs(exprs, { ...place, scope: level })
}

/** The names of the row before and after the change: one that is renamed has its own no more. */
function stateNames(options: unknown): readonly [old: string, later: string] {
  const given = new Map(
    list(options).map((node) => {
      const { option, value } = fields(only(node, 'ReturningOption'), ['option', 'value'])
      return [option, text(value)]
    }),
  )
  return [given.get('RETURNING_OPTION_OLD') ?? 'old', given.get('RETURNING_OPTION_NEW') ?? 'new']
}

/**
 * After a change the target's columns may hold anything, but the owner stays, and so does what was
 * not assigned, where the catalogue tells that nobody computes it.
 */
export function afterwards(
  scope: Scope,
  { item, leaf, owners }: Target,
  changed?: readonly string[],
): Scope {
  const kept = new Set(owners.filter(({ key }) => key === undefined).map(({ column }) => column))
  for (const { name, generated } of leaf.relation?.live?.columns ?? []) {
    const isPlain = generated === 'no' || generated.startsWith('identity')
    if (isPlain && changed?.includes(name) === false) kept.add(name)
  }
  const isKept = (name: string | undefined): boolean => name !== undefined && kept.has(name)
  const after: Item = {
    ...item,
    positions: item.positions?.map(
      ([name, value]): Column => [name, isKept(name) ? value : nothingKnown],
    ),
    known: new Map([...item.known].filter(([name]) => isKept(name))),
  }
  return { ...scope, items: scope.items.map((each) => (each === item ? after : each)) }
}
