import {
  type DecisionAction,
  type DecisionReason,
  decisionActions,
  decisionReasons,
  severities,
  violationDetails,
  violationKinds,
} from '@partywall/context/spi'
import * as z from 'zod'
import type { ViolationRecord } from './violation-record.ts'

/** Who used a bypass, and why. */
export interface LoggedBypass {
  readonly actor: string
  /** The declared code. */
  readonly reason: string
  readonly note?: string
}

/** One line of the violation log: the documented record, and what was decided about it. */
export interface LoggedViolation {
  /** The id under which the violation is triaged. */
  readonly signature: string
  readonly decision: DecisionAction
  readonly reason: DecisionReason
  readonly generation: number
  readonly instance: string
  readonly release?: string
  /** There when the decision is `bypass`. */
  readonly bypass?: LoggedBypass
  readonly record: ViolationRecord
}

const key = z.union([z.number(), z.string()])

const schema: z.ZodType<LoggedViolation> = z.object({
  signature: z.string(),
  decision: z.enum(decisionActions),
  reason: z.enum(decisionReasons),
  generation: z.number(),
  instance: z.string(),
  release: z.string().exactOptional(),
  bypass: z
    .object({ actor: z.string(), reason: z.string(), note: z.string().exactOptional() })
    .exactOptional(),
  record: z.object({
    timestamp: z.iso.datetime(),
    severity: z.enum(severities),
    model: z.string(),
    action: z.string(),
    violation: z.enum(violationKinds),
    detail: z.enum(violationDetails).exactOptional(),
    hint: z.string().exactOptional(),
    endpoint: z.string(),
    method: z.string(),
    userId: key.exactOptional(),
    tenantId: key.exactOptional(),
    stackTrace: z.string(),
    queryArgs: z.object({
      fingerprint: z.string(),
      statement: z.string(),
      parameters: z.array(z.string()),
    }),
  }),
})

/** `undefined` for a line that is no whole record, such as the last line of a process that died. */
export function parseLoggedViolation(line: string): LoggedViolation | undefined {
  try {
    return schema.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}
