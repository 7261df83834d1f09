import type { Severity } from '@partywall/context/spi'
import { type Evidence, wholeWindow } from './evidence.ts'
import type { Ruling } from './records.ts'

/** One kind of blocked statement, summed over the fleet, and what a person said about it. */
export interface BlockedSignature {
  readonly id: string
  readonly model: string
  readonly action: string
  readonly endpoint: string
  readonly statement: string
  readonly severity: Severity
  /** Since reports are kept. */
  readonly blocks: number
  /** Of those, in the window that the gates count. */
  readonly blocksCounted: number
  readonly ruling: Ruling
}

/** The blocked signatures of every report, most blocks in the window first. */
export function signaturesOf(evidence: Evidence): readonly BlockedSignature[] {
  const { counts } = wholeWindow(evidence)
  const byId = new Map<string, BlockedSignature>()
  for (const { report } of evidence.fleet.members) {
    for (const [id, { blocks, ...signature }] of Object.entries(report.signatures)) {
      byId.set(id, {
        id,
        ...signature,
        blocks: (byId.get(id)?.blocks ?? 0) + blocks,
        blocksCounted: counts.signatures[id] ?? 0,
        ruling: evidence.rulings.get(id) ?? 'open',
      })
    }
  }
  return [...byId.values()].sort(
    (one, other) => other.blocksCounted - one.blocksCounted || other.blocks - one.blocks,
  )
}
