import { keyOf } from '../schema/table-graph.ts'
import type { Finding } from './finding.ts'
import type { Inspection } from './inspection.ts'
import { listed, qualified, quoted } from './quoted.ts'
import { type ServingRole, waysTo } from './roles.ts'
import type { DatabaseRole, TableSecurity } from './security-catalogue.ts'

/** A role of its own for the tables, so that nobody who serves tenants owns them. */
const ownerRole = 'partywall_owner'

/** Roles for which no policy holds, or who can switch policies off. */
export function roleFindings(inspection: Inspection): readonly Finding[] {
  return inspection.serving.flatMap((role) => [
    ...[...role.reaches.values()].flatMap((target) => privileges(role, target, inspection)),
    ...ownership(role, inspection),
    ...schemaOwnership(role, inspection),
  ])
}

/** Roles of the server's own that read and write its files are as good as a superuser. */
const mighty = new Set([
  'pg_execute_server_program',
  'pg_read_server_files',
  'pg_write_server_files',
])

function privileges(
  role: ServingRole,
  target: DatabaseRole,
  inspection: Inspection,
): readonly Finding[] {
  const isSuper = target.superuser || mighty.has(target.name)
  if (!isSuper && !target.bypasses && !target.replicates) return []
  const rule = isSuper ? 'role-is-superuser' : 'role-bypasses-row-security'
  if (target.name !== role.name) {
    const reason = `${role.name} is a member of ${target.name}, and can take its place: no policy holds then`
    const mend = revoked(role, target.name, inspection)
    return [{ rule, severity: 'CRITICAL', object: `${role.name} as ${target.name}`, reason, mend }]
  }
  const says =
    isSuper || target.bypasses
      ? `no policy holds for ${role.name}`
      : `${role.name} can have all that is written replicated to it, and no policy holds then`
  const reason = `${says}${role.bootstrap ? ': serve tenants by another role' : ''}`
  // The cluster's first role cannot give it up.
  const mend = role.bootstrap
    ? []
    : [`ALTER ROLE ${quoted(role.name)} ${attributesOf(target, isSuper)}`]
  return [{ rule, severity: 'CRITICAL', object: role.name, reason, mend }]
}

function attributesOf({ bypasses, replicates }: DatabaseRole, isSuper: boolean): string {
  if (isSuper) return 'NOSUPERUSER'
  return [bypasses ? ['NOBYPASSRLS'] : [], replicates ? ['NOREPLICATION'] : []].flat().join(' ')
}

/** The role that is whoever owns the database. */
const databaseOwner = 'pg_database_owner'

/** Takes from a role what it can be by its memberships. */
export function revoked(
  role: ServingRole,
  target: string,
  { catalogue }: Inspection,
): readonly string[] {
  return waysTo(role, target, catalogue).flatMap((way) => {
    if (way !== databaseOwner) return [`REVOKE ${quoted(way)} FROM ${quoted(role.name)}`]
    const database = quoted(catalogue.database)
    return [
      madeOwner,
      `ALTER DATABASE ${database} OWNER TO ${quoted(ownerRole)}`,
      `GRANT CONNECT ON DATABASE ${database} TO ${quoted(role.name)}`,
    ]
  })
}

function ownership(role: ServingRole, inspection: Inspection): readonly Finding[] {
  const { catalogue, isOwned } = inspection
  const tables = catalogue.security.filter((table) => isOwned(keyOf(table)))
  return [...role.reaches.keys()].flatMap((owner): readonly Finding[] => {
    const owned = tables.filter((table) => table.owner === owner)
    if (owned.length === 0) return []
    const names = owned.map(keyOf).join(', ')
    const isOwn = owner === role.name
    return [
      {
        rule: 'role-owns-table',
        severity: 'HIGH',
        object: isOwn ? role.name : `${role.name} as ${owner}`,
        reason: `${role.name} can switch the policies off of ${names}`,
        mend: isOwn ? handedOver(role, owned) : revoked(role, owner, inspection),
      },
    ]
  })
}

/** Who owns a schema drops what is in it, whoever owns that; so does who owns the database. */
function schemaOwnership(role: ServingRole, inspection: Inspection): readonly Finding[] {
  const { catalogue, isOwned } = inspection
  const used = new Set(
    catalogue.security.flatMap((table) => (isOwned(keyOf(table)) ? [table.schema] : [])),
  )
  return [...role.reaches.keys()].flatMap((owner): readonly Finding[] => {
    const schemas = catalogue.schemas.flatMap((schema) =>
      schema.owner === owner && used.has(schema.name) ? [schema.name] : [],
    )
    const owned = [
      ...(owner === databaseOwner ? [`the database ${catalogue.database}`] : []),
      ...schemas.map((schema) => `the schema ${schema}`),
    ]
    if (owned.length === 0) return []
    const isOwn = owner === role.name
    return [
      {
        rule: 'role-owns-schema',
        severity: 'HIGH',
        object: isOwn ? role.name : `${role.name} as ${owner}`,
        reason: `${role.name} owns ${owned.join(' and ')}, and can drop the tables of all tenants`,
        mend: isOwn ? schemasHandedOver(role, schemas) : revoked(role, owner, inspection),
      },
    ]
  })
}

const madeOwner = `DO $$ BEGIN CREATE ROLE ${quoted(ownerRole)} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$`

function schemasHandedOver(role: ServingRole, schemas: readonly string[]): readonly string[] {
  return [
    madeOwner,
    ...schemas.map((schema) => `ALTER SCHEMA ${quoted(schema)} OWNER TO ${quoted(ownerRole)}`),
    `GRANT USAGE ON SCHEMA ${listed(schemas)} TO ${quoted(role.name)}`,
  ]
}

function handedOver(role: ServingRole, tables: readonly TableSecurity[]): readonly string[] {
  const schemas = [...new Set(tables.map(({ schema }) => schema))]
  return [
    madeOwner,
    ...tables.map((table) => `ALTER TABLE ${qualified(table)} OWNER TO ${quoted(ownerRole)}`),
    `GRANT USAGE ON SCHEMA ${listed(schemas)} TO ${quoted(ownerRole)}, ${quoted(role.name)}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ${tables.map(qualified).join(', ')} TO ${quoted(role.name)}`,
    `GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ${listed(schemas)} TO ${quoted(role.name)}`,
  ]
}
