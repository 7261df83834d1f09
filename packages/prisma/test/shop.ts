import diagnostics from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { createTenantContext, type TenantContext, type WallEvent } from '@partywall/context'
import { channelName, type Enforcement } from '@partywall/context/spi'
import { guardAdapter, type TenantExtensionOptions, tenantExtension } from '@partywall/prisma'
import {
  createGuard,
  defineTenantSchema,
  type Guard,
  global,
  liveSchema,
  loadCatalogue,
  ownedThrough,
  owner,
  type TenantSchema,
} from '@partywall/sql'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { generateClient } from './generated-client.ts'

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

export const tables: string = read('shop-tables.sql')

type Call = (args?: object) => Promise<unknown>
type Delegate = Readonly<
  Record<
    | 'findMany'
    | 'findFirst'
    | 'findFirstOrThrow'
    | 'findUnique'
    | 'findUniqueOrThrow'
    | 'create'
    | 'createMany'
    | 'createManyAndReturn'
    | 'update'
    | 'updateMany'
    | 'updateManyAndReturn'
    | 'upsert'
    | 'delete'
    | 'deleteMany'
    | 'count'
    | 'aggregate'
    | 'groupBy',
    Call
  >
> & { readonly fields: Readonly<Record<string, unknown>> }

/** What tests use of the generated client, which exists only while they run. */
export interface ShopClient {
  readonly tenant: Delegate
  readonly user: Delegate
  readonly profile: Delegate
  readonly post: Delegate
  readonly comment: Delegate
  readonly tag: Delegate
  readonly note: Delegate
  readonly role: Delegate
  readonly userRole: Delegate
  $transaction(
    work: readonly Promise<unknown>[] | ((transaction: ShopClient) => Promise<unknown>),
    options?: object,
  ): Promise<unknown>
  $queryRaw(text: TemplateStringsArray, ...values: unknown[]): Promise<unknown>
  $queryRawUnsafe(text: string, ...values: unknown[]): Promise<unknown>
  $queryRawTyped(query: unknown): Promise<unknown>
  $executeRaw(text: TemplateStringsArray, ...values: unknown[]): Promise<number>
  $executeRawUnsafe(text: string, ...values: unknown[]): Promise<number>
  $extends(extension: unknown): ShopClient
  $on(event: string, listener: (event: never) => void): void
  $disconnect(): Promise<void>
}

export interface Generated {
  readonly PrismaClient: new (options: object) => ShopClient
  remove(): void
}

export async function generateShop(): Promise<Generated> {
  const { folder, remove } = await generateClient(read('shop.prisma'))
  const { PrismaClient } = await import(`${folder}/client/client.ts`)
  return { PrismaClient, remove }
}

const row = (model: string) => owner('tenant_id', { model })

export const declared: TenantSchema = defineTenantSchema(
  {
    tenants: owner('id', { model: 'Tenant' }),
    users: owner('tenant_id', { model: 'User', severity: 'CRITICAL' }),
    profiles: row('Profile'),
    posts: row('Post'),
    comments: row('Comment'),
    tags: row('Tag'),
    notes: row('Note'),
    _PostToTag: ownedThrough(['A', 'B'], { model: 'PostToTag' }),
    roles: global(),
    user_roles: ownedThrough('user_id', { model: 'UserRole' }),
  },
  { types: ['public.Status'] },
)

export const acme: TenantContext = createTenantContext({ tenantId: 'acme', env: 'prod' })
export const globex: TenantContext = createTenantContext({ tenantId: 'globex', env: 'prod' })

/** The schema as it stands in a database, read around the guard. */
export async function readSchema(url: string): Promise<TenantSchema> {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  try {
    return liveSchema(declared, await loadCatalogue(pool))
  } finally {
    await pool.end()
  }
}

export interface Shop {
  readonly server: PostgresServer
  readonly generated: Generated
  readonly schema: TenantSchema
  readonly guard: Guard
  /** Around the guard. */
  readonly raw: pg.Pool
  client(options?: ClientOptions): ShopClient
  /** Everything in the database, to see that nothing was touched. */
  contents(): Promise<unknown>
  stop(): Promise<void>
}

export interface ClientOptions {
  readonly confine?: TenantExtensionOptions['confine']
  readonly guard?: Guard
  /** Settings of the pool. */
  readonly pool?: object
  readonly more?: object
}

/** Two tenants with two users each, in one database. */
export async function startShop(enforcement?: Enforcement): Promise<Shop> {
  const [server, generated] = await Promise.all([startPostgres(), generateShop()])
  const raw = new pg.Pool({ connectionString: server.url })
  await raw.query(tables)
  for (const [tenantId, shift] of [
    ['acme', 0],
    ['globex', 100],
  ] as const) {
    await raw.query(rowsOf(tenantId, shift))
  }
  const schema = await readSchema(server.url)
  const guard = await createGuard(schema, { enforcement })
  const clients: ShopClient[] = []
  return {
    server,
    generated,
    schema,
    guard,
    raw,
    client: ({ confine, guard: other = guard, pool = {}, more = {} } = {}) => {
      const inner = new PrismaPg({ connectionString: server.url, ...pool })
      const adapter = guardAdapter(inner, other)
      const client = new generated.PrismaClient({ adapter, ...more })
      clients.push(client)
      return client.$extends(tenantExtension({ schema, confine }))
    },
    contents: () => contentsOf(raw),
    stop: async () => {
      for (const client of clients) await client.$disconnect()
      await raw.end()
      await server.stop()
      generated.remove()
    },
  }
}

async function contentsOf(raw: pg.Pool): Promise<unknown> {
  const found: Record<string, unknown> = {}
  for (const { relation } of [...declared.relations.keys()].map((key) => ({ relation: key }))) {
    const name = relation.split('.').map(pg.escapeIdentifier).join('.')
    const { rows } = await raw.query(`select to_jsonb(t) as row from ${name} t order by 1`)
    found[relation] = rows
  }
  return found
}

function rowsOf(tenantId: string, shift: number): string {
  const n = (value: number): number => value + shift
  return `
insert into tenants values ('${tenantId}', '${tenantId}');
insert into users values (${n(1)}, '${tenantId}', 'ann@x', 'Ann', null), (${n(2)}, '${tenantId}', 'bob@x', 'Bob', ${n(1)});
insert into profiles values (${n(1)}, '${tenantId}', ${n(1)}, 'likes ink');
insert into posts (id, tenant_id, author_id, title, created_at) values
  (${n(1)}, '${tenantId}', ${n(1)}, 'first', '2026-01-01'), (${n(2)}, '${tenantId}', ${n(2)}, 'second', '2026-01-02');
insert into comments values (${n(1)}, '${tenantId}', ${n(1)}, 'hi'), (${n(2)}, '${tenantId}', ${n(2)}, 'ho');
insert into tags values (${n(1)}, '${tenantId}', 'red'), (${n(2)}, '${tenantId}', 'blue');
insert into "_PostToTag" values (${n(1)}, ${n(1)}), (${n(2)}, ${n(1)});
insert into notes values (${n(1)}, '${tenantId}', ${n(1)}, 'note');
insert into user_roles values (${n(1)}, 1), (${n(2)}, 2);`
}

/** Everything the walls tell while `work` runs. */
export async function eventsDuring(work: () => Promise<unknown>): Promise<readonly WallEvent[]> {
  const events: WallEvent[] = []
  const listen = (event: unknown): void => void events.push(event as WallEvent)
  diagnostics.subscribe(channelName, listen)
  try {
    await work()
  } catch {
    // What is told of it is looked at.
  } finally {
    diagnostics.unsubscribe(channelName, listen)
  }
  return events
}
