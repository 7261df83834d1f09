import { readFileSync } from 'node:fs'
import { document001, type ModelSelection, type Stage } from '@partywall/rollout'
import { expect, it } from 'vitest'

function models(selection: ModelSelection): string {
  if (typeof selection === 'string') return selection
  return 'severity' in selection ? selection.severity : `all below ${selection.below}`
}

function tableOf({ number, title, enabled, mode, enforceModels, logModels, gates }: Stage): string {
  const flags = [
    `enabled ${enabled}`,
    `mode ${mode}`,
    `enforce ${models(enforceModels)}`,
    `log ${models(logModels)}`,
  ]
  const rows = gates.map((gate) => {
    const { title: asks, relation, limit, unit, redAbove, missed = 'amber', samples, spanMs } = gate
    const needs = [
      ...(samples === undefined ? [] : [`${samples} samples`]),
      ...(spanMs === undefined ? [] : [`${spanMs / 3_600_000} h`]),
    ]
    const miss =
      redAbove === undefined || missed === 'red' ? missed : `${missed}, red above ${redAbove}`
    const green = `${relation} ${limit}`
    return `| \`${gate.gate}\` | ${asks} | ${green} (${unit}) | ${miss} | ${needs.join(', ')} |`
  })
  return [
    `### ${number} ${title}`,
    '',
    `Flags: ${flags.join(', ')}.`,
    '',
    '| gate | asks for | green | missed | needs |',
    '|-|-|-|-|-|',
    ...rows,
  ].join('\n')
}

it('shows every stage and gate as the code has them', () => {
  const page = readFileSync(new URL('../docs/stages.md', import.meta.url), 'utf8')
  for (const stage of document001.stages) expect(page).toContain(tableOf(stage))
})
