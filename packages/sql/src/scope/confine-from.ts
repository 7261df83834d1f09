import { AndNode, type JoinNode, OnNode, type OperationNode, ParensNode } from 'kysely'

/** What FROM or USING of a statement names, and what is joined to it. */
export interface FromClause {
  readonly items: readonly OperationNode[]
  readonly joins: readonly JoinNode[]
}

/** The rows of the tenant in one table of FROM. */
export interface OwnRows {
  /** Holds for them alone, where the table is in sight. */
  readonly condition: OperationNode
  /** Stands in the place of the table. */
  subselect(): OperationNode
}

export interface ConfinedFrom extends FromClause {
  /** Conditions that belong to WHERE. */
  readonly where: readonly OperationNode[]
}

/**
 * Means what FROM would mean if each table that has `own` rows held those alone. A condition stands in
 * ON or WHERE wherever that is the same, since a table loses its schema, its key and its system columns
 * in a subselect. It is not the same where a FULL JOIN keeps what its ON refuses.
 */
export function confineFrom(
  { items, joins }: FromClause,
  own: (item: OperationNode) => OwnRows | undefined,
): ConfinedFrom {
  const where: OperationNode[] = []
  // Of tables to the left of the next join whose rows no clause has filtered yet.
  const open: OperationNode[] = []

  function filtered(
    item: OperationNode,
    joinsAfter: readonly JoinNode[],
    conditions: OperationNode[],
  ): OperationNode {
    const rows = own(item)
    if (rows === undefined) return item
    if (reachesFullJoin(joinsAfter)) return rows.subselect()
    conditions.push(rows.condition)
    return item
  }

  function joined(join: JoinNode, index: number): JoinNode {
    const { joinType, table } = join
    const joinsAfter = joins.slice(index + 1)
    if (joinType === 'InnerJoin' || joinType === 'LeftJoin') {
      const rows = own(table)
      return rows === undefined ? join : withOn(join, [rows.condition])
    }
    if (joinType === 'RightJoin') {
      // The tables to the left are its nullable side: for them WHERE comes too late.
      const right = withOn(join, open.splice(0))
      return { ...right, table: filtered(table, joinsAfter, open) }
    }
    if (joinType === 'CrossJoin') return { ...join, table: filtered(table, joinsAfter, open) }
    return { ...join, table: own(table)?.subselect() ?? table }
  }

  const last = items.length - 1
  return {
    // Joins bind closer than the comma: they belong to the last item.
    items: items.map((item, index) =>
      index === last ? filtered(item, joins, open) : filtered(item, [], where),
    ),
    joins: joins.map(joined),
    where: [...where, ...open],
  }
}

/** Whether rows meet a FULL JOIN before the ON of a RIGHT JOIN can filter them. */
function reachesFullJoin(joins: readonly JoinNode[]): boolean {
  const next = joins.find(({ joinType }) => joinType === 'FullJoin' || joinType === 'RightJoin')
  return next?.joinType === 'FullJoin'
}

function withOn(join: JoinNode, conditions: readonly OperationNode[]): JoinNode {
  const on = allOf(join.on?.on, conditions)
  return on === undefined ? join : { ...join, on: OnNode.create(on) }
}

/**
 * What is given, which may hold an OR, and the conditions that it does not say yet: a query that was built
 * with the plugin and stands in another one comes by twice.
 */
export function allOf(
  given: OperationNode | undefined,
  conditions: readonly OperationNode[],
): OperationNode | undefined {
  const [first, ...rest] = conditions.filter((each) => !says(given, each))
  if (first === undefined) return given
  const begin = given === undefined ? first : AndNode.create(ParensNode.create(given), first)
  return rest.reduce((all, each) => AndNode.create(all, each), begin)
}

function says(given: OperationNode | undefined, condition: OperationNode): boolean {
  if (given === undefined) return false
  if (isSame(given, condition)) return true
  if (ParensNode.is(given)) return says(given.node, condition)
  return AndNode.is(given) && (says(given.left, condition) || says(given.right, condition))
}

/** Kysely leaves a part out or has it `undefined`. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (!isParts(one) || !isParts(other)) return false
  return Object.keys({ ...one, ...other }).every((part) => isSame(one[part], other[part]))
}

function isParts(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
