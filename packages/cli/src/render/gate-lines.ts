import type { Check, GateResult, Verdict } from '@partywall/rollout'
import { type Paint, printable, type Tone, table } from '../layout.ts'
import { countText, momentText, spanText, thresholdText, valueText } from '../measures.ts'

const tones: Readonly<Record<Verdict, Tone>> = {
  green: 'good',
  amber: 'warn',
  inconclusive: 'warn',
  red: 'bad',
}

/** A verdict, in its colour. */
function verdictText(verdict: Verdict, paint: Paint): string {
  return paint(verdict.toUpperCase(), tones[verdict])
}

/** What every gate measured: value, threshold, samples and span, and why it is not green. */
export function checkLines(check: Check, paint: Paint): readonly string[] {
  const { stage, stageName, generation, verdict, release, at, stageEnteredAt, countingSince } =
    check
  const counting =
    countingSince === undefined
      ? 'not counting: a deployment is going on'
      : `counting since ${momentText(countingSince)} UTC`
  return [
    `Stage ${stage} (${stageName}), generation ${generation}${release === undefined ? '' : `, release ${printable(release)}`}: ${verdictText(verdict, paint)}`,
    `entered ${momentText(stageEnteredAt)} UTC, ${spanText(at - stageEnteredAt)} ago; ${counting}`,
    '',
    ...gateLines(check.gates, paint),
  ]
}

/** A table of gates; the notes stand below the gate that they are about. */
function gateLines(gates: readonly GateResult[], paint: Paint): readonly string[] {
  const rows = gates.map((gate) => [
    { text: gate.verdict, tone: tones[gate.verdict] },
    { text: valueText(gate) },
    { text: thresholdText(gate) },
    { text: countText(gate.samples) },
    { text: spanText(gate.spanMs) },
    { text: gate.note === undefined ? gate.title : `${gate.title}: ${gate.note}` },
  ])
  return table(['verdict', 'value', 'green', 'samples', 'span', 'gate'], rows, paint)
}
