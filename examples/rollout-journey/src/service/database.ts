import type { Generated, Kysely } from 'kysely'
import type { Rows } from '../data/tables.ts'

type Stored<Row> = {
  [Column in keyof Row]: Column extends 'created_at' | 'issued_at' | 'at' ? Date : Row[Column]
}
type WithGeneratedId<Row extends { id: number }> = Omit<Row, 'id'> & { id: Generated<number> }

/** The tables as Kysely sees them. */
export interface Tables {
  users: Stored<Rows['users']>
  refresh_tokens: Stored<Rows['refresh_tokens']>
  password_reset_tokens: Rows['password_reset_tokens']
  mfa_backup_codes: WithGeneratedId<Rows['mfa_backup_codes']>
  audit_logs: WithGeneratedId<Stored<Rows['audit_logs']>>
  roles: WithGeneratedId<Rows['roles']>
  user_roles: WithGeneratedId<Rows['user_roles']>
  security_alerts: Rows['security_alerts']
  role_permissions: WithGeneratedId<Rows['role_permissions']>
}

/** What a handler reaches the database by: the builder, and the driver for hand-written SQL. */
export interface Database {
  readonly kysely: Kysely<Tables>
  readonly pg: RawQueries
}

export interface RawQueries {
  query(text: string, values: readonly unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}
