import { compileRules } from './compile.ts'
import type { Evidence } from './evidence.ts'
import type { Flags } from './flags.ts'
import type { RolloutMode } from './mode.ts'
import type { GenerationChange } from './records.ts'
import type { LatchMode } from './settings.ts'
import { settingsOf } from './settings-of-record.ts'
import type { TenantOverride } from './tenant-override.ts'

/** One process that reports. */
export interface InstanceStatus {
  readonly instance: string
  readonly incarnation: string
  readonly state: 'live' | 'silent' | 'ended'
  readonly release: string
  readonly generation: number
  readonly killSwitchRecord: number
  /** Whether it is closed, whichever of its sources says so. */
  readonly killSwitch: 'on' | 'off'
  readonly always: boolean
  readonly problems: readonly string[]
}

/** Where a rollout stands. */
export interface RolloutStatus {
  readonly plan: string
  readonly generation: number
  readonly stage: number
  readonly stageName: string
  readonly stageTitle: string
  readonly stageEnteredAt: number
  readonly mode: RolloutMode
  readonly enforcement: 'on' | 'off'
  /** What is on record; an instance's own environment or file may close it too. */
  readonly killSwitch: 'on' | 'off'
  readonly killSwitchRecord: number
  readonly latch?: LatchMode
  readonly removedModels: readonly string[]
  readonly enforcedModels: readonly string[]
  readonly loggedModels: readonly string[]
  readonly flags: Flags
  readonly tenants: Readonly<Record<string, TenantOverride>>
  readonly lastChange: {
    readonly change: GenerationChange
    readonly actor: string
    readonly reason: string
    readonly at: number
  }
  readonly expectedInstances: readonly string[]
  /** Instances that do not report what they should, or are not expected, and why. */
  readonly missing: Readonly<Record<string, string>>
  readonly instances: readonly InstanceStatus[]
  readonly release?: string
}

export function statusOf({ generation, killSwitch, stage, fleet }: Evidence): RolloutStatus {
  const { change, actor, reason, at, latch } = generation
  const { snapshot } = compileRules(
    settingsOf(generation, killSwitch, false),
    Object.keys(generation.models),
    [],
  )
  return {
    plan: generation.plan,
    generation: generation.number,
    stage: stage.number,
    stageName: stage.name,
    stageTitle: stage.title,
    stageEnteredAt: generation.stageEnteredAt,
    mode: snapshot.mode,
    enforcement: snapshot.enforcement,
    killSwitch: killSwitch.killSwitch,
    killSwitchRecord: killSwitch.number,
    ...(latch === undefined ? {} : { latch }),
    removedModels: generation.removedModels,
    enforcedModels: snapshot.enforcedModels,
    loggedModels: snapshot.loggedModels,
    flags: generation.flags,
    tenants: generation.tenants,
    lastChange: { change, actor, reason, at },
    expectedInstances: generation.instances,
    missing: Object.fromEntries(fleet.missing),
    instances: fleet.members.map(({ report, state }) => ({
      instance: report.instance,
      incarnation: report.incarnation,
      state,
      release: report.release,
      generation: report.generation,
      killSwitchRecord: report.killSwitchRecord,
      killSwitch: report.killSwitch,
      always: report.always,
      problems: report.problems,
    })),
    ...(fleet.release === undefined ? {} : { release: fleet.release }),
  }
}
