/** How much a finding matters: an error makes the command exit 1. */
export const findingSeverities = ['error', 'warning', 'info'] as const
export type FindingSeverity = (typeof findingSeverities)[number]

/** Something that an operator should know, and what to do about it. */
export interface Finding {
  /** A stable id, such as `fleet.missing`. */
  readonly id: string
  readonly severity: FindingSeverity
  readonly finding: string
  readonly todo: string
}

/** Collects findings in the order in which they are told. */
export interface Findings {
  error(id: string, finding: string, todo: string): void
  warning(id: string, finding: string, todo: string): void
  info(id: string, finding: string, todo: string): void
  /** The worst first. */
  all(): readonly Finding[]
}

export function createFindings(): Findings {
  const found: Finding[] = []
  const tell =
    (severity: FindingSeverity) =>
    (id: string, finding: string, todo: string): void => {
      found.push({ id, severity, finding, todo })
    }
  return {
    error: tell('error'),
    warning: tell('warning'),
    info: tell('info'),
    all: () =>
      findingSeverities.flatMap((each) => found.filter(({ severity }) => severity === each)),
  }
}
