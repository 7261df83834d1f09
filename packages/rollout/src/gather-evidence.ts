import type { Evidence } from './evidence.ts'
import { viewFleet } from './fleet.ts'
import type { FleetReading } from './fleet-report.ts'
import { stageOf } from './plans.ts'
import type { GenerationRecord, KillSwitchRecord, Ruling, TriageRecord } from './records.ts'

/** What is on record and what the fleet reports, as evidence at this moment. */
export function gatherEvidence(
  generation: GenerationRecord,
  killSwitch: KillSwitchRecord,
  triage: readonly TriageRecord[],
  reading: FleetReading,
  now: number,
): Evidence {
  return {
    now,
    stage: stageOf(generation),
    generation,
    killSwitch,
    // Liveness is a matter of the wall clock, whatever the rollout's clock says.
    fleet: viewFleet(reading, generation, killSwitch, Date.now()),
    rulings: rulingsOf(triage),
  }
}

/** The newest word on each signature. */
function rulingsOf(triage: readonly TriageRecord[]): ReadonlyMap<string, Ruling> {
  return new Map(
    triage.flatMap(({ signatures, ruling }) => signatures.map((it) => [it, ruling] as const)),
  )
}
