import type { Random } from './random.ts'
import { hashSecret } from './secret.ts'
import type { SeedRows } from './seed.ts'
import { seedEndsAt } from './tables.ts'
import { tenants } from './tenants.ts'

/** Somebody who sends requests, one after the other. */
export interface LaneUser {
  readonly lane: number
  readonly tenantId: string
  readonly tenantKey: number
  readonly userId: string
  readonly email: string
  readonly password: string
}

export interface Person {
  readonly tenantKey: number
  readonly userId: string
}

const lanesPerTenant = 4
const contractorCount = 40
const residentsPerTenant = 900
const rolesPerTenant = 20
const permissionsPerRole = 9

const firstNames = ['Ada', 'Anna', 'Ben', 'Carla', 'Dina', 'Emil', 'Femi', 'Greta', 'Hugo', 'Ines']
const lastNames = ['Abel', 'Brandt', 'Costa', 'Diaz', 'Evans', 'Fischer', 'Garcia', 'Hansen']
const resources = ['user', 'role', 'alert', 'report', 'session', 'invoice', 'export', 'key']

/** Roles with their permissions, and the people of every tenant with their roles. */
export function seedPeople(
  random: Random,
  rows: SeedRows,
): { lanes: LaneUser[]; contractors: string[]; residents: Person[] } {
  const lanes: LaneUser[] = []
  const residents: Person[] = []
  const contractors = Array.from(
    { length: contractorCount },
    (_, n) => `contractor-${n}@agency.example`,
  )
  for (const tenant of tenants) {
    const roleIds = seedRoles(random, rows, tenant.key)
    const join = (email: string, status: string, secret: string): string => {
      const id = random.uuid()
      rows.users.push({
        id,
        tenant_id: tenant.key,
        email,
        name: `${random.pick(firstNames)} ${random.pick(lastNames)}`,
        status,
        locale: 'en',
        secret_hash: secret,
        created_at: new Date(
          Date.parse(seedEndsAt) - random.below(1_000) * 86_400_000,
        ).toISOString(),
      })
      rows.user_roles.push({
        id: rows.user_roles.length + 1,
        tenant_id: tenant.key,
        subject: email,
        role_id: random.pick(roleIds),
      })
      return id
    }
    for (let n = 0; n < lanesPerTenant; n += 1) {
      const email = `operator-${n}@${tenant.id}.example`
      const password = `password-${random.uuid()}`
      const userId = join(email, 'operator', hashSecret(password))
      lanes.push({
        lane: lanes.length,
        tenantId: tenant.id,
        tenantKey: tenant.key,
        userId,
        email,
        password,
      })
      for (let code = 0; code < 10; code += 1) {
        rows.mfa_backup_codes.push({
          id: rows.mfa_backup_codes.length + 1,
          tenant_id: tenant.key,
          user_id: userId,
          code_hash: random.uuid(),
          used: false,
        })
      }
    }
    for (const email of contractors) join(email, 'active', random.uuid())
    for (let n = 0; n < residentsPerTenant; n += 1) {
      const userId = join(`person-${n}@${tenant.id}.example`, 'active', random.uuid())
      residents.push({ tenantKey: tenant.key, userId })
    }
  }
  return { lanes, contractors, residents }
}

function seedRoles(random: Random, rows: SeedRows, tenantKey: number): number[] {
  return Array.from({ length: rolesPerTenant }, (_, n) => {
    const id = rows.roles.length + 1
    rows.roles.push({
      id,
      tenant_id: tenantKey,
      name: `role-${n}`,
      description: `Duties of ${random.pick(lastNames)}`,
    })
    for (let p = 0; p < permissionsPerRole; p += 1) {
      rows.role_permissions.push({
        id: rows.role_permissions.length + 1,
        tenant_id: tenantKey,
        role_id: id,
        permission: `${resources[p % resources.length] ?? 'user'}:${n % 4 === 0 ? 'write' : 'read'}-${p}-${n % 10}`,
      })
    }
    return id
  })
}
