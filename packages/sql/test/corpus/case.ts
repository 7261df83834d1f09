/** A statement with its parameters, and why it is what it is. */
export type Case = readonly [why: string, text: string, ...values: unknown[]]

/** The same, with what is reported: `model`, `model detail`, joined by commas. */
export type Refused = readonly [why: string, reported: string, text: string, ...values: unknown[]]

/** The same, with the tables whose foreign rows it changes on the real server. */
export type Damaging = readonly [
  why: string,
  reported: string,
  damaged: string,
  text: string,
  ...values: unknown[],
]

/** What is refused although no row of others makes a difference: with the rule that costs it. */
export type SafeButRefused = readonly [
  why: string,
  because: string,
  reported: string,
  text: string,
  ...values: unknown[],
]

/** The statements of one topic. */
export interface Topic {
  /** No violation, and on the real server no difference and no damage. */
  readonly accepted?: readonly Case[]
  /** Refused: the real server shows that other tenants' rows would make a difference. */
  readonly leaking?: readonly Refused[]
  /** Refused: the real server shows that other tenants' rows would change. */
  readonly damaging?: readonly Damaging[]
  /** Refused: what they would do is not to be seen on the server of the tests, or is no question of rows. */
  readonly refused?: readonly Refused[]
  readonly safeButRefused?: readonly SafeButRefused[]
}
