import type { TenantId } from '@partywall/context'
import {
  type Decision,
  type DecisionAction,
  type DecisionReason,
  unknownModel,
} from '@partywall/context/spi'
import { type FlagMode, isLooser, type RolloutMode } from './mode.ts'
import { isEnforced, isLogged, modeInForce, type Settings } from './settings.ts'
import type { RolloutSnapshot } from './snapshot.ts'
import type { SystemJob } from './system-job.ts'
import type { TenantOverride } from './tenant-override.ts'

/** What is done about one model: a premade decision, and the one for what sampling leaves out. */
export interface Outcome {
  readonly decision: Decision
  readonly unsampled: Decision
}

/** One mode, worked out for every declared model. */
export interface ModeTable {
  readonly byModel: ReadonlyMap<string, Outcome>
  /** For `(unknown)`, and for a model that nobody declared. */
  readonly unknown: Outcome
}

/** A tenant's own table, until its end; the rollout's after that. */
export interface TenantTable {
  readonly table: ModeTable
  readonly until: number
  readonly after: ModeTable
}

/** The settings, worked out so far that a decision only picks. Frozen; replaced as a whole. */
export interface Rules {
  readonly snapshot: RolloutSnapshot
  /** Every branch of D4a that does not apply is `undefined`. */
  readonly killed: Decision | undefined
  readonly always: Decision | undefined
  readonly off: Decision | undefined
  readonly rolledBack: ModeTable | undefined
  readonly bypass: Decision | undefined
  readonly bypassRequiresReason: boolean
  readonly jobs: readonly SystemJob[]
  readonly tenants: ReadonlyMap<TenantId, TenantTable> | undefined
  readonly mode: ModeTable
  readonly sampleRate: number
}

/** Works out every answer of these settings ahead of time. */
export function compileRules(
  settings: Settings,
  models: readonly string[],
  jobs: readonly SystemJob[],
): Rules {
  const { flags, latch, generation, always, killSwitch } = settings
  const mode = modeInForce(flags, latch)
  const off = flags.enabled ? 'mode_disabled' : 'enforcement_off'
  const decide = decisionMaker(generation)
  const inForce = tableOf(settings, mode, models)
  return Object.freeze({
    snapshot: snapshotOf(settings, mode, models),
    killed: killSwitch === 'on' ? decide('block', 'kill_switch', true) : undefined,
    always: always ? decide('block', 'always', true) : undefined,
    off: mode === 'disabled' ? decide('off', off, false) : undefined,
    rolledBack:
      latch === 'log_only' && mode === 'log_only'
        ? tableOf(settings, mode, models, 'rolled_back')
        : undefined,
    bypass: always || flags.allowBypass ? decide('bypass', 'bypass', true) : undefined,
    bypassRequiresReason: flags.bypassRequiresReason,
    jobs,
    tenants: tenantTables(settings, mode, models, inForce),
    mode: inForce,
    sampleRate: flags.logSampleRate,
  })
}

type MakeDecision = (action: DecisionAction, reason: DecisionReason, record: boolean) => Decision

function decisionMaker(generation: number): MakeDecision {
  return (action, reason, record) => Object.freeze({ action, reason, generation, record })
}

function tableOf(
  settings: Settings,
  mode: FlagMode,
  models: readonly string[],
  because?: DecisionReason,
): ModeTable {
  const { flags, generation } = settings
  const decide = decisionMaker(generation)
  const reasons = { log_only: 'mode_log_only', enforce: 'mode_enforce' } as const
  function outcome(action: DecisionAction, selectiveReason: DecisionReason): Outcome {
    const ofMode = mode === 'selective' || mode === 'disabled' ? selectiveReason : reasons[mode]
    const reason = because ?? ofMode
    // Blocks are always written; what is only counted never is.
    const decision = decide(action, reason, action !== 'allow')
    const sampled = action === 'log' && flags.logSampleRate < 1
    return Object.freeze({
      decision,
      unsampled: sampled ? decide(action, reason, false) : decision,
    })
  }
  const byModel = new Map<string, Outcome>()
  for (const model of models) {
    if (isEnforced(flags, mode, model)) byModel.set(model, outcome('block', 'enforce_list'))
    else if (isLogged(flags, mode, model)) byModel.set(model, outcome('log', 'log_list'))
    else byModel.set(model, outcome('allow', 'unlisted'))
  }
  // Blocked whenever any model is: nobody knows that it is not that one.
  const blocking = mode === 'enforce' || models.some((model) => isEnforced(flags, mode, model))
  const unknown = outcome(blocking ? 'block' : 'log', 'unknown_model')
  byModel.set(unknownModel, unknown)
  return Object.freeze({ byModel, unknown })
}

function tenantTables(
  settings: Settings,
  mode: FlagMode,
  models: readonly string[],
  inForce: ModeTable,
): ReadonlyMap<TenantId, TenantTable> | undefined {
  if (settings.tenants.size === 0 || mode === 'disabled') return undefined
  const tables = new Map<TenantId, TenantTable>()
  for (const [tenantId, override] of settings.tenants) {
    const tightened = tightenedTable(settings, mode, models, inForce, override)
    tables.set(
      tenantId,
      Object.freeze(
        'until' in override
          ? {
              table: tableOf(settings, override.mode, models, 'tenant_override'),
              until: override.until,
              after: inForce,
            }
          : { table: tightened, until: Number.POSITIVE_INFINITY, after: tightened },
      ),
    )
  }
  return tables
}

function tightenedTable(
  settings: Settings,
  mode: FlagMode,
  models: readonly string[],
  inForce: ModeTable,
  override: TenantOverride,
): ModeTable {
  if (!isLooser(mode, override.mode)) return inForce
  return tableOf(settings, override.mode, models, 'tenant_override')
}

function snapshotOf(
  settings: Settings,
  mode: FlagMode,
  models: readonly string[],
): RolloutSnapshot {
  const { flags, always, stage } = settings
  const shown: RolloutMode = always ? 'always' : mode
  return Object.freeze({
    generation: settings.generation,
    ...(stage === undefined ? {} : { stage }),
    mode: shown,
    enforcement: always || flags.enabled ? 'on' : 'off',
    killSwitch: settings.killSwitch,
    rolledBack: !always && settings.latch !== undefined,
    enforcedModels: Object.freeze(
      models.filter((model) => always || isEnforced(flags, mode, model)),
    ),
    loggedModels: Object.freeze(models.filter((model) => !always && isLogged(flags, mode, model))),
    allowBypass: always ? false : flags.allowBypass,
    bypassRequiresReason: always || flags.bypassRequiresReason,
    logSampleRate: flags.logSampleRate,
    overriddenTenants: always ? 0 : settings.tenants.size,
    source: settings.source,
    actor: settings.actor,
    reason: settings.reason,
    warnings: Object.freeze([...settings.warnings]),
  })
}
