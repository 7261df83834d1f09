/** Where the story is told: plain lines of at most 100 columns, the same in a terminal and a log. */
export interface Page {
  line(text?: string): void
  /** The beginning of a phase. */
  heading(title: string): void
  /** One step of the story. */
  step(text: string): void
  /** Whether something held that must hold. */
  outcome(held: boolean, text: string): void
  /** What an operator typed. */
  command(argv: readonly string[]): void
  /** What a command or a report said, indented, at most so many lines. */
  quote(text: string, lines?: number): void
  table(head: readonly string[], rows: readonly (readonly string[])[]): void
}

const width = 100

export function createPage(write: (text: string) => void, startedAt: number): Page {
  const line = (text = ''): void => write(`${text.trimEnd()}\n`)
  const fold = (text: string, first: string, others = first): void => {
    let indent = first
    let rest = ''
    for (const word of text.split(' ')) {
      if (rest !== '' && indent.length + rest.length + 1 + word.length > width) {
        line(indent + rest)
        indent = others
        rest = word
      } else rest = rest === '' ? word : `${rest} ${word}`
    }
    line(indent + rest)
  }
  return {
    line,
    heading(title) {
      const seconds = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
      line()
      line(`== ${title} `.padEnd(width - seconds.length - 1, '=').concat(` ${seconds}`))
    },
    step: (text) => fold(text, '  '),
    outcome: (held, text) => fold(text, held ? '  ok    ' : '  FAIL  ', '        '),
    command: (argv) => fold(`$ partywall ${argv.map(quoted).join(' ')}`, '  ', '      '),
    quote(text, lines = Number.POSITIVE_INFINITY) {
      const all = text.trimEnd().split('\n')
      for (const each of all.slice(0, lines)) line(`    | ${each}`.slice(0, width))
      if (all.length > lines) line(`    | … ${all.length - lines} more lines`)
    },
    table(head, rows) {
      const widths = head.map((name, column) =>
        Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)),
      )
      const put = (cells: readonly string[]): void =>
        line(
          `  ${cells
            .map((cell, column) =>
              column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
            )
            .join('  ')}`.slice(0, width),
        )
      put(head)
      put(widths.map((size) => '-'.repeat(size)))
      for (const row of rows) put(row)
    },
  }
}

function quoted(argument: string): string {
  return /^[\w./=:,-]+$/.test(argument) ? argument : `"${argument}"`
}
