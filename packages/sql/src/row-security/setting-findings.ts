import { namedSessions, resettingStatement } from '../schema/session-setting.ts'
import type { Finding } from './finding.ts'
import type { Inspection } from './inspection.ts'
import type { ServerSetting } from './server-setting.ts'

/** Where sessions begin with a tenant, so that work without one is that tenant's. */
export function settingFindings(inspection: Inspection): readonly Finding[] {
  const { catalogue, setting, serverSetting } = inspection
  const ofSessions = catalogue.sessionSettings
    .filter(({ name }) => name.toLowerCase() === setting)
    .map((sessions) =>
      finding(setting, namedSessions(sessions), [resettingStatement(setting, sessions)]),
    )
  // That is where this session has it from.
  if (serverSetting === 'session' && ofSessions.length > 0) return ofSessions
  if (serverSetting === undefined) return ofSessions
  const mend =
    serverSetting === 'alter_system'
      ? [`ALTER SYSTEM RESET ${setting}`, 'SELECT pg_reload_conf()']
      : []
  return [...ofSessions, finding(setting, places[serverSetting], mend)]
}

const places: Readonly<Record<ServerSetting, string>> = {
  alter_system: 'the server, by ALTER SYSTEM',
  file: 'the server, by its configuration files',
  session: 'the session that looked: by the server, or by options of its connection',
}

function finding(setting: string, object: string, mend: readonly string[]): Finding {
  return {
    rule: 'setting-has-default',
    severity: 'CRITICAL',
    object,
    reason: `sessions begin with a value of ${setting}: work without a tenant is that tenant's`,
    mend,
  }
}
