import { declaredModels } from '../data/models.ts'
import type { Answer } from '../driver/exchange.ts'
import { endpointOf, openRelationsOf, plantedLeaks } from '../leaks/planted.ts'
import { field } from './rollout-answers.ts'
import type { Story } from './story.ts'

/** What a report or a dashboard counts. */
export interface ReportFigures {
  /** Violations in all, of each severity and of each model; requests, where they are counted. */
  readonly counts: ReadonlyMap<string, number>
  /** Violations of each endpoint; a report lists those with most of them. */
  readonly endpoints: ReadonlyMap<string, number>
}

/** How many endpoints a report lists. */
const listed = 10

/** What must be in a report about these answers, by what the driver knows of them. */
export function figuresOf(answers: readonly Answer[]): ReportFigures {
  const counts = new Map([['all', 0]])
  const endpoints = new Map<string, number>()
  const add = (sums: Map<string, number>, name: string): void => {
    sums.set(name, (sums.get(name) ?? 0) + 1)
  }
  for (const { leak: kind, verdict } of answers) {
    const leak = plantedLeaks.find((planted) => planted.kind === kind)
    if (leak === undefined || verdict !== 'leaked') continue
    for (const { model } of openRelationsOf(leak)) {
      for (const name of ['all', declaredModels[model] ?? '', model]) add(counts, name)
      add(endpoints, endpointOf(leak))
    }
  }
  return { counts, endpoints }
}

/** The same of `partywall report`, which also counts requests. */
export function figuresOfReport(report: unknown): ReportFigures {
  return {
    counts: new Map([
      ['all', numberIn(report, 'total')],
      ['requests', numberIn(report, 'operations')],
      ...listIn(report, 'severities').flatMap((each): [string, number][] => [
        [String(field(each, 'severity')), numberIn(each, 'total')],
        ...listIn(each, 'models').map(nameAndCount),
      ]),
    ]),
    endpoints: new Map(listIn(report, 'endpoints').map(nameAndCount)),
  }
}

/** The same of the dashboard, whose hours must add up too. */
export function figuresOfDashboard(dashboard: unknown): ReportFigures {
  const sum = listIn(dashboard, 'hours').reduce((total: number, each) => total + Number(each), 0)
  const total = numberIn(dashboard, 'total')
  const severities = Object.entries(field(dashboard, 'severities') ?? {})
  return {
    counts: new Map([
      ['all', sum === total ? total : Number.NaN],
      ...severities.map(([name, count]): [string, number] => [name, Number(count)]),
      ...listIn(dashboard, 'models').map(nameAndCount),
    ]),
    endpoints: new Map(listIn(dashboard, 'endpoints').map(nameAndCount)),
  }
}

/** Asserts that a report says exactly what the driver knows. */
export function expectFigures(
  { assertions }: Story,
  what: string,
  found: ReportFigures,
  wanted: ReportFigures,
): void {
  const wrong = [
    ...differences(found.counts, wanted.counts),
    ...differences(found.endpoints, topOf(wanted.endpoints, found.endpoints)),
  ]
  const all = wanted.counts.get('all') ?? 0
  assertions.expect(
    `${what} counts exactly the leaks that were reached, by severity, model and endpoint`,
    wrong.length === 0 && all > 0,
    wrong.length === 0 ? `${all} violations` : wrong.join('; '),
  )
}

function differences(
  found: ReadonlyMap<string, number>,
  wanted: ReadonlyMap<string, number>,
): readonly string[] {
  return [...new Set([...found.keys(), ...wanted.keys()])]
    .filter((name) => (found.get(name) ?? 0) !== (wanted.get(name) ?? 0))
    .map((name) => `${name}: ${found.get(name) ?? 0} instead of ${wanted.get(name) ?? 0}`)
}

/** Those that must be listed; of equals at the end of the list, those that are. */
function topOf(
  endpoints: ReadonlyMap<string, number>,
  shown: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const rank = ([name, count]: [string, number]): number => count + (shown.has(name) ? 0.5 : 0)
  return new Map([...endpoints].sort((a, b) => rank(b) - rank(a)).slice(0, listed))
}

function nameAndCount(row: unknown): [string, number] {
  return [String(field(row, 'name')), numberIn(row, 'count')]
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const found = field(value, name)
  return Array.isArray(found) ? found : []
}

function numberIn(value: unknown, name: string): number {
  const found = field(value, name)
  return typeof found === 'number' ? found : Number.NaN
}
