import type { Random } from '../data/random.ts'
import type { TableName } from '../data/tables.ts'
import { tenants } from '../data/tenants.ts'
import type { LeakKind } from '../leaks/leak.ts'
import type { Exchange } from './exchange.ts'
import type { Lane } from './lane.ts'
import type { World } from './world.ts'

type Make = (world: World, lane: Lane, random: Random) => Omit<Exchange, 'leak'> & Watch

interface Watch {
  foreign(body: unknown): number
  leakAcknowledged?: () => void
}

/** How each leak is reached. What is expected is the answer of the mended version. */
const probes: Readonly<Record<LeakKind, Make>> = {
  'forgotten-where': (world, { user }, random) => {
    const page = random.below(30)
    return {
      send: { method: 'GET', path: `/api/admin/users?page=${page}` },
      expect: ok(
        world
          .factsOf(user.tenantKey)
          .users.slice(page * 20, page * 20 + 20)
          .map(({ id, email, name }) => ({ id, email, name })),
      ),
      foreign: foreignRows(world, 'users', user.tenantKey),
    }
  },
  'where-under-or': (world, { user }, random) => {
    const { users } = world.factsOf(user.tenantKey)
    const { name } = random.pick(users)
    const email = random.pick(world.seed.contractors)
    const query = new URLSearchParams({ name, email })
    return {
      send: { method: 'GET', path: `/api/admin/users/search?${query}` },
      expect: ok(
        users
          .filter((candidate) => candidate.name === name || candidate.email === email)
          .slice(0, 40)
          .map((candidate) => ({
            id: candidate.id,
            email: candidate.email,
            name: candidate.name,
          })),
      ),
      foreign: foreignRows(world, 'users', user.tenantKey),
    }
  },
  'join-one-side': (world, { user }, random) => {
    const { sensorAlerts, contractors } = world.factsOf(user.tenantKey)
    const email = random.pick(world.seed.contractors)
    const person = contractors.get(email)
    return {
      send: { method: 'GET', path: `/api/admin/alerts/people?email=${encodeURIComponent(email)}` },
      expect: ok(
        sensorAlerts
          .filter((alert) => alert.email === email)
          .map((alert) => ({ alertId: alert.id, id: person?.id, name: person?.name })),
      ),
      foreign: foreignRows(world, 'users', user.tenantKey),
    }
  },
  'raw-sql-report': (world, { user }, random) => {
    const { from, until, rows } = random.pick(world.factsOf(user.tenantKey).activity)
    const query = new URLSearchParams({ from, until })
    const mine = sum(rows)
    return {
      send: { method: 'GET', path: `/api/reports/activity?${query}` },
      expect: ok(rows),
      foreign: (body) => Math.max(0, sum(body) - mine),
    }
  },
  'count-without-tenant': (world, { user }) => {
    const sessions = world.factsOf(user.tenantKey).kioskSessions
    return {
      send: { method: 'GET', path: '/api/secure/sessions/count?device=kiosk' },
      expect: ok({ sessions }),
      foreign: (body) => Math.max(0, numberIn(body, 'sessions') - sessions),
    }
  },
  'update-by-id': (world, { user }, random) => {
    const codes = world.seed.reserved.backupCodes.get(otherTenant(user.tenantKey, random))
    const id = at(codes, world.reserve('update-by-id'))
    return {
      send: { method: 'POST', path: `/api/secure/mfa/${id}/revoke` },
      expect: { status: 404, body: { error: 'not found' } },
      foreign: (body) => (numberIn(body, 'id') === id ? 1 : 0),
    }
  },
  'delete-through-subquery': (world, { user }) => {
    const email = at(world.seed.reserved.leavers, world.reserve('delete-through-subquery'))
    const people = world
      .factsOf(user.tenantKey)
      .users.filter((candidate) => candidate.email === email)
      .map(({ id }) => id)
    const mine = [...world.expected.tables.refresh_tokens.values()].filter((token) =>
      people.includes(token.user_id),
    )
    const acknowledged = (): void => {
      for (const { id } of mine) world.expected.remove('refresh_tokens', id)
    }
    return {
      send: { method: 'POST', path: '/api/admin/leavers', body: { email } },
      expect: ok({ revoked: mine.length }),
      acknowledged,
      foreign: (body) => Math.max(0, numberIn(body, 'revoked') - mine.length),
      leakAcknowledged: acknowledged,
    }
  },
  'insert-foreign-tenant': (world, { user }, random) => {
    const id = random.uuid()
    const org = otherTenant(user.tenantKey, random)
    const email = random.pick(world.seed.reserved.leavers)
    return {
      send: {
        method: 'POST',
        path: '/api/admin/alerts/import',
        body: { id, org, email, kind: 'imported' },
      },
      expect: ok({ id, org: user.tenantKey }),
      acknowledged: () =>
        world.expected.add('security_alerts', {
          id,
          tenant_id: user.tenantKey,
          email,
          kind: 'imported',
          status: 'open',
          source_ref: `import-${id}`,
          seen_count: 1,
        }),
      foreign: (body) => (numberIn(body, 'org') === org ? 1 : 0),
    }
  },
  'in-list': (world, { user }, random) => {
    const { roles, permissions } = world.factsOf(user.tenantKey)
    const role = random.pick(roles)
    const names = new Set(
      permissions.filter((row) => row.role_id === role.id).map((row) => row.permission),
    )
    return {
      send: { method: 'GET', path: `/api/admin/roles/${role.id}/similar` },
      expect: ok(
        permissions
          .filter((row) => names.has(row.permission))
          .map(({ id, role_id, permission }) => ({ id, role_id, permission })),
      ),
      foreign: foreignRows(world, 'role_permissions', user.tenantKey),
    }
  },
  'background-job': (world, { user }) => {
    const batch = at(world.seed.reserved.resetBatches, world.reserve('background-job'))
    const mine = [...world.expected.tables.password_reset_tokens.values()].filter(
      (token) => token.tenant_id === user.tenantKey && token.batch === batch,
    )
    const acknowledged = (): void => {
      for (const { id } of mine) world.expected.remove('password_reset_tokens', id)
    }
    return {
      send: { job: 'purge-reset-tokens', argument: batch },
      expect: ok({ purged: mine.length }),
      acknowledged,
      foreign: (body) => Math.max(0, numberIn(body, 'purged') - mine.length),
      leakAcknowledged: acknowledged,
    }
  },
  'relation-without-tenant': (world, { user }, random) => {
    const { contractors, grants } = world.factsOf(user.tenantKey)
    const email = random.pick(world.seed.contractors)
    return {
      send: { method: 'GET', path: `/api/admin/users/${contractors.get(email)?.id}/access` },
      expect: ok(
        (grants.get(email) ?? []).map(({ id, role_id }) => ({ email, id, roleId: role_id })),
      ),
      foreign: foreignRows(world, 'user_roles', user.tenantKey),
    }
  },
  'admin-query-tenant': (world, { user }, random) => ({
    send: {
      method: 'GET',
      path: `/api/admin/roles?org=${otherTenant(user.tenantKey, random)}`,
    },
    expect: ok(
      world
        .factsOf(user.tenantKey)
        .roles.map(({ id, name, description }) => ({ id, name, description })),
    ),
    foreign: foreignRows(world, 'roles', user.tenantKey),
  }),
  'upsert-global-key': (world, { user }, random) => {
    const { vendorAlerts } = world.seed.reserved
    let alert = at(vendorAlerts, world.reserve('upsert-global-key'))
    while (alert.tenantKey === user.tenantKey) {
      alert = at(vendorAlerts, world.reserve('upsert-global-key'))
    }
    const id = random.uuid()
    const email = random.pick(world.seed.reserved.leavers)
    return {
      send: { method: 'PUT', path: `/api/secure/alerts/${alert.ref}`, body: { id, email } },
      expect: ok({ id }),
      acknowledged: () =>
        world.expected.add('security_alerts', {
          id,
          tenant_id: user.tenantKey,
          email,
          kind: 'token_reuse',
          status: 'open',
          source_ref: `${user.tenantKey}:${alert.ref}`,
          seen_count: 1,
        }),
      foreign: (body) =>
        (world.expected.ownerOf('security_alerts', field(body, 'id')) ?? user.tenantKey) ===
        user.tenantKey
          ? 0
          : 1,
    }
  },
}

/** A request that reaches one leak, live or mended. */
export function probe(kind: LeakKind, world: World, lane: Lane, random: Random): Exchange {
  const { foreign, leakAcknowledged, ...exchange } = probes[kind](world, lane, random)
  return { ...exchange, leak: { kind, foreign, acknowledged: leakAcknowledged } }
}

/** Counts the rows in an answer that belong to somebody else, by what the seed says of their ids. */
function foreignRows(world: World, table: TableName, tenantKey: number): (body: unknown) => number {
  return (body) => {
    if (!Array.isArray(body)) return 0
    return body.filter((row) => {
      const owner = world.expected.ownerOf(table, field(row, 'id'))
      return owner !== undefined && owner !== tenantKey
    }).length
  }
}

function otherTenant(tenantKey: number, random: Random): number {
  return random.pick(tenants.filter(({ key }) => key !== tenantKey)).key
}

function sum(rows: unknown): number {
  if (!Array.isArray(rows)) return 0
  return rows.reduce((total: number, row) => total + numberIn(row, 'entries'), 0)
}

function field(row: unknown, name: string): unknown {
  return typeof row === 'object' && row !== null && name in row
    ? (row as Record<string, unknown>)[name]
    : undefined
}

function numberIn(row: unknown, name: string): number {
  const value = field(row, name)
  return typeof value === 'number' ? value : 0
}

function at<Item>(items: readonly Item[] | undefined, index: number): Item {
  const item = items?.[index]
  if (item === undefined) throw new Error('the reserved rows are used up: restore them first')
  return item
}

function ok(body: unknown): { status: number; body: unknown } {
  return { status: 200, body }
}
