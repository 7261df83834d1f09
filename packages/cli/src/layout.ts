/** Lines of text for a terminal of 100 columns or a log. */
export const pageWidth = 100

/** Colours, or nothing where nobody would see them. */
export type Tone = 'good' | 'warn' | 'bad' | 'strong' | 'plain'

const toneCodes: Readonly<Record<Tone, string>> = {
  good: '32',
  warn: '33',
  bad: '31',
  strong: '1',
  plain: '',
}

/** Paints `text` in a tone. */
export type Paint = (text: string, tone: Tone) => string

/** Plain text, or ANSI colours. */
export function painter(color: boolean): Paint {
  if (!color) return (text) => text
  return (text, tone) => (tone === 'plain' ? text : `\u001b[${toneCodes[tone]}m${text}\u001b[0m`)
}

const leastLastColumn = 24

/** One cell of a table, and how it is painted. */
export interface Cell {
  readonly text: string
  readonly tone?: Tone | undefined
}

/**
 * Rows of cells under a head, in columns. A line that would be too wide breaks at words in its
 * last column.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | Cell)[])[],
  paint: Paint,
): readonly string[] {
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === 'string' ? { text: cell } : cell)),
  )
  const last = head.length - 1
  const widths = head
    .slice(0, last)
    .map((name, column) =>
      Math.max(name.length, ...cells.map((row) => printable(row[column]?.text ?? '').length)),
    )
  const leadOf = (): number => widths.reduce((sum, width) => sum + width + 2, 2)
  // The widest column gives way until the last one has room for words.
  while (leadOf() > pageWidth - leastLastColumn) {
    const widest = Math.max(...widths)
    widths[widths.indexOf(widest)] = widest - 1
  }
  const lead = leadOf()
  const room = pageWidth - lead
  const line = (row: readonly Cell[]): readonly string[] => {
    const before = row
      .slice(0, last)
      .map(({ text, tone }, column) => {
        const width = widths[column] ?? 0
        return paint(cut(text, width).padEnd(width), tone ?? 'plain')
      })
      .join('  ')
    const [first = '', ...rest] = wrap(row[last]?.text ?? '', room)
    const start = `  ${before}${last > 0 ? '  ' : ''}${paint(first, row[last]?.tone ?? 'plain')}`
    return [start.trimEnd(), ...rest.map((text) => ' '.repeat(lead) + text)]
  }
  return [...line(head.map((text) => ({ text, tone: 'strong' }))), ...cells.flatMap(line)]
}

/** Names and values in two columns. */
export function pairs(
  entries: readonly (readonly [string, string | Cell])[],
  paint: Paint,
): readonly string[] {
  const width = Math.max(...entries.map(([name]) => name.length))
  return entries.flatMap(([name, value]) => {
    const { text, tone } = typeof value === 'string' ? { text: value, tone: undefined } : value
    const [first = '', ...rest] = wrap(text, pageWidth - width - 4)
    return [
      `  ${name.padEnd(width)}  ${paint(first, tone ?? 'plain')}`.trimEnd(),
      ...rest.map((more) => ' '.repeat(width + 4) + more),
    ]
  })
}

/** Breaks text at words; a word that is too long is broken anywhere. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of printable(text).split(' ')) {
    let rest = word
    if (line !== '' && line.length + 1 + rest.length > width) {
      lines.push(line)
      line = ''
    }
    while (rest.length > width) {
      lines.push(rest.slice(0, width))
      rest = rest.slice(width)
    }
    line = line === '' ? rest : `${line} ${rest}`
  }
  if (line !== '') lines.push(line)
  return lines
}

/** What others wrote must not steer a terminal: control characters become `?`. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, '?')
}

function cut(text: string, width: number): string {
  const shown = printable(text)
  return shown.length <= width ? shown : `${shown.slice(0, Math.max(0, width - 1))}…`
}
