import type { Finding } from '../row-security/finding.ts'
import { hasItsOwner, type Inspection, isTable } from '../row-security/inspection.ts'
import { qualified, quoted } from '../row-security/quoted.ts'
import type { TableSecurity } from '../row-security/security-catalogue.ts'
import type { CatalogueColumn, CatalogueTable } from '../schema/catalogue.ts'
import type { OwnerTable, ThroughTable } from '../schema/declared-table.ts'
import { isTrusted } from '../schema/live-schema.ts'
import type { Relation } from '../schema/tenant-schema.ts'
import { throughKeys } from '../schema/through-keys.ts'
import { keyOfOwners, ownersOf } from './undeclared-findings.ts'

/** Where the declarations and the database say different things. */
export function declarationFindings(inspection: Inspection): readonly Finding[] {
  return [...inspection.declared.relations]
    .flatMap(([key, relation]): readonly Finding[] => {
      const table = inspection.graph.table(key)
      if (table === undefined) return [contradiction(key, `${key} is declared, and does not exist`)]
      if (!isTable(table)) {
        const reason = `${key} is no table: declare the tables that it reads, or that you vouch for it`
        const isVouchedFor = isTrusted(relation.table) && table.kind !== 'view'
        return isVouchedFor ? [] : [contradiction(key, reason)]
      }
      if (relation.table.kind === 'owner') {
        return ownerFindings(key, relation.table, { table, security: inspection.security(key) })
      }
      if (relation.table.kind === 'through') {
        return throughFindings(key, { table, through: relation.table, inspection })
      }
      return sharedFindings(key, table, inspection)
    })
    .concat(childFindings(inspection))
}

function contradiction(object: string, reason: string, mend: readonly string[] = []): Finding {
  return { rule: 'declaration-contradicts', severity: 'HIGH', object, reason, mend }
}

/** What is declared as everybody's, and looks like somebody's. */
function sharedFindings(
  key: string,
  table: CatalogueTable,
  inspection: Inspection,
): readonly Finding[] {
  const owner = ownersOf(inspection.declared).find(({ column }) =>
    table.columns.some(({ name }) => name === column),
  )?.column
  const referred = keyOfOwners(key, inspection)
  const column = owner ?? referred
  if (column === undefined) return []
  const says =
    owner === undefined ? `owner columns refer to its ${referred}` : `has the column ${owner}`
  const reason = `${key} is declared as global(), and ${says}: if its rows belong to tenants, declare it as owner('${column}')`
  return [{ ...contradiction(key, reason), severity: 'MEDIUM' }]
}

/** Integers and uuids are no form of each other. */
const numbers = ['int2', 'int4', 'int8']

function ownerFindings(
  key: string,
  declared: OwnerTable,
  {
    table,
    security,
  }: { readonly table: CatalogueTable; readonly security: TableSecurity | undefined },
): readonly Finding[] {
  const { column, type, shared } = declared
  const found = table.columns.find(({ name }) => name === column)
  const alter = `ALTER TABLE ${qualified(table)}`
  if (found === undefined) {
    return [
      {
        rule: 'table-without-owner',
        severity: 'HIGH',
        object: key,
        reason: `${key} is declared to have the owner column ${column}, and has none: fill it after it was added`,
        mend: [`${alter} ADD COLUMN ${quoted(column)} ${type}`],
      },
    ]
  }
  const findings: Finding[] = []
  const name = quoted(column)
  if (!hasItsOwner(declared, table)) {
    const says = `${column} of ${key} is of type ${found.type}${found.deterministic ? '' : ' with a nondeterministic collation'}, declared as ${type}: nothing can be proved of it`
    const obstacle = obstacleOf(declared, found, security)
    const collation = type === 'text' || type === 'varchar' ? ' COLLATE "C"' : ''
    const change = `${alter} ALTER COLUMN ${name} TYPE ${type}${collation} USING ${name}::${type}`
    findings.push({
      rule: 'owner-type',
      severity: 'HIGH',
      object: `${key} ${column}`,
      reason: obstacle === undefined ? says : `${says}; ${obstacle}`,
      mend: obstacle === undefined ? [change] : [],
    })
  }
  const isChecked = found.notNull && security?.unvalidated.includes(column) !== true
  if (!isChecked && shared === undefined) {
    findings.push({
      rule: 'owner-nullable',
      severity: 'MEDIUM',
      object: `${key} ${column}`,
      reason: `rows of ${key} may have no owner: keys with a NULL in them bind nobody; give each row its owner first, or declare { shared: 'null' } if those without one are everybody's`,
      mend: [`${alter} ALTER COLUMN ${name} SET NOT NULL`],
    })
  }
  return findings
}

/** Why the type of an owner column cannot just be changed. */
function obstacleOf(
  { column, type }: OwnerTable,
  found: CatalogueColumn,
  security: TableSecurity | undefined,
): string | undefined {
  const isNumber = numbers.includes(type)
  if ((found.type === 'uuid' && isNumber) || (numbers.includes(found.type) && type === 'uuid')) {
    return 'declare it as it is'
  }
  const users = security?.columnUsers.filter((each) => each.column === column) ?? []
  if (users.length === 0) return undefined
  return `before it can be changed, drop what is made of it, and make it again afterwards: ${users.map(({ user }) => user).join(', ')}`
}

function throughFindings(
  key: string,
  {
    table,
    through,
    inspection,
  }: {
    readonly table: CatalogueTable
    readonly through: ThroughTable
    readonly inspection: Inspection
  },
): readonly Finding[] {
  const { graph, declared, security } = inspection
  return through.through.flatMap((column): readonly Finding[] => {
    const { problems } = throughKeys(table, [column], graph, (name) => declared.relations.get(name))
    const isUnchecked = security(key)?.unvalidated.includes(column) === true
    const [
      problem = isUnchecked ? `${key}: ${column} may be NULL in rows from before` : undefined,
    ] = problems
    if (problem === undefined) return []
    const alter = `ALTER TABLE ${qualified(table)}`
    const mend: string[] = []
    const found = table.columns.find(({ name }) => name === column)
    const isNullable = found?.notNull === false || isUnchecked
    if (isNullable) mend.push(`${alter} ALTER COLUMN ${quoted(column)} SET NOT NULL`)
    for (const foreignKey of table.foreignKeys) {
      if (foreignKey.columns.length !== 1 || foreignKey.columns[0] !== column) continue
      if (foreignKey.holds) continue
      const name = quoted(foreignKey.name)
      const reference = security(key)?.references.find((each) => each.name === foreignKey.name)
      if (reference?.deferrable === true)
        mend.push(`${alter} ALTER CONSTRAINT ${name} NOT DEFERRABLE`)
      if (reference?.validated === false) mend.push(`${alter} VALIDATE CONSTRAINT ${name}`)
    }
    const first = isNullable ? '; rows in which it is NULL must refer to one, or go, first' : ''
    return [contradiction(`${key} ${column}`, `${problem}${first}`, mend)]
  })
}

/** Rows of a child are read with those of the table that it inherits from. */
function childFindings({ declared, graph }: Inspection): readonly Finding[] {
  return [...declared.relations].flatMap(([key, { table, tenantKey }]) =>
    graph
      .family(key)
      .slice(1)
      .flatMap((child): readonly Finding[] => {
        const name = `${child.schema}.${child.name}`
        const own = declared.relations.get(name)
        const isAlike =
          own === undefined
            ? table.kind !== 'global' || graph.table(key)?.kind !== 'table'
            : own.table.kind === table.kind &&
              own.tenantKey === tenantKey &&
              ownerOf(own.table) === ownerOf(table)
        return isAlike
          ? []
          : [contradiction(name, `${name} is a child of ${key}: declare it alike`)]
      }),
  )
}

function ownerOf(table: Relation['table']): string | undefined {
  return table.kind === 'owner' ? table.column : undefined
}
