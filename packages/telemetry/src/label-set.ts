import { type Severity, severities, unknownModel } from '@partywall/context/spi'

/** The label of everything that was not declared. */
const otherLabel = 'other'

/** The endpoint of work that has none. */
export const unmatchedEndpoint = 'unmatched'

/** One row of the counters: a declared model, `(unknown)`, or the undeclared ones of a severity. */
interface ModelLabel {
  /** Unique in totals and aggregates. */
  readonly name: string
  /** The value of the metric label. */
  readonly label: string
  readonly severity: Severity
  readonly declared: boolean
}

/** The closed set of label values: known at start, so that no input can ever add a series. */
export interface LabelSet {
  readonly models: readonly ModelLabel[]
  readonly endpoints: readonly string[]
  readonly reasons: readonly string[]
  /** Declared endpoints that found no room under the limit: they are counted as `other`. */
  readonly folded: number
  modelIndex(model: string, severity: Severity): number
  endpointIndex(endpoint: string): number
  reasonIndex(reason: string): number
}

/** At most this many model × endpoint series per metric. */
const seriesLimit = 10_000

export function createLabelSet(declared: {
  readonly models: Readonly<Record<string, Severity>>
  readonly endpoints: readonly string[]
  readonly reasons: readonly string[]
}): LabelSet {
  const models: ModelLabel[] = Object.entries(declared.models)
    .filter(([name]) => name !== unknownModel)
    .map(([name, severity]) => ({ name, label: name, severity, declared: true }))
  models.push({ name: unknownModel, label: unknownModel, severity: 'CRITICAL', declared: true })
  const firstOther = models.length
  for (const severity of severities) {
    models.push({ name: `(other ${severity})`, label: otherLabel, severity, declared: false })
  }
  const wanted = distinct(declared.endpoints, [unmatchedEndpoint, otherLabel])
  const room = Math.max(0, Math.floor(seriesLimit / models.length) - 2)
  const endpoints = [...wanted.slice(0, room), unmatchedEndpoint, otherLabel]
  const reasons = [...distinct(declared.reasons, [otherLabel]), otherLabel]
  const modelAt = indexOf(models.slice(0, firstOther).map(({ name }) => name))
  const endpointAt = indexOf(endpoints)
  const reasonAt = indexOf(reasons)
  return {
    models,
    endpoints,
    reasons,
    folded: Math.max(0, wanted.length - room),
    modelIndex: (model, severity) =>
      modelAt.get(model) ?? firstOther + severities.indexOf(severity),
    endpointIndex: (endpoint) => endpointAt.get(endpoint) ?? endpoints.length - 1,
    reasonIndex: (reason) => reasonAt.get(reason) ?? reasons.length - 1,
  }
}

function distinct(values: readonly string[], reserved: readonly string[]): readonly string[] {
  return [...new Set(values)].filter((value) => !reserved.includes(value))
}

function indexOf(values: readonly string[]): ReadonlyMap<string, number> {
  return new Map(values.map((value, index) => [value, index]))
}
