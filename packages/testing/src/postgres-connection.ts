/** How a client reaches a database, as the options of `pg` and Kysely's dialect want it. */
export interface PostgresConnection {
  /** A host name, or the folder of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password?: string
  readonly database: string
}

/** The same as a URL; a socket's folder becomes the `host` parameter, as libpq and `pg` read it. */
export function urlOf({ host, port, user, password, database }: PostgresConnection): string {
  const url = new URL(`postgresql://localhost/${encodeURIComponent(database)}`)
  url.username = encodeURIComponent(user)
  if (password !== undefined) url.password = encodeURIComponent(password)
  if (host.startsWith('/')) url.searchParams.set('host', host)
  else url.hostname = host
  url.port = String(port)
  return url.href
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(database)}`
  return changed.href
}
