import {
  type Catalogue,
  type CatalogueCast,
  type CatalogueDomain,
  type CatalogueExtension,
  type CatalogueTable,
  createGuard,
  type DeclaredTable,
  defineTenantSchema,
  type Family,
  type GivenKey,
  type Guard,
  global,
  type NamedExpression,
  type OwnerType,
  ownedThrough,
  owner,
  ownerTypes,
  type Relation,
  type TenantSchema,
  type ThroughOptions,
} from '@partywall/sql'
import { guardDialect } from '@partywall/sql/kysely'
import { guardPool } from '@partywall/sql/pg'
import type { PooledClient, TransactionPool } from '@partywall/sql/row-security'
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

it('has names for the parts of what it takes and gives', () => {
  expectTypeOf<Catalogue['casts'][number]>().toEqualTypeOf<CatalogueCast>()
  expectTypeOf<Catalogue['domains'][number]>().toEqualTypeOf<CatalogueDomain>()
  expectTypeOf<Catalogue['extensions'][number]>().toEqualTypeOf<CatalogueExtension>()
  expectTypeOf<CatalogueTable['checks'][number]>().toEqualTypeOf<NamedExpression>()
  expectTypeOf<Relation['table']>().toEqualTypeOf<DeclaredTable>()
  expectTypeOf<GivenKey['family']>().toEqualTypeOf<Family>()
  expectTypeOf(ownerTypes).items.toEqualTypeOf<OwnerType>()
  expectTypeOf(ownedThrough<string>)
    .parameter(1)
    .toEqualTypeOf<ThroughOptions | undefined>()
  expectTypeOf<Awaited<ReturnType<TransactionPool['connect']>>>().toEqualTypeOf<PooledClient>()
})
