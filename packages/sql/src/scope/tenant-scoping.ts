import {
  AliasNode,
  AndNode,
  CastNode,
  ColumnNode,
  type CommonTableExpressionNode,
  type DeleteQueryNode,
  type FromNode,
  IdentifierNode,
  type InsertQueryNode,
  type JoinNode,
  type MergeQueryNode,
  type OperationNode,
  OperationNodeTransformer,
  ParensNode,
  PrimitiveValueListNode,
  RawNode,
  SelectionNode,
  type SelectQueryNode,
  TableNode,
  type UpdateQueryNode,
  type UsingNode,
  ValueListNode,
  ValueNode,
  ValuesNode,
  WhereNode,
  type WithNode,
} from 'kysely'
import { SqlGuardError } from '../guard/sql-guard-error.ts'
import type { OwnerTable, Relation } from '../schema/tenant-schema.ts'
import type { TenantConditions } from './tenant-conditions.ts'

/** Queries that may begin with WITH. */
type Statement = SelectQueryNode | InsertQueryNode | UpdateQueryNode | DeleteQueryNode

/**
 * Rewrites a query so that it means the rows of one tenant. Where it does not know how, it leaves the
 * query as it is: it is not trusted, the guard proves what comes out.
 */
export class TenantScoping extends OperationNodeTransformer {
  readonly #conditions: TenantConditions
  /** Queries of WITH that are in sight: their names mean no table. */
  #named: ReadonlySet<string> = new Set()
  /** What DELETE FROM names. */
  #target: FromNode | undefined

  constructor(conditions: TenantConditions) {
    super()
    this.#conditions = conditions
  }

  protected override transformSelectQuery(node: SelectQueryNode): SelectQueryNode {
    return this.#withNames(node, () => super.transformSelectQuery(node))
  }

  protected override transformInsertQuery(node: InsertQueryNode): InsertQueryNode {
    return this.#withNames(node, () => this.#stamped(super.transformInsertQuery(node)))
  }

  protected override transformUpdateQuery(node: UpdateQueryNode): UpdateQueryNode {
    return this.#withNames(node, () => {
      const update = super.transformUpdateQuery(node)
      return { ...update, ...this.#confined(update.table, update.where) }
    })
  }

  protected override transformDeleteQuery(node: DeleteQueryNode): DeleteQueryNode {
    return this.#withNames(node, () => {
      this.#target = node.from
      const removal = super.transformDeleteQuery(node)
      const [target, ...others] = removal.from.froms
      if (others.length > 0) return removal
      return { ...removal, ...this.#confined(target, removal.where) }
    })
  }

  protected override transformMergeQuery(_node: MergeQueryNode): MergeQueryNode {
    throw new SqlGuardError(
      'sql.unscoped',
      'MERGE cannot be scoped to a tenant: name the owner column in it yourself, without the plugin',
    )
  }

  protected override transformFrom(node: FromNode): FromNode {
    if (node === this.#target) return super.transformFrom(node)
    return { ...node, froms: node.froms.map((item) => this.#ownRows(item)) }
  }

  protected override transformUsing(node: UsingNode): UsingNode {
    return { ...node, tables: node.tables.map((item) => this.#ownRows(item)) }
  }

  protected override transformJoin(node: JoinNode): JoinNode {
    const join = super.transformJoin(node)
    return { ...join, table: this.#ownRows(node.table) }
  }

  /** A query of WITH sees those before it, and with RECURSIVE all of them. */
  protected override transformWith(node: WithNode): WithNode {
    const all = this.#named
    const hidden = new Set(node.recursive === true ? [] : node.expressions.map(nameOf))
    const outer = new Set([...all].filter((name) => !hidden.has(name)))
    const expressions = node.expressions.map((expression) => {
      this.#named = node.recursive === true ? all : outer
      const scoped = this.transformNode(expression)
      outer.add(nameOf(expression))
      return scoped
    })
    this.#named = all
    return { ...node, expressions }
  }

  #withNames<Node extends Statement>(node: Node, transform: () => Node): Node {
    const outer = this.#named
    this.#named = new Set([...outer, ...(node.with?.expressions ?? []).map(nameOf)])
    try {
      return transform()
    } finally {
      this.#named = outer
    }
  }

  /** The rows of the tenant in the place of a table, also on the nullable side of a join. */
  #ownRows(item: OperationNode): OperationNode {
    const named = this.#tableIn(item)
    const own = named && this.#conditions.ownRows(named.relation, named.table, named.alias)
    return own ?? this.transformNode(item)
  }

  /** The condition beside the one that is there. */
  #confined(
    target: OperationNode | undefined,
    where: WhereNode | undefined,
  ): { readonly where?: WhereNode } {
    const named = target && this.#tableIn(target)
    const own = named && this.#conditions.condition(named.relation, named.alias, 'write')
    if (own === undefined) return {}
    if (where === undefined) return { where: WhereNode.create(own) }
    return { where: WhereNode.create(AndNode.create(ParensNode.create(where.where), own)) }
  }

  #tableIn(item: OperationNode): Named | undefined {
    const table = AliasNode.is(item) ? item.node : item
    if (!TableNode.is(table)) return undefined
    const { identifier, schema } = table.table
    if (schema === undefined && this.#named.has(identifier.name)) return undefined
    const relation = this.#conditions.relation(table)
    if (relation === undefined) return undefined
    const alias = AliasNode.is(item) ? item.alias : identifier
    return IdentifierNode.is(alias) ? { relation, table, alias: alias.name } : undefined
  }

  /** The owner column with the tenant's key, where the statement does not name it. */
  #stamped(insert: InsertQueryNode): InsertQueryNode {
    const { into, columns, values } = insert
    const relation = into && this.#conditions.relation(into)
    const owner = relation?.table.kind === 'owner' ? relation.table : undefined
    const key = relation && this.#conditions.key(relation)
    const isNamed = columns?.some(({ column }) => column.name === owner?.column) === true
    if (owner === undefined || key === undefined || columns === undefined || isNamed) return insert
    const stamped = values && withKey(values, key, owner)
    if (stamped === undefined) return insert
    return { ...insert, columns: [...columns, ColumnNode.create(owner.column)], values: stamped }
  }
}

interface Named {
  readonly relation: Relation
  readonly table: TableNode
  readonly alias: string
}

type Key = string | number | bigint

/** Every row with one more value; `undefined` where rows are made in another way. */
function withKey(
  values: OperationNode,
  key: Key,
  { column, type }: OwnerTable,
): OperationNode | undefined {
  if (ValuesNode.is(values)) {
    return ValuesNode.create(
      values.values.map((row) =>
        PrimitiveValueListNode.is(row)
          ? PrimitiveValueListNode.create([...row.values, key])
          : ValueListNode.create([...row.values, ValueNode.create(key)]),
      ),
    )
  }
  if (values.kind !== 'SelectQueryNode') return undefined
  // Told by its kind.
  const select = values as SelectQueryNode
  if (select.setOperations !== undefined || select.selections === undefined) return undefined
  const typed = CastNode.create(ValueNode.create(key), RawNode.createWithSql(type))
  const owner = SelectionNode.create(AliasNode.create(typed, IdentifierNode.create(column)))
  const stamped: SelectQueryNode = { ...select, selections: [...select.selections, owner] }
  return stamped
}

function nameOf({ name }: CommonTableExpressionNode): string {
  return name.table.table.identifier.name
}
