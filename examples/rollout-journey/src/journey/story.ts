import type pg from 'pg'
import type { VirtualClock } from '../clock.ts'
import type { Driver } from '../driver/driver.ts'
import type { Answer } from '../driver/exchange.ts'
import type { Fleet, InstanceName } from '../fleet/fleet.ts'
import type { FlipTiming } from '../fleet/flip.ts'
import type { LeakKind } from '../leaks/leak.ts'
import type { ReleaseName } from '../releases/release-names.ts'
import type { Assertions } from './assertions.ts'
import type { Figures } from './figures.ts'
import type { Operator } from './operator.ts'
import type { Page } from './print.ts'
import type { Traffic } from './traffic.ts'

/** What a run is asked for. */
export interface JourneyOptions {
  readonly seed: number
  /** Where the proxy listens; 0 is any port that is free. */
  readonly port: number
  /** How long a flip may take, in milliseconds. */
  readonly flipWithinMs: number
  /** Whether there is a state folder; without one, flags alone say how strict the walls are. */
  readonly stages: boolean
  /** `guard-off`: the driver must notice that the guard is missing. */
  readonly walls: 'all' | 'guard-off'
  /** Leaks that are mended in every release: the driver must notice that they are missing. */
  readonly mended: readonly LeakKind[]
}

/** Where everything of a run lies. */
export interface JourneyFolders {
  readonly state: string
  readonly flagFile: string
  readonly violationLog: string
  readonly aggregates: string
  /** The virtual clock, for commands: epoch milliseconds. */
  readonly clockFile: string
  readonly configuration: string
}

/** Everything that the phases act with. */
export interface Story {
  readonly options: JourneyOptions
  readonly folders: JourneyFolders
  readonly page: Page
  readonly assertions: Assertions
  readonly figures: Figures
  readonly clock: VirtualClock
  readonly fleet: Fleet
  readonly driver: Driver
  readonly traffic: Traffic
  readonly operator: Operator
  /** The driver's own way to the tables. */
  readonly tables: pg.Client
  deploy(release: ReleaseName, options?: DeployOptions): Promise<void>
  /** Flips something from outside and waits for the last instance to show it. */
  flip(name: string, how: 'file' | 'command', flip: Flip): Promise<FlipTiming>
}

export interface DeployOptions {
  readonly walls?: 'none' | 'guard-off' | 'all' | undefined
  /** Variables for the processes, such as flags. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  readonly onRed?: 'hold' | 'rollback' | undefined
  readonly names?: readonly InstanceName[] | undefined
}

export interface Flip {
  /** Begins it: spawns a command, renames a file. */
  readonly act: () => Promise<unknown>
  readonly shownBy: ShownByAnswer | ShownByGauge
}

/** A request that shows a flip, and the verdict that its answer has from then on. */
export type ShownByAnswer = Parameters<Driver['ask']>[1] & { readonly as: Answer['verdict'] }

/** What an instance says of itself under `/metrics` from then on, where no request shows it. */
export interface ShownByGauge {
  readonly gauge: string
  readonly value: number
}
