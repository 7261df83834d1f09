import { parseTenantId } from '@partywall/context'
import { type Change, parseChange } from './change.ts'
import type { Check } from './check.ts'
import { evaluate } from './evaluate.ts'
import { type Evidence, wholeWindow } from './evidence.ts'
import { createFleetReader } from './fleet-report.ts'
import { type FleetWait, type FleetWaitOptions, waitForFleet } from './fleet-wait.ts'
import { gatherEvidence } from './gather-evidence.ts'
import type { Step } from './next-generation.ts'
import type {
  GenerationContent,
  GenerationRecord,
  KillSwitchRecord,
  Ruling,
  TriageRecord,
} from './records.ts'
import { rulings } from './records.ts'
import { RolloutError } from './rollout-error.ts'
import { type LatchMode, latchModes } from './settings.ts'
import { type BlockedSignature, signaturesOf } from './signatures.ts'
import {
  readKillSwitch,
  readState,
  refuseUnbegun,
  stateFolder,
  sweepDrafts,
} from './state-folder.ts'
import { type RolloutStatus, statusOf } from './status.ts'
import type { TenantOverride } from './tenant-override.ts'
import {
  advanced,
  type Configuration,
  configured,
  enforcementSet,
  modelRemoved,
  modelRestored,
  rearmed,
  rolledBack,
  tenantOverridden,
} from './transitions.ts'

/** One line of the history: whatever somebody changed. */
export type HistoryEntry = GenerationRecord | KillSwitchRecord | TriageRecord

/**
 * A rollout in the hands of a person. Each change names an actor and a reason and is one record;
 * of two at once one wins, and the other is told `rollout.superseded`.
 */
export interface RolloutOperator {
  status(): Promise<RolloutStatus>
  /** Asks every gate of the stage. */
  check(): Promise<Check>
  /**
   * Enters the next stage; with `expected`, only if that is still the newest generation.
   * @throws {@link RolloutError} `rollout.not_green`, `rollout.last_stage`, `rollout.superseded`
   */
  advance(by: Change & { readonly expected?: number | undefined }): Promise<GenerationRecord>
  /** The instant rollback. @defaultValue to `'log_only'` */
  rollback(by: Change & { readonly to?: LatchMode | undefined }): Promise<GenerationRecord>
  /** Ends a rollback, and restarts the window. */
  rearm(by: Change): Promise<GenerationRecord>
  /** The partial rollback: the model is logged, the others stay enforced. */
  removeModel(model: string, by: Change): Promise<GenerationRecord>
  restoreModel(model: string, by: Change): Promise<GenerationRecord>
  /** `off` opens the walls: nothing is blocked. */
  setEnforcement(position: 'on' | 'off', by: Change): Promise<GenerationRecord>
  /**
   * `on` closes the service to every tenant but the default one; only damage of the kill switch's own
   * records can refuse it.
   */
  setKillSwitch(position: 'on' | 'off', by: Change): Promise<KillSwitchRecord>
  overrideTenant(
    tenantId: string,
    override: TenantOverride | undefined,
    by: Change,
  ): Promise<GenerationRecord>
  configure(changes: Configuration, by: Change): Promise<GenerationRecord>
  /** Every blocked signature that a report of the fleet knows. */
  signatures(): Promise<readonly BlockedSignature[]>
  /** One record says what these signatures are; an unknown one refuses them all. */
  triage(signatures: readonly string[], ruling: Ruling, by: Change): Promise<TriageRecord>
  /** Everything on record, oldest first. */
  history(): Promise<readonly HistoryEntry[]>
  /** Waits until the whole fleet has applied a record, and names who has not. */
  waitForFleet(options: FleetWaitOptions): Promise<FleetWait>
}

export interface OperatorOptions {
  /** The rollout's clock, epoch milliseconds. @defaultValue `Date.now` */
  readonly clock?: (() => number) | undefined
}

/**
 * Opens a rollout for a person or a command line. Each call verifies what it goes by; closing goes
 * by the chain of the kill switch alone.
 * @throws {@link RolloutError} `rollout.no_state`
 */
export async function openRollout(
  folder: string,
  { clock = Date.now }: OperatorOptions = {},
): Promise<RolloutOperator> {
  const state = stateFolder(folder)
  refuseUnbegun(state)
  sweepDrafts(state)
  const readFleet = createFleetReader(state.fleetPath)

  function gather(): Evidence {
    const { generation, killSwitch } = readState(state)
    return gatherEvidence(generation, killSwitch, state.triage.readAll(), readFleet(), clock())
  }
  function step(by: Change): Step {
    return { ...parseChange(by), at: clock() }
  }
  function change(
    by: Change,
    next: (current: GenerationRecord, step: Step) => GenerationContent,
  ): GenerationRecord {
    const taken = step(by)
    const { generation } = readState(state)
    return state.generations.append(next(generation, taken), generation)
  }

  return {
    status: async () => statusOf(gather()),
    check: async () => evaluate(gather()),
    async advance({ expected, ...by }) {
      const taken = step(by)
      const evidence = gather()
      const { number } = evidence.generation
      if (expected !== undefined && expected !== number) {
        throw new RolloutError(
          'rollout.superseded',
          `generation ${number} is the newest, not the expected one; look at it and decide again`,
        )
      }
      const check = evaluate(evidence)
      // Asked first: in the last stage no verdict leads anywhere.
      const next = advanced(evidence.generation, taken, proofOf(evidence, check))
      if (check.verdict !== 'green') throw notGreen(check)
      return state.generations.append(next, evidence.generation)
    },
    rollback: async ({ to = 'log_only', ...by }) => {
      if (!latchModes.includes(to)) {
        throw new RolloutError('rollout.invalid_change', `roll back to ${latchModes.join(' or ')}`)
      }
      return change(by, (current, taken) => rolledBack(current, to, taken))
    },
    rearm: async (by) => change(by, rearmed),
    removeModel: async (model, by) =>
      change(by, (current, taken) => modelRemoved(current, model, taken)),
    restoreModel: async (model, by) =>
      change(by, (current, taken) => modelRestored(current, model, taken)),
    setEnforcement: async (position, by) =>
      change(by, (current, taken) => enforcementSet(current, position, taken)),
    async setKillSwitch(position, by) {
      const taken = step(by)
      // Closing must never be vetoed by what has nothing to do with it; opening may be.
      const killSwitch = position === 'on' ? readKillSwitch(state) : readState(state).killSwitch
      if (killSwitch.killSwitch === position) {
        throw new RolloutError('rollout.invalid_change', `the kill switch is ${position} already`)
      }
      return state.killSwitch.append(
        { kind: 'kill_switch', killSwitch: position, ...taken },
        killSwitch,
      )
    },
    overrideTenant: async (tenantId, override, by) =>
      change(by, (current, taken) =>
        tenantOverridden(current, parseTenantId(tenantId), override, taken),
      ),
    configure: async (changes, by) =>
      change(by, (current, taken) => configured(current, changes, taken)),
    signatures: async () => signaturesOf(gather()),
    async triage(named, ruling, by) {
      const taken = step(by)
      if (!rulings.includes(ruling)) {
        throw new RolloutError('rollout.invalid_change', `rule ${rulings.join(', ')}`)
      }
      const signatures = [...new Set(named)]
      if (signatures.length === 0) {
        throw new RolloutError('rollout.invalid_change', 'name a blocked signature')
      }
      const known = new Set(signaturesOf(gather()).map(({ id }) => id))
      const unknown = signatures.findIndex((it) => !known.has(it))
      if (unknown !== -1) {
        throw new RolloutError(
          'rollout.invalid_change',
          `no report names blocked signature ${unknown + 1} of ${signatures.length}`,
        )
      }
      return state.triage.append(
        { kind: 'triage', signatures, ruling, ...taken },
        state.triage.readAll().at(-1),
      )
    },
    async history() {
      const all: HistoryEntry[] = [
        ...readState(state).generations,
        ...state.killSwitch.readAll(),
        ...state.triage.readAll(),
      ]
      return all.sort((one, other) => one.at - other.at)
    },
    waitForFleet: (options) => waitForFleet(state, readFleet, options),
  }
}

function proofOf(
  evidence: Evidence,
  check: Check,
): Pick<GenerationContent, 'evidence' | 'baseline'> {
  const { counts } = wholeWindow(evidence)
  const { generation, fleet } = evidence
  return {
    evidence: {
      verdict: check.verdict,
      ...(fleet.release === undefined ? {} : { release: fleet.release }),
      gates: Object.fromEntries(check.gates.map(({ gate, value }) => [gate, value ?? null])),
    },
    baseline:
      generation.stage === 0
        ? { operations: counts.operations, failed: counts.operationsFailed }
        : generation.baseline,
  }
}

function notGreen({ verdict, stageName, gates }: Check): RolloutError {
  const open = gates.filter((gate) => gate.verdict !== 'green')
  const lines = open.map(
    ({ title, value, threshold, verdict: of, note }) =>
      `${of}: ${title}: ${value ?? 'no value'} (${threshold})${note ? `, ${note}` : ''}`,
  )
  return new RolloutError(
    'rollout.not_green',
    `stage ${stageName} is ${verdict}, only green advances:\n${lines.join('\n')}`,
  )
}
