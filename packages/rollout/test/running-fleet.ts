import {
  type Check,
  createRollout,
  type GateResult,
  initRollout,
  openRollout,
  type Rollout,
  type RolloutOperator,
  type RolloutOptions,
} from '@partywall/rollout'
import { onTestFinished } from 'vitest'
import { type CountingObservations, countingObservations } from './counting-observations.ts'
import { temporaryFolder } from './temporary-folder.ts'

export const hour = 3_600_000
export const day: number = 24 * hour
export const fleetModels = {
  User: 'CRITICAL',
  RefreshToken: 'CRITICAL',
  PasswordResetToken: 'CRITICAL',
  MfaBackupCode: 'CRITICAL',
  AuditLog: 'CRITICAL',
  Role: 'HIGH',
  UserRole: 'HIGH',
  SecurityAlert: 'HIGH',
  RolePermission: 'MEDIUM',
} as const
export const ada = { actor: 'ada', reason: 'as planned' }

export interface Process {
  readonly rollout: Rollout
  readonly seen: CountingObservations
}

type StartOptions = Partial<Omit<RolloutOptions, 'state'>> & {
  readonly onRed?: 'hold' | 'rollback'
}

/** Two instances, a virtual clock, a state folder and an operator. */
export interface RunningFleet {
  readonly folder: string
  readonly operator: RolloutOperator
  readonly processes: ReadonlyMap<string, Process>
  now(): number
  /** Moves the clock without traffic and without a tick. */
  jump(ms: number): void
  start(instance: string, release: string, options?: StartOptions): Process
  stop(instance: string): void
  /** Lets hours pass, each with `perHour` requests per instance and whatever `each` adds. */
  hours(count: number, each?: (processes: ReadonlyMap<string, Process>, hour: number) => void): void
  check(): Promise<Check>
  gate(name: string): Promise<GateResult>
  /** Advances stage by stage, each on green, until `stage`. */
  reach(stage: number): Promise<void>
  tick(): void
}

export async function runningFleet(perHour = 250): Promise<RunningFleet> {
  const folder = temporaryFolder()
  let now = Date.UTC(2026, 0, 5)
  const clock = (): number => now
  const instances = ['a', 'b']
  await initRollout(folder, { models: fleetModels, instances, ...ada, clock })
  const operator = await openRollout(folder, { clock })
  const processes = new Map<string, Process>()

  function tick(): void {
    for (const { rollout } of processes.values()) rollout.tick()
  }
  const fleet: RunningFleet = {
    folder,
    operator,
    processes,
    now: clock,
    jump(ms) {
      now += ms
    },
    start(instance, release, { onRed, ...options } = {}) {
      const seen = countingObservations()
      const rollout = createRollout({
        models: fleetModels,
        environment: { TENANT_ENFORCEMENT_ENABLED: 'false' },
        clock,
        ...options,
        state: { folder, instance, release, observations: seen, onRed },
      })
      const process = { rollout, seen }
      processes.set(instance, process)
      return process
    },
    stop(instance) {
      processes.get(instance)?.rollout.close()
      processes.delete(instance)
    },
    hours(count, each) {
      for (let passed = 0; passed < count; passed += 1) {
        for (const { seen } of processes.values()) seen.operations(perHour)
        each?.(processes, passed)
        tick()
        now += hour
      }
      tick()
    },
    check: () => operator.check(),
    async gate(name) {
      const { gates } = await operator.check()
      const found = gates.find(({ gate }) => gate === name)
      if (found === undefined) throw new Error(`no gate ${name}`)
      return found
    },
    async reach(stage) {
      // The walk through the real durations is a test of its own; a day of each is enough here.
      await operator.configure({ dwellDays: [1, 1, 1, 1] }, ada)
      await operator.waitForFleet({ timeoutMs: 10_000 })
      for (;;) {
        const { stage: current } = await operator.status()
        if (current >= stage) return
        fleet.hours(24)
        await operator.advance(ada)
        await operator.waitForFleet({ timeoutMs: 10_000 })
      }
    },
    tick,
  }
  onTestFinished(() => {
    for (const { rollout } of processes.values()) rollout.close()
  })
  for (const instance of instances) fleet.start(instance, '1')
  return fleet
}
