import type { Severity } from '@partywall/context/spi'

/** How a report is written. */
export const reportFormats = ['text', 'markdown', 'json'] as const
export type ReportFormat = (typeof reportFormats)[number]

export interface RenderOptions {
  /** Colours in `text`, by ANSI codes. @defaultValue `false` */
  readonly color?: boolean | undefined
}

/** A report before it takes a form: a title and sections of rows. */
export interface Page {
  readonly title: string
  readonly sections: readonly Section[]
}

export interface Section {
  readonly heading?: string
  readonly rows: readonly Row[]
}

export interface Row {
  readonly cells: readonly string[]
  readonly severity?: Severity | undefined
  /** Between 0 and 1: drawn as a bar behind the cells. */
  readonly bar?: number
}

/** Writes `report` as JSON, or `page`, which says the same to people, as text or Markdown. */
export function renderPage(
  report: object,
  page: Page,
  format: ReportFormat,
  { color = false }: RenderOptions = {},
): string {
  switch (format) {
    case 'json':
      return `${escapeControls(JSON.stringify(report, infinityAsText, 2))}\n`
    case 'markdown':
      return markdown(page)
    case 'text':
      return text(page, color)
  }
}

/** JSON has no infinity and would say `null`, which means "no data". */
function infinityAsText(_key: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY ? 'Infinity' : value
}

/** JSON leaves the controls from U+007F on as they are, and a terminal obeys them. */
function escapeControls(json: string): string {
  return json.replace(
    /[\u007f-\u009f]/g,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const width = 100
const barWidth = 24
const tones: Readonly<Record<Severity, string>> = { CRITICAL: '31', HIGH: '33', MEDIUM: '36' }

function text({ title, sections }: Page, color: boolean): string {
  const paint = (code: string, line: string): string =>
    color ? `\u001b[${code}m${line}\u001b[0m` : line
  const blocks = sections.map(({ heading, rows }) => {
    const widths = columnWidths(rows)
    const lines = rows.map(({ cells, severity, bar }) => {
      const padded = cells.map((cell, index) => fit(cell, widths[index] ?? 0))
      const drawn = bar === undefined ? padded : [...padded, barOf(bar)]
      const line = `  ${drawn.join('  ').trimEnd()}`
      return severity === undefined ? line : paint(tones[severity], line)
    })
    return [...(heading === undefined ? [] : [paint('1', fit(heading, width).trimEnd())]), ...lines]
  })
  const head = fit(title, width).trimEnd()
  return `${[[paint('1', head)], ...blocks].map((lines) => lines.join('\n')).join('\n\n')}\n`
}

/** As wide as the widest cell; the widest columns give way until a line fits. */
function columnWidths(rows: readonly Row[]): readonly number[] {
  const widths: number[] = []
  for (const { cells } of rows) {
    for (const [index, cell] of cells.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, [...cell].length)
    }
  }
  const bars = rows.some(({ bar }) => bar !== undefined) ? barWidth + 2 : 0
  const room = width - 2 - bars - 2 * Math.max(0, widths.length - 1)
  while (widths.reduce((sum, each) => sum + each, 0) > room) {
    widths[widths.indexOf(Math.max(...widths))] = Math.max(...widths) - 1
  }
  return widths
}

function fit(cell: string, columns: number): string {
  const characters = [...printable(cell)]
  if (characters.length <= columns) return characters.join('').padEnd(columns)
  return `${characters.slice(0, Math.max(0, columns - 1)).join('')}…`
}

function barOf(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * barWidth)
  return '█'.repeat(share > 0 ? Math.max(1, filled) : 0)
}

/** Control characters must not reach a terminal. */
function printable(value: string): string {
  return value.replace(/\p{C}/gu, '?')
}

function markdown({ title, sections }: Page): string {
  const blocks = sections.map(({ heading, rows }) => {
    const columns = Math.max(0, ...rows.map(({ cells }) => cells.length))
    const head = heading === undefined ? [] : [`## ${escapeMarkdown(heading)}`, '']
    if (columns <= 1) return [...head, ...rows.map(({ cells }) => `- ${cells.map(escapeMarkdown)}`)]
    const line = (cells: readonly string[]): string =>
      `| ${Array.from({ length: columns }, (_, index) => escapeMarkdown(cells[index] ?? '')).join(' | ')} |`
    const rule = `|${' --- |'.repeat(columns)}`
    return [...head, line([]), rule, ...rows.map(({ cells }) => line(cells))]
  })
  return `${[[`# ${escapeMarkdown(title)}`], ...blocks].map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function escapeMarkdown(value: string): string {
  return printable(value).replace(/[\\|*_`<>[\]]/g, '\\$&')
}
