import type { DecisionAction, Severity } from '@partywall/context/spi'
import type { Ruling } from '@partywall/rollout'
import type { LoggedViolation } from '@partywall/telemetry'

/** Who used a bypass for a signature, and how often. */
export interface BypassUse {
  readonly actor: string
  readonly reason: string
  readonly count: number
}

/** Every logged violation of one signature. */
export interface ViolationGroup {
  readonly signature: string
  readonly severity: Severity
  readonly model: string
  readonly action: string
  readonly endpoint: string
  readonly statement: string
  readonly count: number
  /** How often which decision was taken. */
  readonly decisions: Readonly<Partial<Record<DecisionAction, number>>>
  readonly bypasses: readonly BypassUse[]
  /** ISO 8601. */
  readonly first: string
  readonly last: string
  /** The stack of the newest one. */
  readonly stack: string
  /** How to mend it, where the newest one says so. */
  readonly hint?: string
  /** What a person said about it, where a state folder is given and something was blocked. */
  readonly ruling?: Ruling
}

type Growing = { -readonly [Key in keyof ViolationGroup]: ViolationGroup[Key] }

const order: readonly Severity[] = ['CRITICAL', 'HIGH', 'MEDIUM']

/** Groups records by signature: the most severe first, then the most frequent. */
export function groupViolations(
  violations: readonly LoggedViolation[],
  rulings: ReadonlyMap<string, Ruling>,
): readonly ViolationGroup[] {
  const groups = new Map<string, Growing>()
  for (const { signature, decision, bypass, record } of violations) {
    const { severity, model, action, endpoint, timestamp, stackTrace, queryArgs } = record
    const ruling = rulings.get(signature)
    const group: Growing = groups.get(signature) ?? {
      signature,
      severity,
      model,
      action,
      endpoint,
      statement: queryArgs.statement,
      count: 0,
      decisions: {},
      bypasses: [],
      first: timestamp,
      last: timestamp,
      stack: stackTrace,
      ...(ruling === undefined ? {} : { ruling }),
    }
    group.count += 1
    group.decisions = { ...group.decisions, [decision]: (group.decisions[decision] ?? 0) + 1 }
    if (bypass !== undefined) group.bypasses = counted(group.bypasses, bypass)
    if (timestamp < group.first) group.first = timestamp
    if (timestamp >= group.last) {
      group.last = timestamp
      group.stack = stackTrace
      if (record.hint !== undefined) group.hint = record.hint
    }
    groups.set(signature, group)
  }
  return [...groups.values()].sort(
    (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || b.count - a.count,
  )
}

function counted(
  uses: readonly BypassUse[],
  { actor, reason }: { readonly actor: string; readonly reason: string },
): readonly BypassUse[] {
  const known = uses.find((use) => use.actor === actor && use.reason === reason)
  if (known === undefined) return [...uses, { actor, reason, count: 1 }]
  return uses.map((use) => (use === known ? { ...use, count: use.count + 1 } : use))
}
