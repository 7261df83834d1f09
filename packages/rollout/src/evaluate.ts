import type { Check } from './check.ts'
import { countingSince, type Evidence } from './evidence.ts'
import { answer, type Gate } from './gate.ts'
import { measureOf } from './measures.ts'
import { worstVerdict } from './verdict.ts'

/** Asks every gate of the stage. */
export function evaluate(evidence: Evidence): Check {
  const { generation, stage, now, fleet } = evidence
  const days = generation.dwellDays?.[stage.number]
  const gates = stage.gates.map((gate) =>
    ask(gate.measure === 'dwell' && days !== undefined ? { ...gate, limit: days } : gate, evidence),
  )
  const since = countingSince(evidence)
  return Object.freeze({
    verdict: worstVerdict(gates.map(({ verdict }) => verdict)),
    generation: generation.number,
    stage: stage.number,
    stageName: stage.name,
    at: now,
    stageEnteredAt: generation.stageEnteredAt,
    ...(since === undefined ? {} : { countingSince: since }),
    ...(fleet.release === undefined ? {} : { release: fleet.release }),
    gates,
  })
}

/** Asks one gate. */
export function ask(gate: Gate, evidence: Evidence): Check['gates'][number] {
  return answer(gate, measureOf[gate.measure](evidence, gate))
}
