/** A text with one row where it had many, and what stood in the others. */
export interface Collapsed {
  readonly text: string
  /** The numbers of the parameters of each row that was left out. */
  readonly rows: readonly (readonly number[])[]
}

const none: Collapsed['rows'] = Object.freeze([])
/** Fewer rows are read as they are. */
const fewRows = 20

/** What PostgreSQL takes for white space; JavaScript's own set is wider. */
const space = String.raw`[ \t\n\r\f\v]*`
const gap = String.raw`[ \t\n\r\f\v]+`
const name = '(?:[a-z_][a-z0-9_]*|"[^"]+")'
const names = String.raw`\(${space}${name}(?:${space},${space}${name})*${space}\)`
const head = new RegExp(
  String.raw`^${space}insert${gap}into${gap}${name}(?:${space}\.${space}${name})?${space}${names}${space}values${space}`,
  'i',
)
const row = new RegExp(
  String.raw`\(${space}\$\d{1,5}(?:${space},${space}\$\d{1,5})*${space}\)`,
  'y',
)
const comma = new RegExp(String.raw`${space},${space}(?=\()`, 'y')

/**
 * Takes all rows but the first out of a long `INSERT … VALUES` of bare parameters: the parser would
 * spend tens of kilobytes on each. Every character up to the last row that is taken out is accounted
 * for by this grammar, so no string or comment can hide in it; any other text stays as it is.
 */
export function collapseValues(text: string): Collapsed {
  const start = head.exec(text)?.[0].length
  if (start === undefined) return { text, rows: none }
  const first = next(row, text, start)
  if (first === undefined) return { text, rows: none }
  const rows: number[][] = []
  const arity = parametersOf(first).length
  let end = start + first.length
  for (;;) {
    const between = next(comma, text, end)
    if (between === undefined) break
    const found = next(row, text, end + between.length)
    if (found === undefined) break
    const parameters = parametersOf(found)
    // Rows of different lengths are an error that PostgreSQL shall tell.
    if (parameters.length !== arity) return { text, rows: none }
    rows.push(parameters)
    end += between.length + found.length
  }
  if (rows.length < fewRows) return { text, rows: none }
  return { text: text.slice(0, start + first.length) + text.slice(end), rows }
}

function next(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function parametersOf(found: string): number[] {
  return Array.from(found.matchAll(/\d+/g), ([digits]) => Number(digits))
}
