import type { Inspection } from '../row-security/inspection.ts'
import { listed, qualified, quoted } from '../row-security/quoted.ts'
import type { TableReference } from '../row-security/security-catalogue.ts'
import type { ForeignKey, ReferentialAction } from '../schema/catalogue.ts'
import type { Reference } from '../schema/table-graph.ts'

const actions: Readonly<Record<ReferentialAction, string>> = {
  no_action: 'NO ACTION',
  restrict: 'RESTRICT',
  cascade: 'CASCADE',
  set_null: 'SET NULL',
  set_default: 'SET DEFAULT',
}

/** SET NULL can name the columns that it empties since then. */
const clearingSince = 150_000

/** Takes a foreign key away. */
export function withoutKey({ from, foreignKey }: Reference, { graph }: Inspection): string {
  const table = graph.table(from)
  const name = table === undefined ? quoted(from) : qualified(table)
  return `ALTER TABLE ${name} DROP CONSTRAINT ${quoted(foreignKey.name)}`
}

/**
 * Adds a foreign key again that compares owners too; `undefined` where one of the tables has no owner
 * column, or where rows without an owner may be referred to, or parts of a time.
 */
export function pairedKey(
  { from, foreignKey }: Reference,
  inspection: Inspection,
): readonly string[] | undefined {
  const { graph, declaredAs, security } = inspection
  const [child, parent] = [graph.table(from), graph.table(foreignKey.references)]
  const [own, other] = [declaredAs(from)?.table, declaredAs(foreignKey.references)?.table]
  if (child === undefined || parent === undefined) return undefined
  if (own?.kind !== 'owner' || other?.kind !== 'owner' || other.shared !== undefined)
    return undefined
  const { columns, referencedColumns } = bare(foreignKey, own.column, other.column)
  const reference = security(from)?.references.find(({ name }) => name === foreignKey.name)
  if (reference === undefined || reference.period) return undefined
  const deferring = reference.deferrable
    ? ` DEFERRABLE${reference.deferred ? ' INITIALLY DEFERRED' : ''}`
    : ''
  const added = `ALTER TABLE ${qualified(child)} ADD CONSTRAINT`
  return [
    `${added} ${quoted(foreignKey.name)} FOREIGN KEY (${listed([own.column, ...columns])}) ` +
      `REFERENCES ${qualified(parent)} (${listed([other.column, ...referencedColumns])})` +
      `${actionsOf(foreignKey, columns, inspection)}${deferring}${asFarAs(reference)}`,
    // The owner is there also where the others are NULL: MATCH FULL would not have that.
    ...(reference.full && columns.length > 1
      ? [
          `${added} ${quoted(`${foreignKey.name}_full`)} ` +
            `CHECK (num_nulls(${listed(columns)}) IN (0, ${columns.length}))${asFarAs(reference)}`,
        ]
      : []),
  ]
}

/** For which rows a constraint holds, if at all. */
function asFarAs({ validated, enforced }: TableReference): string {
  if (!enforced) return ' NOT ENFORCED'
  return validated ? '' : ' NOT VALID'
}

/** The columns of a foreign key beside the owners. */
export function bare(
  { columns, referencedColumns }: ForeignKey,
  owner: string,
  otherOwner: string,
): Pick<ForeignKey, 'columns' | 'referencedColumns'> {
  const pairs = columns.map((column, i) => [column, referencedColumns[i] ?? ''] as const)
  const kept = pairs.filter(([column, other]) => column !== owner && other !== otherOwner)
  return {
    columns: kept.map(([column]) => column),
    referencedColumns: kept.map(([, other]) => other),
  }
}

/** The owner itself must never be emptied: where that cannot be said, nothing is done. */
function actionsOf(
  { onUpdate, onDelete }: ForeignKey,
  columns: readonly string[],
  { catalogue }: Inspection,
): string {
  const empties = (action: ReferentialAction): boolean =>
    action === 'set_null' || action === 'set_default'
  const canClear = catalogue.serverVersion >= clearingSince
  const update = empties(onUpdate) ? 'NO ACTION' : actions[onUpdate]
  const cleared = empties(onDelete) ? ` (${listed(columns)})` : ''
  const remove = cleared !== '' && !canClear ? 'NO ACTION' : `${actions[onDelete]}${cleared}`
  return ` ON UPDATE ${update} ON DELETE ${remove}`
}
