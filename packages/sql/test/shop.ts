import type { Enforcement } from '@partywall/context/spi'
import {
  createGuard,
  defineTenantSchema,
  type Guard,
  owner,
  type TenantSchema,
} from '@partywall/sql'
import { startPostgres } from '@partywall/testing'
import pg from 'pg'

/** What Kysely knows of the tables of the door tests. */
export interface ShopTables {
  orders: { id: number; tenant_id: string; item: string }
}

export const acme = { tenantId: 'acme', env: 'prod' } as const
export const globex = { tenantId: 'globex', env: 'prod' } as const

/** What both doors refuse. */
export const refused = {
  code: 'TENANT_CONTEXT_REQUIRED',
  message: 'TENANT_CONTEXT_REQUIRED: Order',
} as const

export const shopSchema: TenantSchema = defineTenantSchema<ShopTables>({
  orders: owner('tenant_id', { model: 'Order', columns: ['id', 'tenant_id', 'item'] }),
})

/** A client that counts what is really sent. */
export class CountingClient extends pg.Client {
  static sent: string[] = []

  // biome-ignore lint/suspicious/noExplicitAny: pg's own overloads end in any
  override query(...call: any[]): any {
    const [config] = call
    CountingClient.sent.push(typeof config === 'string' ? config : String(config?.text))
    return Reflect.apply(super.query, this, call)
  }
}

export interface Shop {
  readonly guard: Guard
  readonly url: string
  /** A pool around the guard, to look with. */
  readonly raw: pg.Pool
  rows(): Promise<readonly string[]>
  stop(): Promise<void>
}

/** A real server with the orders of two tenants. */
export async function startShop(enforcement?: Enforcement): Promise<Shop> {
  const server = await startPostgres()
  const raw = new pg.Pool({ connectionString: server.url })
  await raw.query(`create table orders (id int, tenant_id text, item text);
    insert into orders values (1, 'acme', 'ink'), (2, 'acme', 'pen'), (1, 'globex', 'cup')`)
  return {
    guard: await createGuard(shopSchema, { enforcement }),
    url: server.url,
    raw,
    rows: async () => {
      const { rows } = await raw.query<{ line: string }>(
        `select tenant_id || ' ' || id || ' ' || item as line from orders order by 1`,
      )
      return rows.map(({ line }) => line)
    },
    stop: async () => {
      await raw.end()
      await server.stop()
    },
  }
}

/** Blocks what tenants do, and lets the system do everything. */
export const bypassingSystem: Enforcement = {
  watching: true,
  decide: (_, scope) => ({
    action: scope?.system === undefined ? 'block' : 'bypass',
    reason: 'default',
    generation: 1,
    record: true,
  }),
  refusal: () => undefined,
}

export const allRows: readonly string[] = ['acme 1 ink', 'acme 2 pen', 'globex 1 cup']
