import {
  AliasNode,
  CastNode,
  ColumnNode,
  IdentifierNode,
  type InsertQueryNode,
  type OperationNode,
  ParensNode,
  PrimitiveValueListNode,
  RawNode,
  SelectionNode,
  type SelectQueryNode,
  type SetOperationNode,
  ValueListNode,
  ValueNode,
  ValuesNode,
} from 'kysely'
import type { OwnerTable } from '../schema/declared-table.ts'

type Key = string | number | bigint

/**
 * An INSERT of rows with the tenant's key in the owner column. It stays as it is where it names that
 * column, no columns at all, or rows of an expression that cannot take one more value.
 */
export function stampInsert(insert: InsertQueryNode, owner: OwnerTable, key: Key): InsertQueryNode {
  const { defaultValues, ...given } = insert
  const column = ColumnNode.create(owner.column)
  if (defaultValues === true) {
    const row = PrimitiveValueListNode.create([key])
    return { ...given, columns: [column], values: ValuesNode.create([row]) }
  }
  const { columns, values } = insert
  if (columns === undefined || values === undefined) return insert
  if (columns.some(({ column: { name } }) => name === owner.column)) return insert
  const stamped = withKey(values, owner, key)
  return stamped === undefined
    ? insert
    : { ...insert, columns: [...columns, column], values: stamped }
}

/** Every row with one more value; `undefined` where rows are made in another way. */
function withKey(
  rows: OperationNode,
  { column, type }: OwnerTable,
  key: Key,
): OperationNode | undefined {
  if (ValuesNode.is(rows)) {
    return ValuesNode.create(
      rows.values.map((row) =>
        PrimitiveValueListNode.is(row)
          ? PrimitiveValueListNode.create([...row.values, key])
          : ValueListNode.create([...row.values, ValueNode.create(key)]),
      ),
    )
  }
  const typed = CastNode.create(ValueNode.create(key), RawNode.createWithSql(type))
  return withColumn(
    rows,
    SelectionNode.create(AliasNode.create(typed, IdentifierNode.create(column))),
  )
}

/** Queries of a UNION tell the same rows apart: each of them gets the same value. */
function withColumn(query: OperationNode, column: SelectionNode): OperationNode | undefined {
  if (ParensNode.is(query)) {
    const inside = withColumn(query.node, column)
    return inside && ParensNode.create(inside)
  }
  if (query.kind !== 'SelectQueryNode') return undefined
  // Told by its kind.
  const select = query as SelectQueryNode
  if (select.selections === undefined) return undefined
  const setOperations: SetOperationNode[] = []
  for (const operation of select.setOperations ?? []) {
    const expression = withColumn(operation.expression, column)
    if (expression === undefined) return undefined
    setOperations.push({ ...operation, expression })
  }
  const selections = [...select.selections, column]
  const stamped: SelectQueryNode =
    setOperations.length === 0
      ? { ...select, selections }
      : { ...select, selections, setOperations }
  return stamped
}
