/**
 * The guard under `pg`: pools and clients whose every statement is looked at.
 * @packageDocumentation
 */
import type { Client, ClientConfig, Pool, PoolClient, PoolConfig } from 'pg'
import { guardedClass, plainClassOf } from './doors/guarded-class.ts'
import { guardedClient } from './doors/pg-client.ts'
import { guardedPool } from './doors/pg-pool.ts'
import { aGuard } from './expected.ts'
import { inClient, inOptions } from './guard/given.ts'
import type { Guard } from './guard/guard.ts'
import { type Expected, hasMethods } from './known-options.ts'
import { aClient, aPool } from './pg-parts.ts'

/**
 * The pool with every statement guarded: `query`, the clients that `connect` and its events give, and
 * those that its own hooks get. What it gives out does not lead to the pool inside; keep no reference
 * to that. Code that patches the driver's classes, or opens connections by itself, is not stopped.
 * @throws {@link SqlGuardError} `sql.client` for what is no pool, or guarded already
 */
export function guardPool<Guarded extends Pool>(pool: Guarded, guard: Guard): Guarded {
  inClient.value('pool', pool, aPool)
  inOptions.value('guard', guard, aGuard)
  return guardedPool(pool, { guard, shared: { path: undefined } })
}

/**
 * The client with every statement guarded.
 * @throws {@link SqlGuardError} `sql.client` for `pg.native`, what is no client, or guarded already
 */
export function guardClient<Guarded extends Client | PoolClient>(
  client: Guarded,
  guard: Guard,
): Guarded {
  inClient.value('client', client, aClient)
  inOptions.value('guard', guard, aGuard)
  return guardedClient(client, { guard, shared: { path: undefined } })
}

/** What is needed of the module `pg`. */
export interface PgDriver {
  readonly Client: new (config?: string | ClientConfig) => Client
  readonly Pool: new (config?: PoolConfig) => Pool
}

/** The classes, and the parts of the module that open no connection. */
export type PgMember =
  | 'Client'
  | 'Pool'
  | 'types'
  | 'defaults'
  | 'DatabaseError'
  | 'Result'
  | 'TypeOverrides'
  | 'escapeIdentifier'
  | 'escapeLiteral'

const parts: readonly PgMember[] = [
  'types',
  'defaults',
  'DatabaseError',
  'Result',
  'TypeOverrides',
  'escapeIdentifier',
  'escapeLiteral',
]

const guardedModules = new WeakSet<object>()

const aModule: Expected = {
  words: 'the module pg, not guarded yet',
  fits: (value) => hasMethods(value, ['Client', 'Pool']) && !guardedModules.has(value),
}

/**
 * The module `pg` with its classes guarded, for libraries that open connections by themselves and let
 * you give them the driver. It has no `native`, and no `Connection` and `Query` to go around with.
 * @throws {@link SqlGuardError} `sql.client` for what is not that module, or guarded already
 */
export function guardDriver<Driver extends PgDriver>(
  driver: Driver,
  guard: Guard,
): Pick<Driver, Extract<keyof Driver, PgMember>> {
  inClient.value('driver', driver, aModule)
  inOptions.value('guard', guard, aGuard)
  const home = { guard, shared: { path: undefined } }
  const kept = parts.map((part) => [part, Reflect.get(driver, part)] as const)
  const guarded = Object.freeze({
    ...Object.fromEntries(kept),
    Client: guardedClass(driver.Client, (client) => guardedClient(client, home)),
    Pool: guardedClass(driver.Pool, (pool) => guardedPool(pool, home), ofPlainClients),
  })
  guardedModules.add(guarded)
  // The parts are the driver's own.
  return guarded as unknown as Driver
}

/** A pool guards its clients by itself: it makes them of the class inside. */
function ofPlainClients(config?: PoolConfig): [(PoolConfig | undefined)?] {
  const Inside = plainClassOf(config?.Client)
  return Inside === undefined ? [config] : [{ ...config, Client: Inside as PoolConfig['Client'] }]
}
