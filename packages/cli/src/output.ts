/** Where text goes: `process.stdout`, or anything that takes text. */
export interface Output {
  write(text: string): unknown
  /** Whether a person looks at it. */
  readonly isTTY?: boolean | undefined
}

/** Whether `output` is to be in colour: a terminal, and nobody said no. */
export function isColored(
  output: Output,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const { NO_COLOR: never, TERM: terminal } = environment
  return output.isTTY === true && (never === undefined || never === '') && terminal !== 'dumb'
}

/** JSON has no infinity and would say `null`, which means "no data". */
export function jsonText(value: object): string {
  return `${JSON.stringify(value, (_key, each: unknown) => (each === Number.POSITIVE_INFINITY ? 'Infinity' : each), 2)}\n`
}
