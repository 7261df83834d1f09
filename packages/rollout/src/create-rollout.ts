import { parseTenantId } from '@partywall/context'
import { type Enforcement, publish } from '@partywall/context/spi'
import type { Adoption } from './adoption.ts'
import { checkSystemJobs } from './always.ts'
import { compileRules } from './compile.ts'
import { createEnforcement } from './decide.ts'
import { checkModels } from './declared-models.ts'
import { defaultFlagNames } from './flag-names.ts'
import { openFlagSources } from './flag-sources.ts'
import { defaultFlags } from './flags.ts'
import type { RolloutProblem } from './problem.ts'
import type { RolloutOptions } from './rollout-options.ts'
import type { Settings } from './settings.ts'
import type { RolloutSnapshot } from './snapshot.ts'

/** How strict the walls of this process are, and the switches behind it. */
export interface Rollout {
  /** What walls take: it follows every change by itself. */
  readonly enforcement: Enforcement
  snapshot(): RolloutSnapshot
  /** What could not be read, taken or written, and is gone on without. */
  problems(): readonly RolloutProblem[]
  /** Stops following; the last settings stay in force. */
  close(): void
}

/**
 * Reads how strict the walls shall be, and follows it.
 * @throws {@link RolloutError} instead of starting with settings that are wrong in any part.
 * @example
 * ```ts
 * const { enforcement } = createRollout({ models: { User: 'CRITICAL' }, environment: process.env })
 * ```
 */
export function createRollout(options: RolloutOptions): Rollout {
  const {
    environment,
    flagFile,
    always = false,
    names = defaultFlagNames,
    clock = Date.now,
  } = options
  const models = checkModels(options.models)
  const jobs = checkSystemJobs(options.systemJobs ?? [], models)
  const defaultTenant = parseTenantId(options.defaultTenant ?? 'default')
  let generation = 0
  let adopted: Adoption | undefined
  let problem: RolloutProblem | undefined
  let started = false

  const sources = openFlagSources({
    environment,
    flagFile,
    models,
    names,
    always,
    onAdoption(adoption) {
      adopted = adoption
      put('the flag file changed')
    },
    onKillSwitch() {
      put('the kill switch of the flag file changed')
    },
    onProblem(found) {
      problem = found && {
        about: 'flag_file',
        at: Date.now(),
        code: found.code,
        message: found.message,
      }
      if (problem !== undefined && started) options.onProblem?.(problem)
    },
  })
  adopted = sources.initial.at(-1)
  let rules = compileRules(settings('start'), models, jobs)
  started = true
  announce(rules.snapshot)
  if (problem !== undefined) options.onProblem?.(problem)

  function settings(reason: string): Settings {
    generation += 1
    return {
      generation,
      stage: undefined,
      flags: adopted?.flags ?? defaultFlags,
      killSwitch: sources.killSwitches().length > 0 ? 'on' : 'off',
      latch: undefined,
      tenants: adopted?.tenants ?? new Map(),
      always,
      source: always ? 'code' : (adopted?.source ?? 'environment'),
      actor: always ? 'code' : (adopted?.source ?? 'environment'),
      reason,
      warnings: adopted?.warnings ?? [],
    }
  }
  function put(reason: string): void {
    rules = compileRules(settings(reason), models, jobs)
    announce(rules.snapshot)
  }

  return {
    enforcement: createEnforcement(() => rules, { defaultTenant, clock }),
    snapshot: () => rules.snapshot,
    problems: () => (problem === undefined ? [] : [problem]),
    close: () => sources.close(),
  }
}

function announce(snapshot: RolloutSnapshot): void {
  publish({
    type: 'settings',
    generation: snapshot.generation,
    stage: snapshot.stage,
    mode: snapshot.mode,
    enforcement: snapshot.enforcement,
    killSwitch: snapshot.killSwitch,
    actor: snapshot.actor,
    reason: snapshot.reason,
  })
}
