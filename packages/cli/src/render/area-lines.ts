import type { CheckedArea } from '../checked-area.ts'
import { type Paint, pageWidth, type Tone, wrap } from '../layout.ts'

const tones: Readonly<Record<CheckedArea['state'], Tone>> = {
  ok: 'good',
  wrong: 'bad',
  'not given': 'plain',
  'not checked': 'warn',
}

const names: Readonly<Record<CheckedArea['about'], string>> = {
  configuration: 'configuration',
  environment: 'environment',
  flagFile: 'flag file',
  registry: 'tenants',
  schema: 'tenant schema',
  state: 'state folder',
  violationLog: 'violation logs',
  aggregates: 'daily counters',
}

/** One line per area, and below it what is wrong. */
export function areaLines(areas: readonly CheckedArea[], paint: Paint): readonly string[] {
  return areas.flatMap(({ about, state, problems, warnings }) => [
    `${names[about].padEnd(16)}${paint(state, tones[state])}`,
    ...problems.flatMap((text) => item(text, 'bad', paint)),
    ...warnings.flatMap((text) => item(text, 'warn', paint)),
  ])
}

function item(text: string, tone: Tone, paint: Paint): readonly string[] {
  return text
    .split('\n')
    .flatMap((line) => wrap(line, pageWidth - 4))
    .map((line, index) => paint(index === 0 ? `  - ${line}` : `    ${line}`, tone))
}
