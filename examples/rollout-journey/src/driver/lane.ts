import type { LaneUser } from '../data/people.ts'
import type { Rows } from '../data/tables.ts'
import type { ExpectedData } from './expected-data.ts'

/** A sender with what is expected of its own rows, which no other request touches. */
export interface Lane {
  readonly user: LaneUser
  token: string
  /** By id. */
  readonly sessions: Map<string, Rows['refresh_tokens']>
  readonly codes: Rows['mfa_backup_codes'][]
  /** Oldest first. */
  readonly audit: Rows['audit_logs'][]
  readonly profile: Rows['users']
}

export function createLane(user: LaneUser, { tables }: ExpectedData): Lane {
  const profile = tables.users.get(user.userId)
  if (profile === undefined) throw new Error('a lane has no user')
  const mine = <Row extends { user_id: string }>(rows: ReadonlyMap<unknown, Row>): Row[] =>
    [...rows.values()].filter((row) => row.user_id === user.userId)
  return {
    user,
    token: '',
    sessions: new Map(mine(tables.refresh_tokens).map((row) => [row.id, row])),
    codes: mine(tables.mfa_backup_codes),
    audit: [...tables.audit_logs.values()].filter((row) => row.actor_id === user.userId),
    profile,
  }
}
