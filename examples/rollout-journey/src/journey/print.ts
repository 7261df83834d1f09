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
const gap = '  '
/** A first column is folded, but never into less than this. */
const narrowest = 20

export function createPage(write: (text: string) => void, startedAt: number): Page {
  const line = (text = ''): void => write(`${text.trimEnd()}\n`)
  const put = (text: string, first: string, others = first): void => {
    for (const each of foldText(text, first, others)) line(each)
  }
  return {
    line,
    heading(title) {
      const seconds = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
      line()
      line(`== ${title} `.padEnd(width - seconds.length - 1, '=').concat(` ${seconds}`))
    },
    step: (text) => {
      const [indent = ''] = /^ */.exec(text) ?? []
      put(text.trimStart(), `  ${indent}`, `    ${indent}`)
    },
    outcome: (held, text) => put(text, held ? '  ok    ' : '  FAIL  ', '        '),
    command: (argv) => put(`$ partywall ${argv.map(quoted).join(' ')}`, '  ', '      '),
    quote(text, lines = Number.POSITIVE_INFINITY) {
      const all = text.trimEnd().split('\n')
      for (const each of all.slice(0, lines)) {
        const [indent = ''] = /^ */.exec(each) ?? []
        put(each.slice(indent.length), `    | ${indent}`, `    |   ${indent}`)
      }
      if (all.length > lines) line(`    | … ${all.length - lines} more lines`)
    },
    table(head, rows) {
      const [first = 0, ...others] = head.map((name, column) =>
        Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)),
      )
      const rest = others.reduce((sum, each) => sum + gap.length + each, gap.length)
      const room = Math.min(first, Math.max(narrowest, width - rest))
      const show = ([name = '', ...cells]: readonly string[]): void => {
        const [top = '', ...below] = foldText(name, '', gap, room)
        const right = cells.map((cell, column) => cell.padStart(others[column] ?? 0))
        line([`${gap}${top.padEnd(room)}`, ...right].join(gap))
        for (const each of below) line(`${gap}${each}`)
      }
      show(head)
      show([room, ...others].map((size) => '-'.repeat(size)))
      for (const row of rows) show(row)
    },
  }
}

/**
 * Breaks a text between its words into lines of at most so many columns. Nothing is lost: spaces in a
 * row stay, and a word that is longer than a line goes on in the next one.
 */
export function foldText(
  text: string,
  first: string,
  others: string = first,
  columns: number = width,
): readonly string[] {
  const lines: string[] = []
  let current = first
  let isEmpty = true
  const flush = (): void => {
    lines.push(current)
    current = others
    isEmpty = true
  }
  for (const word of text.split(' ')) {
    if (!isEmpty && current.length + 1 + word.length > columns) flush()
    current += isEmpty ? word : ` ${word}`
    isEmpty = false
    while (current.length > columns) {
      const rest = current.slice(columns)
      current = current.slice(0, columns)
      flush()
      current += rest
      isEmpty = false
    }
  }
  flush()
  return lines
}

function quoted(argument: string): string {
  return /^[\w./=:,-]+$/.test(argument) ? argument : `"${argument}"`
}
