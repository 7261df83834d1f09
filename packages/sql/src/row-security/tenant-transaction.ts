import { PartywallError, type TenantId } from '@partywall/context'
import { currentScope } from '@partywall/context/spi'
import { aFunction, optional } from '../expected.ts'
import { inClient, inOptions } from '../guard/given.ts'
import { SqlGuardError } from '../guard/sql-guard-error.ts'
import { sendTenant } from '../guard/tenant-statement.ts'
import { type Expected, isObject, type KnownOptions } from '../known-options.ts'
import type { TenantKey } from '../schema/tenant-schema.ts'
import { type BeginSource, beginTransaction } from './begun-transaction.ts'
import { poolTransaction, type TenantClient, type TransactionPool } from './pool-transaction.ts'
import { aSetting, checkedSetting } from './setting.ts'

export interface TenantTransactionOptions {
  /** The setting that the policies read. @defaultValue `'partywall.tenant'` */
  readonly setting?: string | undefined
  /** What the policies compare, as `defineTenantSchema` was given it. @defaultValue the tenant's id */
  readonly tenantKey?: TenantKey | undefined
}

/** What the server was told. */
export interface TenantTransaction {
  /** `undefined` in a system scope: nothing was set, and policies pass no row of any tenant. */
  readonly tenantId: TenantId | undefined
}

/** As much of Kysely as it takes. */
export interface TransactionSource<Sender extends StatementSender> extends StatementSender {
  transaction(): {
    execute<Result>(work: (transaction: Sender) => Promise<Result>): Promise<Result>
  }
}

/** A transaction of Kysely's: it sends compiled queries. */
export interface StatementSender {
  executeQuery(query: never): Promise<unknown>
}

/** The client that `begin` of postgres.js gives to its work. */
export type Begun<Door extends BeginSource> = Parameters<Parameters<Door['begin']>[1]>[0]

/**
 * Runs `work` in a transaction in which row-level security knows the tenant of the scope. The tenant
 * is set for the transaction alone, never for the session: it is safe behind a pool, and behind
 * PgBouncer in transaction mode. For a Kysely instance, a pool of `pg`, and a client of postgres.js;
 * guarded ones refuse this statement from everybody else. With Kysely it costs one `select 1` more.
 * @throws {@link PartywallError} `tenant.missing` outside of every scope. {@link SqlGuardError}
 * `sql.transaction` when nothing was kept because a statement failed and `work` went on (postgres.js
 * throws the error of that statement), or when a client of `pg` or postgres.js is used after the end; `sql.options` for a setting without a dot, or a tenant without a key;
 * `sql.client` for what has no transactions.
 */
export function withTenantTransaction<Sender extends StatementSender, Result>(
  door: TransactionSource<Sender>,
  work: (transaction: Sender, told: TenantTransaction) => Promise<Result>,
  options?: TenantTransactionOptions,
): Promise<Result>
export function withTenantTransaction<Result>(
  door: TransactionPool,
  work: (client: TenantClient, told: TenantTransaction) => Promise<Result>,
  options?: TenantTransactionOptions,
): Promise<Result>
export function withTenantTransaction<Door extends BeginSource, Result>(
  door: Door,
  work: (transaction: Begun<Door>, told: TenantTransaction) => Promise<Result>,
  options?: TenantTransactionOptions,
): Promise<Result>
export async function withTenantTransaction<Sender extends StatementSender, Result>(
  door: TransactionSource<Sender> | TransactionPool | BeginSource,
  work: (sender: never, told: TenantTransaction) => Promise<Result>,
  options: TenantTransactionOptions = {},
): Promise<Result> {
  inClient.value('door', door, aDoor)
  inOptions.value('work', work, aFunction)
  inOptions.options<TenantTransactionOptions>('options', options, transactionOptions)
  const { setting, tenantKey = (tenantId) => tenantId } = options
  const tell = teller(checkedSetting(setting), tenantKey)
  // The overload for each kind of door says what `work` takes.
  const run = (sender: unknown, told: TenantTransaction) => work(sender as never, told)
  if ('transaction' in door) {
    return door.transaction().execute(async (transaction) => {
      const told = await tell((text, values) => transaction.executeQuery(compiled(text, values)))
      const result = await run(transaction, told)
      await refuseAborted(transaction)
      return result
    })
  }
  if ('begin' in door) {
    const begun = beginTransaction(door, async (client) => {
      const told = await tell((text, values) => client.unsafe(text, [...values]).execute())
      return run(client, told)
    })
    // What `work` gave: it is no list of promises.
    return begun as Promise<Result>
  }
  return poolTransaction(door, async (client) => {
    const told = await tell((text, values) => client.query(text, values))
    return run(client, told)
  })
}

/** The method by which each kind of door begins, and one that others with such a method have not. */
const doors = [
  ['transaction', 'executeQuery'],
  ['begin', 'unsafe'],
  ['connect', 'connect'],
] as const

const aDoor: Expected = {
  words: 'an instance of Kysely, a pool of pg, or a client of postgres.js',
  fits(value) {
    if (!isObject(value) && typeof value !== 'function') return false
    // A client of pg can connect, too.
    if ('processID' in value) return false
    const found = doors.find(([begin]) => begin in value)
    return found?.every((name) => typeof Reflect.get(value, name) === 'function') === true
  },
}

const transactionOptions: KnownOptions<TenantTransactionOptions> = {
  setting: optional(aSetting),
  tenantKey: optional(aFunction),
}

type Send = (text: string, values: readonly string[]) => PromiseLike<unknown>

/** Reads the scope now, and tells the server when there is a transaction. */
function teller(setting: string, tenantKey: TenantKey): (send: Send) => Promise<TenantTransaction> {
  const { tenant, system } = currentScope() ?? {}
  if (tenant === undefined) {
    if (system !== undefined) return async () => Object.freeze({ tenantId: undefined })
    throw new PartywallError('tenant.missing', 'no tenant: call this inside runWithTenant()')
  }
  const { tenantId, env } = tenant
  const key = tenantKey(tenantId, env)
  // An empty key would read as none.
  if (key === undefined || String(key) === '') {
    throw new SqlGuardError('sql.options', 'the tenant has no key, so it has no rows')
  }
  return async (send) => {
    await sendTenant({ setting, key: String(key) }, send)
    return Object.freeze({ tenantId })
  }
}

const abortedState = '25P02'

/** PostgreSQL answers COMMIT with ROLLBACK where a statement failed before, and Kysely does not look. */
async function refuseAborted(transaction: StatementSender): Promise<void> {
  try {
    await transaction.executeQuery(compiled('select 1', []))
  } catch (error) {
    if (!isObject(error) || Reflect.get(error, 'code') !== abortedState) throw error
    throw nothingKept(error)
  }
}

function nothingKept(cause: unknown): SqlGuardError {
  const message = 'a statement failed before: nothing was kept'
  return new SqlGuardError('sql.transaction', message, { cause })
}

/** A query as `CompiledQuery.raw` of Kysely makes it: we need not load Kysely for that. */
function compiled(sql: string, parameters: readonly string[]): never {
  const query = {
    kind: 'RawNode',
    sqlFragments: Object.freeze([sql]),
    parameters: Object.freeze([]),
  }
  const queryId = { queryId: 'partywall-tenant' }
  // Each version of Kysely has its own type for it.
  return Object.freeze({ sql, parameters, query: Object.freeze(query), queryId }) as never
}
