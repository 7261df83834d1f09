import type { Operator } from './operator.ts'

export type Verdict = 'green' | 'amber' | 'red' | 'inconclusive'

/** What `partywall rollout check` and a refused `advance` say, as far as the story reads it. */
export interface CheckAnswer {
  readonly verdict: Verdict
  readonly gates: readonly GateAnswer[]
}

export interface GateAnswer {
  readonly gate: string
  readonly title: string
  readonly value?: number
  readonly unit: string
  readonly threshold: string
  readonly samples: number
  readonly spanMs: number
  readonly verdict: Verdict
  readonly note?: string
}

/** The violations of one signature, as `partywall violations list` gives them. */
export interface ViolationAnswer {
  readonly signature: string
  readonly severity: string
  readonly model: string
  readonly action: string
  readonly endpoint: string
  readonly count: number
  readonly decisions: Readonly<Record<string, number>>
  readonly bypasses: readonly { readonly actor: string; readonly reason: string }[]
}

/** Asks for the verdict. */
export async function checkRollout(operator: Operator): Promise<CheckAnswer> {
  const { said } = await operator.ask(['rollout', 'check'])
  return checkIn(resultOf(said))
}

/** The document that a command printed, without its frame. */
export function resultOf(said: unknown): unknown {
  return field(said, 'result')
}

export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined
}

/** The check in an answer: on its own, or beside the refusal of a step. */
export function checkIn(result: unknown): CheckAnswer {
  const found = field(result, 'check') ?? result
  if (!Array.isArray(field(found, 'gates'))) {
    throw new Error(`no verdict in ${JSON.stringify(result)}`)
  }
  // Its shape is documented by the command; what is wrong in it shows in the assertions.
  return found as CheckAnswer
}
