import { SqlGuardError } from '../guard/sql-guard-error.ts'
import type { SessionPath } from '../schema/tenant-schema.ts'

/**
 * What a server says of its sessions, as far as the meaning of a text depends on it: how quotes are
 * read, in which encoding, by which version, and where names are looked up.
 */
export interface SessionSettings {
  /** Called with every setting that the server reports. */
  reported(name: string, value: string): void
  /** Where it looks names up, as far as it was reported. */
  readonly lookup: SessionPath
  /** Whether texts mean here what the guard takes them for. */
  readonly isKnown: boolean
}

/** What every connection of one client must have; set by the first that reports it. */
export interface SharedPath {
  path: string | undefined
  /** Of a role of another name, `"$user"` on the path finds another schema. */
  user?: string
}

const oldestVersion = 14

const meanings: Readonly<Record<string, (value: string, shared: SharedPath) => boolean>> = {
  standard_conforming_strings: (value) => value === 'on',
  client_encoding: (value) => value === 'UTF8',
  // Long names are cut by it.
  server_encoding: (value) => value === 'UTF8',
  server_version: (value) => Number.parseInt(value, 10) >= oldestVersion,
  transform_null_equals: (value) => value === 'off',
  // Reported since PostgreSQL 18.
  search_path: (value, shared) => {
    shared.path ??= value
    return value === shared.path && !hidesTables(value)
  },
  session_authorization: (value, shared) => {
    shared.user ??= value
    return value === shared.user
  },
}

/** What to ask a server for where nobody has heard it. */
export const settingNames: readonly string[] = Object.keys(meanings)

/** What is not reported is taken for the server's usual. */
export function createSessionSettings(shared: SharedPath): SessionSettings {
  const unknown = new Set<string>()
  return {
    reported(name, value) {
      const isMeant = Object.hasOwn(meanings, name) ? meanings[name] : undefined
      if (isMeant === undefined) return
      if (isMeant(value, shared)) unknown.delete(name)
      else unknown.add(name)
    },
    lookup: shared,
    get isKnown() {
      return unknown.size === 0
    },
  }
}

/** Temporary tables come last or nowhere: before others they would hide declared tables. */
function hidesTables(path: string): boolean {
  const names = path.split(',').map((name) => name.trim().replace(/^"(.*)"$/, '$1'))
  return names.some((name, i) => name.startsWith('pg_temp') && i < names.length - 1)
}

/** Whether start-up options name the setting: the server takes `-` for `_` in a name, and drops `\`. */
export function turnsNullEquals(options: string): boolean {
  return /transform[-_]null[-_]equals/i.test(options.replaceAll('\\', ''))
}

/**
 * Refuses start-up options under which `x = NULL` means something else.
 * @throws SqlGuardError `sql.client`
 */
export function checkStartupOptions(options: unknown): void {
  const told = typeof options === 'string' ? options : JSON.stringify(options ?? null)
  if (!turnsNullEquals(told)) return
  throw new SqlGuardError('sql.client', 'transform_null_equals must stay off; leave it out')
}
