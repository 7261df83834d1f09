import type { Inspection } from '../row-security/inspection.ts'
import { grantee, qualified } from '../row-security/quoted.ts'
import { revoked } from '../row-security/role-findings.ts'
import { isGranted } from '../row-security/roles.ts'

/** To whom tables and views are granted of those who serve tenants; an owner by himself. */
export function reachedBy(
  key: string,
  { security, serving }: Inspection,
  privilege?: string,
): readonly string[] {
  const grants = security(key)?.grants ?? []
  const granted = grants.filter((each) => privilege === undefined || each.privilege === privilege)
  const names = new Set(granted.map((each) => each.grantee))
  return [...names].filter((name) => isGranted(name, serving))
}

/** Whether a role that serves tenants may do anything with it. */
export function isReached(key: string, inspection: Inspection): boolean {
  return reachedBy(key, inspection).length > 0
}

/** Takes it out of reach of those who serve tenants. */
export function withdrawn(key: string, inspection: Inspection): readonly string[] {
  const table = inspection.security(key)
  if (table === undefined) return []
  return reachedBy(key, inspection).flatMap((name) => {
    // What the server's own roles may do cannot be taken from them, but nobody has to be a member.
    if (name.startsWith('pg_')) {
      const members = inspection.serving.filter(({ reaches }) => reaches.has(name))
      return members.flatMap((member) => revoked(member, name, inspection))
    }
    return [`REVOKE ALL ON ${qualified(table)} FROM ${grantee(name)}`]
  })
}
