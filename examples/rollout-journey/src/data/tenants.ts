/** One customer of the service: its id at the boundary, and its number in the database. */
export interface Tenant {
  readonly id: string
  readonly key: number
}

/** Everybody who rents the service. `default` is the one that the kill switch leaves alone. */
export const tenants: readonly Tenant[] = [
  { id: 'default', key: 1 },
  { id: 'acme', key: 2 },
  { id: 'globex', key: 3 },
  { id: 'initech', key: 4 },
  { id: 'umbrella', key: 5 },
]

/** The number that stands for a tenant in `tenant_id` columns. */
export function tenantKey(id: string): number {
  const tenant = tenants.find((candidate) => candidate.id === id)
  if (tenant === undefined) throw new Error('there is no such tenant')
  return tenant.key
}
