import type { Catalogue } from './catalogue.ts'
import type { TenantSchema } from './tenant-schema.ts'

/** Names in the text of the setting, in quotes or without. */
const names = /"(?:[^"]|"")*"|[^\s,]+/g

/** Which sessions find by names what the one found that read the catalogue. */
export function findingOf({ pathSource }: Catalogue): Pick<TenantSchema, 'findsFor'> {
  if (pathSource === undefined) return {}
  const { text, user: reader } = pathSource
  const schemas = new Set([...pathSource.schemas, 'pg_catalog'])
  /** The schemas of a path; it may name some that are not there. */
  function found(path: string, user: string): string {
    const all = Array.from(path.matchAll(names), ([name]) => nameIn(name))
      .map((name) => (name === '$user' ? user : name))
      .filter((name) => schemas.has(name))
    // PostgreSQL looks there first where the path does not name it.
    return JSON.stringify([...new Set(all.includes('pg_catalog') ? all : ['pg_catalog', ...all])])
  }
  const own = found(text, reader)
  return { findsFor: ({ user = reader, path = text }) => found(path, user) === own }
}

function nameIn(written: string): string {
  return written.startsWith('"')
    ? written.slice(1, -1).replaceAll('""', '"')
    : written.toLowerCase()
}
