import type { TenantId } from '@partywall/context'
import type { Observations, Severity } from '@partywall/context/spi'
import type { FlagNames } from './flag-names.ts'
import type { RolloutProblem } from './problem.ts'
import type { SystemJob } from './system-job.ts'

/** Every model that a wall guards, with how much its rows matter. */
export type DeclaredModels = Readonly<Record<string, Severity>>

/** What {@link createRollout} goes by; the first two are enough. */
export interface RolloutOptions {
  readonly models: DeclaredModels
  /** The variables of the process, passed in: `process.env`. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** A JSON file with the same names, followed while the process runs. */
  readonly flagFile?: string | undefined
  /** A folder made by `initRollout`: stages, verdicts, the fleet, the command line. */
  readonly state?: StateOptions | undefined
  /** The walls are always on, by code: no flag is read, only the kill switch. @defaultValue `false` */
  readonly always?: boolean | undefined
  /** The only bypasses that are left once the walls are always on. @defaultValue none */
  readonly systemJobs?: readonly SystemJob[] | undefined
  /** Who is served while the kill switch is on. @defaultValue `'default'` */
  readonly defaultTenant?: TenantId | string | undefined
  /** @defaultValue document 001's names, and `PARTYWALL_TENANCY_ENABLED` */
  readonly names?: FlagNames | undefined
  /**
   * Epoch milliseconds by which stages, rates and exemptions go. Of the time of day no more counts as
   * watched than really passed; any other clock is its driver's, an hour per step at most.
   * @defaultValue `Date.now`
   */
  readonly clock?: (() => number) | undefined
  /** Told of everything that could not be read, taken or written. It must not throw. */
  readonly onProblem?: ((problem: RolloutProblem) => void) | undefined
}

/** How this process takes part in a rollout that has a state folder. */
export interface StateOptions {
  readonly folder: string
  /** Which of the expected instances this is: a stable name, the same after a restart. */
  readonly instance: string
  /** Which release of the service this process runs. */
  readonly release: string
  /** The counters of this process: what gates read. */
  readonly observations: Observations
  /**
   * What a red share of errors does. `rollback` opens the walls without asking anybody: whoever can
   * provoke errors can then open them.
   * @defaultValue `'hold'`
   */
  readonly onRed?: 'hold' | 'rollback' | undefined
}
