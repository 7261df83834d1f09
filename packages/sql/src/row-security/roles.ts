import { shapeOf } from '@partywall/context/spi'
import { SqlGuardError } from '../guard/sql-guard-error.ts'
import { everybody } from './quoted.ts'
import type { DatabaseRole, SecurityCatalogue } from './security-catalogue.ts'

/** A role that serves tenants, and everything that it can be. */
export interface ServingRole extends DatabaseRole {
  /** Itself, and every role that it is a member of through any number of others. */
  readonly reaches: ReadonlyMap<string, DatabaseRole>
}

/**
 * The roles by which tenants reach the database: those that are named, else all that can log in,
 * the one that the cluster began with left out.
 * @throws {@link SqlGuardError} `sql.options` when a role is named that is not there.
 */
export function servingRoles(
  { roles }: SecurityCatalogue,
  names?: readonly string[],
): readonly ServingRole[] {
  const byName = new Map(roles.map((role) => [role.name, role]))
  const chosen =
    names === undefined
      ? roles.filter(({ login, bootstrap }) => login && !bootstrap)
      : names.map((name) => {
          const role = byName.get(name)
          if (role !== undefined) return role
          throw new SqlGuardError('sql.options', `a role is ${shapeOf(name)}, which is not there`)
        })
  return chosen.map((role) => ({ ...role, reaches: reachedBy(role, byName) }))
}

function reachedBy(
  role: DatabaseRole,
  byName: ReadonlyMap<string, DatabaseRole>,
): ReadonlyMap<string, DatabaseRole> {
  const reached = new Map([[role.name, role]])
  for (const each of reached.values()) {
    for (const name of each.memberOf) {
      const next = byName.get(name)
      if (next !== undefined) reached.set(name, next)
    }
  }
  return reached
}

/** Whether what is granted to `grantee` is granted to one of the roles. */
export function isGranted(grantee: string, serving: readonly ServingRole[]): boolean {
  return grantee === everybody || serving.some(({ reaches }) => reaches.has(grantee))
}

/** The direct memberships by which a role comes to another one: each of them must go. */
export function waysTo(
  role: ServingRole,
  target: string,
  { roles }: SecurityCatalogue,
): readonly string[] {
  const byName = new Map(roles.map((each) => [each.name, each]))
  return role.memberOf.filter((name) => {
    const next = byName.get(name)
    return next !== undefined && reachedBy(next, byName).has(target)
  })
}
