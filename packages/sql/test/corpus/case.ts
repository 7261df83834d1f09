/** A statement with its parameters, and why it is what it is. */
export type Case = readonly [why: string, text: string, ...values: unknown[]]

/** The same, with what is reported: `model`, `model detail`, joined by commas. */
export type Refused = readonly [why: string, reported: string, text: string, ...values: unknown[]]
