import type { VirtualClock } from '../clock.ts'
import type { Seed } from '../data/seed.ts'
import type { LeakKind } from '../leaks/leak.ts'
import { createExpectedData, type ExpectedData } from './expected-data.ts'
import { createLane, type Lane } from './lane.ts'
import { createSeenTables, type SeenTables } from './seen-tables.ts'
import { factsByTenant, type TenantFacts } from './tenant-facts.ts'

/** Everything that the driver knows, all of it from the seed and from acknowledged answers. */
export interface World {
  readonly seed: Seed
  readonly clock: VirtualClock
  readonly expected: ExpectedData
  readonly lanes: readonly Lane[]
  /** What the tables held when they were last looked at. */
  readonly seen: SeenTables
  factsOf(tenantKey: number): TenantFacts
  /** A number that no other request of this kind gets until the rows are restored. */
  reserve(kind: LeakKind): number
  /** All reserved rows are there again. */
  releaseReservations(): void
}

export function createWorld(seed: Seed, clock: VirtualClock): World {
  const expected = createExpectedData(seed)
  const facts = factsByTenant(expected)
  const reserved = new Map<LeakKind, number>()
  return {
    seed,
    clock,
    expected,
    seen: createSeenTables(),
    lanes: seed.lanes.map((user) => createLane(user, expected)),
    factsOf(tenantKey) {
      const found = facts.get(tenantKey)
      if (found === undefined) throw new Error('there is no such tenant')
      return found
    },
    reserve(kind) {
      const index = reserved.get(kind) ?? 0
      reserved.set(kind, index + 1)
      return index
    },
    releaseReservations: () => reserved.clear(),
  }
}
