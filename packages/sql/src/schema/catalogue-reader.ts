import { SqlGuardError } from '../guard/sql-guard-error.ts'

/** What can run a query: a `pg` pool or client that is not guarded. */
export interface CatalogueReader {
  query(text: string): Promise<{ readonly rows: readonly Record<string, unknown>[] }>
}

/**
 * The one row that a query about the catalogue gives.
 * @throws {@link SqlGuardError} `sql.catalogue` where the server answers with an error, which is the cause
 */
export async function readRow(
  reader: CatalogueReader,
  text: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { rows } = await reader.query(text).catch((cause: unknown) => {
    // Else the connection is lost, or took too long.
    if (typeof cause !== 'object' || cause === null || !('severity' in cause)) throw cause
    const message = 'the server gave an error instead of its catalogue: its words are in the cause'
    throw new SqlGuardError('sql.catalogue', message, { cause })
  })
  const [row] = rows
  if (row === undefined) throw new SqlGuardError('sql.catalogue', 'the server gave no catalogue')
  return row
}

/** The server built it as JSON in the shape that is asked for. */
export function rowsOf<Row>(value: unknown): readonly Row[] {
  if (!Array.isArray(value)) throw new SqlGuardError('sql.catalogue', 'a part is missing')
  return value as readonly Row[]
}
