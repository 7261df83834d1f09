import type { Random } from '../data/random.ts'
import type { Exchange } from './exchange.ts'
import type { Lane } from './lane.ts'
import type { World } from './world.ts'

type Make = (world: World, lane: Lane, random: Random) => Exchange

const notFound = { status: 404, body: { error: 'not found' } }
const sessionsPerLane = 8
const auditPage = 20

export const correctKinds = [
  'me',
  'locale',
  'sessions',
  'open-session',
  'close-session',
  'unused-codes',
  'use-code',
  'foreign-code',
  'audit',
  'person',
  'foreign-person',
  'roles',
  'permissions',
  'alerts',
  'alert-report',
  'digest',
] as const
export type CorrectKind = (typeof correctKinds)[number]

/** Requests that are right in every release. Each knows its answer before it is sent. */
export const correctRequests: Readonly<Record<CorrectKind, Make>> = {
  me: (_world, { profile }) => ({
    send: { method: 'GET', path: '/api/me' },
    expect: ok({
      id: profile.id,
      email: profile.email,
      name: profile.name,
      locale: profile.locale,
    }),
  }),
  locale: (_world, { profile }, random) => {
    const locale = random.pick(['en', 'de', 'fr', 'nl', 'pl'])
    return {
      send: { method: 'PATCH', path: '/api/me', body: { locale } },
      expect: ok({ id: profile.id, locale }),
      acknowledged: () => {
        profile.locale = locale
      },
    }
  },
  sessions: (_world, { sessions }) => ({
    send: { method: 'GET', path: '/api/secure/sessions' },
    expect: ok(
      [...sessions.values()]
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map((row) => ({ id: row.id, device: row.device, issuedAt: row.issued_at })),
    ),
  }),
  'open-session': (world, lane, random) => {
    if (lane.sessions.size >= sessionsPerLane) return closeSession(world, lane, random)
    const row = {
      id: random.uuid(),
      tenant_id: lane.user.tenantKey,
      user_id: lane.user.userId,
      device: random.pick(['web', 'ios', 'android']),
      token_hash: random.uuid(),
      issued_at: new Date(world.clock.now()).toISOString(),
    }
    return {
      send: {
        method: 'POST',
        path: '/api/secure/sessions',
        body: { id: row.id, device: row.device, tokenHash: row.token_hash },
      },
      expect: { status: 201, body: { id: row.id } },
      acknowledged: () => {
        world.expected.add('refresh_tokens', row)
        lane.sessions.set(row.id, row)
        audit(world, lane, 'session.open', row.id)
      },
    }
  },
  'close-session': closeSession,
  'unused-codes': (_world, { codes }) => ({
    send: { method: 'GET', path: '/api/secure/mfa' },
    expect: ok({ unused: codes.filter((code) => !code.used).length }),
  }),
  'use-code': (_world, { codes }, random) => {
    const code = random.pick(codes)
    return {
      send: { method: 'POST', path: `/api/secure/mfa/${code.id}/use` },
      expect: ok({ id: code.id }),
      acknowledged: () => {
        code.used = true
      },
    }
  },
  'foreign-code': (world, lane, random) => {
    // Somebody tries the id of another tenant's code: the mended query finds nothing.
    const foreign = random.pick(
      world.lanes.filter(({ user }) => user.tenantKey !== lane.user.tenantKey),
    )
    return {
      send: { method: 'POST', path: `/api/secure/mfa/${random.pick(foreign.codes).id}/use` },
      expect: notFound,
    }
  },
  audit: (_world, { audit: entries }) => ({
    send: { method: 'GET', path: '/api/secure/audit' },
    expect: ok(
      entries
        .slice(-auditPage)
        .reverse()
        .map(({ action, subject, at }) => ({ action, subject, at })),
    ),
  }),
  person: (world, { user }, random) => {
    const person = random.pick(world.factsOf(user.tenantKey).users)
    const { id, email, name, status } = person
    return {
      send: { method: 'GET', path: `/api/admin/users/${id}` },
      expect: ok({ id, email, name, status }),
    }
  },
  'foreign-person': (world, { user }, random) => {
    const foreign = random.pick(
      world.lanes.filter((other) => other.user.tenantKey !== user.tenantKey),
    )
    return {
      send: { method: 'GET', path: `/api/admin/users/${foreign.user.userId}` },
      expect: notFound,
    }
  },
  roles: (world, { user }) => ({
    send: { method: 'GET', path: '/api/admin/roles' },
    expect: ok(
      world
        .factsOf(user.tenantKey)
        .roles.map(({ id, name, description }) => ({ id, name, description })),
    ),
  }),
  permissions: (world, { user }, random) => {
    const { roles, permissions } = world.factsOf(user.tenantKey)
    const role = random.pick(roles)
    return {
      send: { method: 'GET', path: `/api/admin/roles/${role.id}/permissions` },
      expect: ok(
        permissions
          .filter((row) => row.role_id === role.id)
          .map(({ id, permission }) => ({ id, role: role.name, permission })),
      ),
    }
  },
  alerts: (world, { user }, random) => {
    const kind = random.pick(['impossible_travel', 'new_device', 'password_spray', 'token_reuse'])
    return {
      send: { method: 'GET', path: `/api/admin/alerts?kind=${kind}` },
      expect: ok(
        world
          .factsOf(user.tenantKey)
          .closedAlerts.filter((alert) => alert.kind === kind)
          .slice(0, 25)
          .map(({ id, email, kind: same }) => ({ id, email, kind: same })),
      ),
    }
  },
  'alert-report': (world, { user }) => {
    const { closedAlerts } = world.factsOf(user.tenantKey)
    const kinds = [...new Set(closedAlerts.map(({ kind }) => kind))].sort()
    return {
      send: { method: 'GET', path: '/api/reports/alerts' },
      expect: ok(
        kinds.map((kind) => {
          const rows = closedAlerts.filter((alert) => alert.kind === kind)
          return {
            kind,
            alerts: rows.length,
            seen: rows.reduce((sum, { seen_count }) => sum + seen_count, 0),
          }
        }),
      ),
    }
  },
  digest: (_world, { user, sessions }) => ({
    send: { job: 'session-digest', argument: user.userId },
    expect: ok({ sessions: sessions.size }),
  }),
}

/** How often each is sent, out of 100. */
export const correctMix: Readonly<Record<CorrectKind, number>> = {
  me: 24,
  locale: 1,
  sessions: 18,
  'open-session': 4,
  'close-session': 3,
  'unused-codes': 8,
  'use-code': 1,
  'foreign-code': 1,
  audit: 2,
  person: 20,
  'foreign-person': 2,
  roles: 4,
  permissions: 6,
  alerts: 4,
  'alert-report': 1,
  digest: 1,
}

function closeSession(world: World, lane: Lane, random: Random): Exchange {
  const ids = [...lane.sessions.keys()]
  if (ids.length === 0) {
    return {
      send: { method: 'DELETE', path: `/api/secure/sessions/${random.uuid()}` },
      expect: notFound,
    }
  }
  const id = random.pick(ids)
  return {
    send: { method: 'DELETE', path: `/api/secure/sessions/${id}` },
    expect: ok({ closed: 1 }),
    acknowledged: () => {
      world.expected.remove('refresh_tokens', id)
      lane.sessions.delete(id)
      audit(world, lane, 'session.close', id)
    },
  }
}

function audit(
  world: World,
  { user, audit: entries }: Lane,
  action: string,
  subject: string,
): void {
  const entry = {
    id: 0,
    tenant_id: user.tenantKey,
    actor_id: user.userId,
    action,
    subject,
    at: new Date(world.clock.now()).toISOString(),
  }
  entries.push(entry)
  world.expected.auditMade.push(entry)
}

function ok(body: unknown): { status: number; body: unknown } {
  return { status: 200, body }
}
