import { runAsSystem, runWithTenant } from '@partywall/context'
import type { Options } from 'postgres'
import { acme, globex } from './shop.ts'

// A query of postgres.js is sent where it is awaited.
export const asAcme = <Result>(work: () => PromiseLike<Result>): Promise<Result> =>
  runWithTenant(acme, async () => work())
export const asGlobex = <Result>(work: () => PromiseLike<Result>): Promise<Result> =>
  runWithTenant(globex, async () => work())
export const asSystem = <Result>(work: () => PromiseLike<Result>): Promise<Result> =>
  runAsSystem({ actor: 'nightly', reason: 'nightly_report' }, async () => work())

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
