import type { TenantContext } from '@partywall/context'
import {
  AliasNode,
  AndNode,
  BinaryOperationNode,
  ColumnNode,
  FromNode,
  type IdentifierNode,
  type OperationNode,
  OperatorNode,
  OrNode,
  ParensNode,
  ReferenceNode,
  SelectAllNode,
  SelectionNode,
  type SelectQueryNode,
  TableNode,
  ValueNode,
  WhereNode,
} from 'kysely'
import type { Relation, TenantSchema } from '../schema/tenant-schema.ts'

/** What a row must be to be read, or to be written. */
export type Purpose = 'read' | 'write'

/** Says of tables whose rows are meant, in the words of Kysely. */
export interface TenantConditions {
  /** The table of this name, where it has rows of tenants. */
  relation(table: TableNode): Relation | undefined
  /** The key of the tenant in the owner column, where it has any row there. */
  key(relation: Relation): string | number | bigint | undefined
  /** The condition that the tenant's rows of `relation` meet, which is in sight as `name`. */
  condition(relation: Relation, name: TableNode, purpose: Purpose): OperationNode | undefined
}

export function tenantConditions(
  schema: TenantSchema,
  { tenantId, env }: TenantContext,
): TenantConditions {
  function condition(
    relation: Relation,
    name: TableNode,
    purpose: Purpose,
    children: readonly Relation[] = [],
  ): OperationNode | undefined {
    const { table, live } = relation
    if (table.kind === 'owner') {
      const key = relation.tenantKey(tenantId, env)
      if (key === undefined) return undefined
      const column = columnOf(name, table.column)
      const own = equals(column, ValueNode.create(key))
      if (table.shared !== 'null' || purpose === 'write') return own
      return ParensNode.create(OrNode.create(own, isNull(column)))
    }
    if (table.kind !== 'through' || live === undefined) return undefined
    // Rows that belong to rows of their own table have no end.
    if (children.includes(relation)) return undefined
    const parts = live.through.map(({ column, parent, parentColumn }) => {
      const owner = schema.relations.get(parent)
      const [schemaName = '', parentName = ''] = parent.split('.')
      const parentTable = TableNode.createWithSchema(schemaName, parentName)
      const inside = owner && condition(owner, parentTable, 'write', [...children, relation])
      const keys = SelectionNode.create(columnOf(parentTable, parentColumn))
      return inside && among(columnOf(name, column), selectFrom(parentTable, keys, inside))
    })
    return parts.reduce((all, part) => (all && part ? AndNode.create(all, part) : undefined))
  }
  return {
    relation(table) {
      const relation = schema.relation(table.table.identifier.name, table.table.schema?.name)
      return relation?.table.kind === 'global' ? undefined : relation
    },
    key: (relation) => relation.tenantKey(tenantId, env),
    condition: (relation, name, purpose) => condition(relation, name, purpose),
  }
}

/** `(select * from table where …) as alias`. */
export function rowsWhere(
  table: TableNode,
  where: OperationNode,
  alias: IdentifierNode,
): OperationNode {
  const all = SelectionNode.create(SelectAllNode.create())
  return AliasNode.create(ParensNode.create(selectFrom(table, all, where)), alias)
}

function selectFrom(
  table: TableNode,
  selection: SelectionNode,
  where: OperationNode,
): SelectQueryNode {
  return {
    kind: 'SelectQueryNode',
    from: FromNode.create([table]),
    selections: [selection],
    where: WhereNode.create(where),
  }
}

function columnOf(table: TableNode, column: string): ReferenceNode {
  return ReferenceNode.create(ColumnNode.create(column), table)
}

function equals(left: OperationNode, right: OperationNode): OperationNode {
  return BinaryOperationNode.create(left, OperatorNode.create('='), right)
}

function among(left: OperationNode, query: OperationNode): OperationNode {
  return BinaryOperationNode.create(left, OperatorNode.create('in'), ParensNode.create(query))
}

function isNull(column: OperationNode): OperationNode {
  return BinaryOperationNode.create(
    column,
    OperatorNode.create('is'),
    ValueNode.createImmediate(null),
  )
}
