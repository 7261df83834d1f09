import pg from 'pg'

const timestamptz = 1184

/** The driver's own connection. Times come as ISO 8601 texts, as the expected rows have them. */
export function createTableClient(url: string): pg.Client {
  return new pg.Client({
    connectionString: url,
    options: '-c timezone=UTC',
    types: {
      getTypeParser: (oid, format) =>
        oid === timestamptz ? isoTime : pg.types.getTypeParser(oid, format),
    },
  })
}

/** `2026-11-01 08:30:00.5+00` as `2026-11-01T08:30:00.500Z`. */
function isoTime(text: string): string {
  const end = text.indexOf('+', 19)
  const fraction = end > 19 ? text.slice(20, end) : ''
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction.padEnd(3, '0')}Z`
}
