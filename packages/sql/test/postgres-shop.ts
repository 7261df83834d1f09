import { runAsSystem, runWithTenant } from '@partywall/context'
import type { Guard } from '@partywall/sql'
import { guardPostgres } from '@partywall/sql/postgres'
import postgres, { type Options, type Sql } from 'postgres'
import { onTestFinished } from 'vitest'
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

/** A client of one connection, for one test; without a guard as the driver has it. */
export function openOne(url: string, guard: Guard | undefined, more: object = {}): Sql {
  const raw = postgres({ ...postgresOptions(url), max: 1, ...more } as never)
  const sql = guard === undefined ? raw : guardPostgres(raw, guard)
  onTestFinished(() => sql.end({ timeout: 1 }))
  return sql
}
