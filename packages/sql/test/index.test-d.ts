import {
  createGuard,
  defineTenantSchema,
  type Guard,
  global,
  owner,
  type TenantSchema,
} from '@partywall/sql'
import { guardDialect } from '@partywall/sql/kysely'
import { guardPool } from '@partywall/sql/pg'
import type { Dialect } from 'kysely'
import type { Pool } from 'pg'
import { expectTypeOf, it } from 'vitest'

interface Database {
  users: { id: number; tenant_id: string }
  countries: { id: number }
}

it('wants every table of the database, with a column of its own', () => {
  expectTypeOf(
    defineTenantSchema<Database>({ users: owner('tenant_id'), countries: global() }),
  ).toEqualTypeOf<TenantSchema>()
  // @ts-expect-error a table is missing
  defineTenantSchema<Database>({ users: owner('tenant_id') })
  // @ts-expect-error a table is misspelt
  defineTenantSchema<Database>({ user: owner('tenant_id'), countries: global() })
  // @ts-expect-error there is no such table
  defineTenantSchema<Database>({ users: owner('tenant_id'), countries: global(), more: global() })
  // @ts-expect-error the column is misspelt
  defineTenantSchema<Database>({ users: owner('tenantId'), countries: global() })
})

it('takes tables alone where views are left out', () => {
  interface WithViews extends Database {
    user_names: { name: string }
  }
  const tables = { users: owner('tenant_id'), countries: global() }
  defineTenantSchema<Omit<WithViews, 'user_names'>>(tables)
  // @ts-expect-error the view has no declaration
  defineTenantSchema<WithViews>(tables)
})

it('keeps the types of what it wraps', () => {
  expectTypeOf(createGuard).returns.resolves.toEqualTypeOf<Guard>()
  expectTypeOf(guardDialect).returns.toEqualTypeOf<Dialect>()
  expectTypeOf(guardPool<Pool>).returns.toEqualTypeOf<Pool>()
})
