import type { HistoryEntry } from '@partywall/rollout'
import { type Paint, table } from '../layout.ts'
import { momentText } from '../measures.ts'

/** One line per change, whatever it was about. */
export function historyLines(entries: readonly HistoryEntry[], paint: Paint): readonly string[] {
  if (entries.length === 0) return ['nothing is on record']
  const rows = entries.map((entry) => [
    momentText(entry.at),
    numberText(entry),
    whatText(entry),
    `${entry.actor}: ${entry.reason}`,
  ])
  return table(['at (UTC)', 'record', 'change', 'by'], rows, paint)
}

function numberText(entry: HistoryEntry): string {
  switch (entry.kind) {
    case 'generation':
      return `generation ${entry.number}`
    case 'kill_switch':
      return `kill ${entry.number}`
    case 'triage':
      return `triage ${entry.number}`
  }
}

function whatText(entry: HistoryEntry): string {
  switch (entry.kind) {
    case 'generation':
      return `${entry.change.replaceAll('_', ' ')}, stage ${entry.stage}${entry.latch === undefined ? '' : `, latched ${entry.latch}`}${entry.flags.enabled || entry.stage === 0 ? '' : ', enforcement off'}`
    case 'kill_switch':
      return `kill switch ${entry.killSwitch}`
    case 'triage':
      return `${entry.signatures.join(' ')} ${entry.ruling.replaceAll('_', ' ')}`
  }
}
