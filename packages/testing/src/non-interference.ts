import pg from 'pg'
import { type Difference, firstDifference, plainOf } from './difference.ts'
import type { PostgresDatabase, PostgresServer } from './postgres.ts'
import { TestingError } from './testing-error.ts'
import { foreignValues, ownValues, type RowsOf, type World, worlds } from './world.ts'

export interface NonInterferenceOptions<Client> {
  /** Where the worlds are built: one database each, dropped again. */
  readonly postgres: Pick<PostgresServer, 'createDatabase'>
  /** The statements that make the tables. */
  readonly schema: string
  /** The tables that tenants share, and the column of each that names the tenant. */
  readonly tables: Readonly<Record<string, string>>
  /** The tenant under test, as the tenant columns name it. */
  readonly tenant: string
  /** The tenants that must make no difference. @defaultValue `['globex', 'initech']` */
  readonly others?: readonly string[] | undefined
  /** The rows of each tenant. */
  readonly rows: RowsOf
  /** Opens what the operations use: a `pg` pool, Kysely, your repository. */
  readonly connect: (database: PostgresDatabase) => Client | Promise<Client>
  readonly disconnect: (client: Client) => unknown
  /** Work done for the tenant, by name; run in this order, in every world. */
  readonly operations: Readonly<Record<string, (client: Client) => unknown>>
  /** Takes out of a reply what differs by nature, say a timestamp. */
  readonly normalise?: ((reply: unknown) => unknown) | undefined
}

/** What the other tenants' rows changed, or what was done to them. */
export interface Interference {
  readonly operation: string
  readonly world: World
  /** The reply, the tenant's own rows afterwards, or the other tenants' rows. */
  readonly what: 'reply' | 'own rows' | 'foreign rows'
  readonly difference: Difference
}

/**
 * Runs the same operations for one tenant in worlds that differ only in what other tenants have.
 * Replies (an error is one), counts and the tenant's rows must be the same in all of them, and the
 * others' rows untouched; returns the first place where they are not.
 */
export async function findInterference<Client>(
  options: NonInterferenceOptions<Client>,
): Promise<Interference | undefined> {
  refuseEmpty(options)
  let expected: readonly Step[] | undefined
  for (const world of worlds) {
    const steps = await runIn(world, options)
    const touched = steps.find(({ damage }) => damage !== undefined)
    if (touched?.damage !== undefined) {
      const { operation, damage: difference } = touched
      return { operation, world, what: 'foreign rows', difference }
    }
    expected ??= steps
    for (const [index, { operation, reply, own }] of steps.entries()) {
      const wanted = expected[index]
      const reading = firstDifference(wanted?.reply, reply)
      if (reading !== undefined) return { operation, world, what: 'reply', difference: reading }
      const writing = firstDifference(wanted?.own, own)
      if (writing !== undefined) return { operation, world, what: 'own rows', difference: writing }
    }
  }
  return undefined
}

/**
 * {@link findInterference} as an assertion.
 * @throws {@link TestingError} `testing.interference` with the operation, the world and the first
 * difference.
 */
export async function assertNoInterference<Client>(
  options: NonInterferenceOptions<Client>,
): Promise<void> {
  const found = await findInterference(options)
  if (found === undefined) return
  const { operation, world, what, difference } = found
  const { path, expected, found: seen } = difference
  const than = what === 'foreign rows' ? 'before it' : 'in the world without other tenants'
  throw new TestingError(
    'testing.interference',
    `${operation}: in the world "${world}" the ${what} ${what === 'reply' ? 'is' : 'are'} not as ${than}, at ${path}\n  expected ${expected}\n  found    ${seen}`,
  )
}

interface Step {
  readonly operation: string
  readonly reply: unknown
  readonly own: unknown
  readonly damage: Difference | undefined
}

async function runIn<Client>(
  world: World,
  options: NonInterferenceOptions<Client>,
): Promise<readonly Step[]> {
  const database = await options.postgres.createDatabase()
  const observer = new pg.Client({ connectionString: database.url })
  observer.on('error', () => {})
  try {
    await observer.connect()
    await build(observer, world, options)
    const client = await options.connect(database)
    try {
      const steps: Step[] = []
      for (const [operation, work] of Object.entries(options.operations)) {
        const before = await rowsOf(observer, options, 'foreign')
        const reply = plainOf((options.normalise ?? same)(await replyOf(() => work(client))))
        const damage = firstDifference(before, await rowsOf(observer, options, 'foreign'))
        steps.push({ operation, reply, own: await rowsOf(observer, options, 'own'), damage })
      }
      return steps
    } finally {
      await options.disconnect(client)
    }
  } finally {
    await observer.end()
    await database.drop()
  }
}

async function replyOf(work: () => unknown): Promise<unknown> {
  try {
    return await work()
  } catch (error) {
    return error
  }
}

async function build<Client>(
  client: pg.Client,
  world: World,
  { schema, tenant, others = ['globex', 'initech'], rows }: NonInterferenceOptions<Client>,
): Promise<void> {
  await client.query(schema)
  await insert(client, rows(tenant, ownValues()))
  if (world !== 'none') {
    for (const [index, other] of others.entries()) {
      await insert(client, rows(other, foreignValues(world, tenant, index + 1)))
    }
  }
  // Generated keys must not tell how many rows others have.
  await client.query(
    "select setval(format('%I.%I', schemaname, sequencename)::regclass, 500000000) from pg_sequences",
  )
}

async function insert(client: pg.Client, tables: ReturnType<RowsOf>): Promise<void> {
  for (const [table, rows] of Object.entries(tables)) {
    for (const row of rows) {
      const columns = Object.keys(row).map((column) => pg.escapeIdentifier(column))
      const places = columns.map((_, index) => `$${index + 1}`)
      await client.query(
        `insert into ${named(table)} (${columns.join()}) values (${places.join()})`,
        Object.values(row),
      )
    }
  }
}

/** Every row of one side as text, sorted, so that equal contents are equal. */
async function rowsOf<Client>(
  client: pg.Client,
  { tables, tenant }: NonInterferenceOptions<Client>,
  side: 'own' | 'foreign',
): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const found: Record<string, readonly unknown[]> = {}
  for (const [table, column] of Object.entries(tables)) {
    const comparison = side === 'own' ? 'is not distinct from' : 'is distinct from'
    const { rows } = await client.query<{ row: unknown }>(
      `select to_jsonb(t) as row from ${named(table)} t where t.${pg.escapeIdentifier(column)}::text ${comparison} $1 order by to_jsonb(t)::text`,
      [tenant],
    )
    found[table] = rows.map(({ row }) => row)
  }
  return found
}

/** `billing.invoices` names a table in a schema. */
function named(table: string): string {
  return table.split('.').map(pg.escapeIdentifier).join('.')
}

function same(reply: unknown): unknown {
  return reply
}

/** A harness that compares nothing passes always. */
function refuseEmpty<Client>(options: NonInterferenceOptions<Client>): void {
  const { tables, operations, rows, tenant, others } = options
  const missing = Object.keys(tables).filter((table) => {
    return (rows(tenant, ownValues())[table]?.length ?? 0) === 0
  })
  const problem =
    (Object.keys(operations).length === 0 && 'there is no operation to run') ||
    (Object.keys(tables).length === 0 && 'there is no table to compare') ||
    (others !== undefined && others.length === 0 && 'there is no other tenant') ||
    (others?.includes(tenant) && 'the tenant under test is among the others') ||
    (missing.length > 0 && `the tenant has no rows in ${missing.join(', ')}`)
  if (typeof problem === 'string') throw new TestingError('testing.options', problem)
}
