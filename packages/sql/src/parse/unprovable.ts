import type { ViolationDetail } from '@partywall/context/spi'

interface UnprovableOptions extends ErrorOptions {
  readonly detail: ViolationDetail
}

/** Thrown inside the proof: the statement is one violation of an unknown model. */
export class Unprovable extends Error {
  readonly detail: ViolationDetail

  constructor(what: string, { detail, ...options }: UnprovableOptions) {
    super(what, options)
    this.detail = detail
  }
}

/** What the proof does not model is refused, never guessed. */
export function unsupported(what: string): Unprovable {
  return new Unprovable(what, { detail: 'unsupported' })
}
