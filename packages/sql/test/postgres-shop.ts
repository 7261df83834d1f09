import type { Options } from 'postgres'

/** The settings of postgres.js for a server that `pg` reaches by this URL: it knows no `?host=`. */
export function postgresOptions(url: string): Options<Record<never, never>> {
  const { searchParams, hostname, port, username, password, pathname } = new URL(url)
  const host = searchParams.get('host') ?? hostname
  const number = Number(port || 5432)
  return {
    // A path is the socket itself.
    ...(host.startsWith('/') ? { path: `${host}/.s.PGSQL.${number}` } : { host }),
    port: number,
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    onnotice: () => undefined,
  }
}
