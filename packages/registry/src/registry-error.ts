import { PartywallError } from '@partywall/context'

/** Why `@partywall/registry` refused. */
export type RegistryErrorCode =
  /** The tenants of a source are not all good; `problems` lists what is wrong. */
  'registry.invalid' | 'registry.invalid_options' | 'registry.closed'

/** One thing that is wrong with a set of tenants. It never carries a value of the document. */
export interface RegistryProblem {
  /** The file's name inside its folder; absent for tenants from memory. */
  readonly file?: string
  /** 1 is the first line of the file. */
  readonly line?: number
  /** 1 is the first character of the line. */
  readonly column?: number
  /** The field, such as `members[2].role`. */
  readonly path?: string
  readonly message: string
}

/** Raised instead of serving tenants that were not all understood. Match on `code`. */
export class RegistryError extends PartywallError<RegistryErrorCode> {
  override readonly name = 'RegistryError'
  readonly problems: readonly RegistryProblem[]

  constructor(
    code: RegistryErrorCode,
    message: string,
    options: ErrorOptions & { readonly problems?: readonly RegistryProblem[] } = {},
  ) {
    super(code, message, options)
    this.problems = options.problems ?? []
  }
}

/** One line for people: `acme.yaml:3:7 status is a number; expected active or suspended`. */
export function describeProblem(problem: RegistryProblem): string {
  const { file, line, column, path, message } = problem
  const place = [file, line, column].filter((part) => part !== undefined).join(':')
  return [place, path, message].filter((part) => part !== undefined && part !== '').join(' ')
}
