/** The sessions that begin with a setting. */
export interface SettingSessions {
  /** `null` is every role. */
  readonly role: string | null
  /** `null` is every database. */
  readonly database: string | null
}

/** Whose sessions, for a person. */
export function namedSessions({ role, database }: SettingSessions): string {
  return `${role ?? 'every role'} in ${database ?? 'every database'}`
}

/** The statement that takes a setting back from them. */
export function resettingStatement(setting: string, { role, database }: SettingSessions): string {
  const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
  const inDatabase = database === null ? '' : ` IN DATABASE ${quoted(database)}`
  const whom =
    role === null && database !== null
      ? `DATABASE ${quoted(database)}`
      : `ROLE ${role === null ? 'ALL' : quoted(role)}${inDatabase}`
  return `ALTER ${whom} RESET ${setting}`
}
