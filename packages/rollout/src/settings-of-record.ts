import { parseTenantId } from '@partywall/context'
import { stageOf } from './plans.ts'
import type { GenerationRecord, KillSwitchRecord } from './records.ts'
import type { Settings } from './settings.ts'

/** What the records say, as settings to compile. `always` is what the code of a process says. */
export function settingsOf(
  generation: GenerationRecord,
  killSwitch: KillSwitchRecord,
  always: boolean,
): Settings {
  const { flags, latch, actor, reason, tenants } = generation
  return {
    generation: generation.number,
    stage: generation.stage,
    flags,
    killSwitch: killSwitch.killSwitch,
    latch,
    tenants: new Map(
      Object.entries(tenants).map(([tenantId, override]) => [parseTenantId(tenantId), override]),
    ),
    always: always || stageOf(generation).always,
    source: 'state',
    actor,
    reason,
    warnings: [],
  }
}
