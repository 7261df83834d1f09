import type { Rows } from '../data/tables.ts'
import { seedEndsAt } from '../data/tables.ts'
import { tenants } from '../data/tenants.ts'
import type { ExpectedData } from './expected-data.ts'

/** What stays the same for a tenant throughout the run, in the order the service lists it. */
export interface TenantFacts {
  readonly users: readonly Rows['users'][]
  readonly contractors: ReadonlyMap<string, Rows['users']>
  readonly roles: readonly Rows['roles'][]
  readonly permissions: readonly Rows['role_permissions'][]
  readonly closedAlerts: readonly Rows['security_alerts'][]
  readonly sensorAlerts: readonly Rows['security_alerts'][]
  readonly kioskSessions: number
  readonly grants: ReadonlyMap<string, readonly Rows['user_roles'][]>
  /** Entries of the audit log by action, for each stretch of time that the report knows. */
  readonly activity: readonly Activity[]
}

export interface Activity {
  readonly from: string
  readonly until: string
  readonly rows: readonly { readonly action: string; readonly entries: number }[]
}

export function factsByTenant(expected: ExpectedData): ReadonlyMap<number, TenantFacts> {
  return new Map(tenants.map(({ key }) => [key, factsOf(expected, key)]))
}

function factsOf({ tables }: ExpectedData, key: number): TenantFacts {
  const mine = <Row extends { tenant_id: number; id: string | number }>(
    rows: ReadonlyMap<string | number, Row>,
  ): Row[] => [...rows.values()].filter((row) => row.tenant_id === key).sort(byId)
  const users = mine(tables.users)
  const alerts = mine(tables.security_alerts)
  const grants = new Map<string, Rows['user_roles'][]>()
  for (const grant of mine(tables.user_roles)) {
    grants.set(grant.subject, [...(grants.get(grant.subject) ?? []), grant])
  }
  const log = mine(tables.audit_logs)
  return {
    users,
    contractors: new Map(
      users
        .filter(({ email }) => email.startsWith('contractor-'))
        .map((user) => [user.email, user]),
    ),
    roles: mine(tables.roles),
    permissions: mine(tables.role_permissions),
    closedAlerts: alerts.filter(({ status }) => status === 'closed'),
    sensorAlerts: alerts.filter(({ source_ref }) => source_ref.startsWith('sensor-')),
    kioskSessions: mine(tables.refresh_tokens).filter(({ device }) => device === 'kiosk').length,
    grants,
    activity: stretches().map(({ from, until }) => ({
      from,
      until,
      rows: countBy(log.filter(({ at }) => at >= from && at < until).map(({ action }) => action)),
    })),
  }
}

function stretches(): { from: string; until: string }[] {
  const end = Date.parse(seedEndsAt)
  const week = 7 * 86_400_000
  return Array.from({ length: 12 }, (_, n) => ({
    from: new Date(end - (n + 1) * week).toISOString(),
    until: new Date(end - n * week).toISOString(),
  }))
}

function countBy(actions: readonly string[]): { action: string; entries: number }[] {
  const counts = new Map<string, number>()
  for (const action of actions) counts.set(action, (counts.get(action) ?? 0) + 1)
  return [...counts]
    .map(([action, entries]) => ({ action, entries }))
    .sort((a, b) => (a.action < b.action ? -1 : 1))
}

function byId(a: { id: string | number }, b: { id: string | number }): number {
  if (a.id === b.id) return 0
  return a.id < b.id ? -1 : 1
}
