import type { Catalogue } from './catalogue.ts'
import type { TenantSchema } from './tenant-schema.ts'

/** Names in the text of the setting, in quotes or without, between what is white space to the server. */
const names = /"(?:[^"]|"")*"|[^ \t\n\r\v\f,]+/g
/** The server cuts longer ones. */
const maxBytes = 63

/** Which sessions find by names what the one found that read the catalogue. */
export function findingOf({ pathSource }: Catalogue): Pick<TenantSchema, 'findsFor'> {
  if (pathSource === undefined) return {}
  const { text, user: reader } = pathSource
  const schemas = new Set([...pathSource.schemas, 'pg_catalog'])
  const closed = new Set(pathSource.closed.map((pair) => JSON.stringify(pair)))
  /** The schemas of a path: it may name some that are not there, or that the role may not use. */
  function found(path: string, user: string): string | undefined {
    const named = Array.from(path.matchAll(names), ([name]) => nameIn(name))
    if (named.some((name) => Buffer.byteLength(name) > maxBytes)) return undefined
    const all = named
      .map((name) => (name === '$user' ? user : name))
      .filter((name) => schemas.has(name) && !closed.has(JSON.stringify([name, user])))
    // PostgreSQL looks there first where the path does not name it.
    return JSON.stringify([...new Set(all.includes('pg_catalog') ? all : ['pg_catalog', ...all])])
  }
  const own = found(text, reader)
  // It is asked before every statement, and sessions of one client have one path.
  let last: { readonly path: string; readonly user: string; readonly isAlike: boolean } | undefined
  return {
    findsFor({ user = reader, path = text }) {
      if (last === undefined || last.path !== path || last.user !== user) {
        last = { path, user, isAlike: own !== undefined && found(path, user) === own }
      }
      return last.isAlike
    },
  }
}

function nameIn(written: string): string {
  return written.startsWith('"')
    ? written.slice(1, -1).replaceAll('""', '"')
    : written.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
