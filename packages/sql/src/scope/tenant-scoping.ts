import {
  AliasNode,
  type CommonTableExpressionNode,
  type DeleteQueryNode,
  FromNode,
  IdentifierNode,
  type InsertQueryNode,
  type JoinNode,
  type MergeQueryNode,
  type OperationNode,
  OperationNodeTransformer,
  type SelectQueryNode,
  TableNode,
  type UpdateQueryNode,
  UsingNode,
  WhereNode,
  type WithNode,
} from 'kysely'
import { SqlGuardError } from '../guard/sql-guard-error.ts'
import type { Relation } from '../schema/tenant-schema.ts'
import { allOf, type ConfinedFrom, confineFrom } from './confine-from.ts'
import { stampInsert } from './stamp-insert.ts'
import { rowsWhere, type TenantConditions } from './tenant-conditions.ts'

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

  constructor(conditions: TenantConditions) {
    super()
    this.#conditions = conditions
  }

  protected override transformSelectQuery(node: SelectQueryNode): SelectQueryNode {
    return this.#withNames(node, () => {
      const select = super.transformSelectQuery(node)
      if (select.from === undefined) return select
      const { items, joins, where } = this.#confined(select.from.froms, select.joins)
      return { ...select, from: FromNode.create(items), ...joins, ...filtered(select, where) }
    })
  }

  protected override transformInsertQuery(node: InsertQueryNode): InsertQueryNode {
    return this.#withNames(node, () => {
      const insert = super.transformInsertQuery(node)
      const target = insert.into && this.#tableIn(insert.into)
      const key = target && this.#conditions.key(target.relation)
      const { table } = target?.relation ?? {}
      if (table?.kind !== 'owner' || key === undefined) return insert
      return stampInsert(insert, table, key)
    })
  }

  protected override transformUpdateQuery(node: UpdateQueryNode): UpdateQueryNode {
    return this.#withNames(node, () => {
      const update = super.transformUpdateQuery(node)
      const own = this.#ownOf(update.table)
      if (update.from === undefined) return { ...update, ...filtered(update, own) }
      const { items, joins, where } = this.#confined(update.from.froms, update.joins)
      const from = FromNode.create(items)
      return { ...update, from, ...joins, ...filtered(update, [...own, ...where]) }
    })
  }

  protected override transformDeleteQuery(node: DeleteQueryNode): DeleteQueryNode {
    return this.#withNames(node, () => {
      const removal = super.transformDeleteQuery(node)
      const own = this.#ownOf(removal.from.froms[0])
      if (removal.using === undefined) return { ...removal, ...filtered(removal, own) }
      const { items, joins, where } = this.#confined(removal.using.tables, removal.joins)
      const using = UsingNode.create(items)
      return { ...removal, using, ...joins, ...filtered(removal, [...own, ...where]) }
    })
  }

  protected override transformMergeQuery(_node: MergeQueryNode): MergeQueryNode {
    throw unscoped(
      'MERGE cannot be scoped to a tenant: name the owner column in it yourself, without the plugin',
    )
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

  #confined(items: readonly OperationNode[], given: readonly JoinNode[] = []): Confined {
    const { joins, ...from } = confineFrom({ items, joins: given }, (item) => {
      const named = this.#tableIn(item)
      if (named === undefined || this.#isOfWith(named.table)) return undefined
      const condition = this.#conditions.condition(named.relation, named.name, 'read')
      return condition && { condition, subselect: () => this.#subselect(named) }
    })
    return { ...from, joins: joins.length === 0 ? {} : { joins } }
  }

  #subselect({ relation, table, name }: Named): OperationNode {
    if (name.table.schema !== undefined) {
      throw unscoped(
        'a FULL JOIN of a table that is named with its schema cannot be scoped to a tenant: give it an alias',
      )
    }
    const condition = this.#conditions.condition(relation, table, 'read')
    return condition === undefined ? table : rowsWhere(table, condition, name.table.identifier)
  }

  /** The condition on the table that UPDATE and DELETE name, which is no query of WITH. */
  #ownOf(target: OperationNode | undefined): readonly OperationNode[] {
    const named = target && this.#tableIn(target)
    const own = named && this.#conditions.condition(named.relation, named.name, 'write')
    return own === undefined ? [] : [own]
  }

  #isOfWith({ table }: TableNode): boolean {
    return table.schema === undefined && this.#named.has(table.identifier.name)
  }

  #tableIn(item: OperationNode): Named | undefined {
    const table = AliasNode.is(item) ? item.node : item
    if (!TableNode.is(table)) return undefined
    const relation = this.#conditions.relation(table)
    if (relation === undefined) return undefined
    if (!AliasNode.is(item)) return { relation, table, name: table }
    const { alias } = item
    return IdentifierNode.is(alias)
      ? { relation, table, name: TableNode.create(alias.name) }
      : undefined
  }
}

interface Named {
  readonly relation: Relation
  readonly table: TableNode
  /** What columns are named by. */
  readonly name: TableNode
}

interface Confined extends Pick<ConfinedFrom, 'items' | 'where'> {
  readonly joins: Pick<SelectQueryNode, 'joins'>
}

function filtered(
  { where }: { readonly where?: WhereNode },
  conditions: readonly OperationNode[],
): { readonly where?: WhereNode } {
  const all = allOf(where?.where, conditions)
  return all === undefined ? {} : { where: WhereNode.create(all) }
}

function nameOf({ name }: CommonTableExpressionNode): string {
  return name.table.table.identifier.name
}

function unscoped(message: string): SqlGuardError {
  return new SqlGuardError('sql.unscoped', message)
}
