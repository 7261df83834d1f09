import { readFileSync } from 'node:fs'
import { tenantSchemaFromPrisma } from '@partywall/prisma'
import { global, liveSchema, loadCatalogue, ownedThrough, owner } from '@partywall/sql'
import { startPostgres } from '@partywall/testing'
import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { declared, tables } from './shop.ts'

const shop = readFileSync(new URL('shop.prisma', import.meta.url), 'utf8')
const byHand = {
  Tenant: owner('id'),
  User: owner('tenant_id', { severity: 'CRITICAL' }),
  Role: global(),
  UserRole: ownedThrough('user_id'),
} as const

// mutation src/tenant-schema-from-prisma.ts: if (table === undefined) missing.push(name) => if (table === undefined) owned.set(name, global())
it('refuses models whose tenant nobody names, and says which', () => {
  const { Tenant, User } = byHand
  const generate = () => tenantSchemaFromPrisma(shop, { ownerField: 'tenantId', models: { User } })
  expect(generate).toThrow(
    expect.objectContaining({
      code: 'prisma.schema',
      message: expect.stringMatching(/Tenant, Role, UserRole;.*owner\('id'\)/),
    }),
  )
  const misspelt = { ...byHand, Rôle: global() }
  expect(() => tenantSchemaFromPrisma(shop, { ownerField: 'tenantId', models: misspelt })).toThrow(
    expect.objectContaining({ code: 'prisma.options' }),
  )
  expect(() => tenantSchemaFromPrisma(shop, { models: { Tenant } } as never)).toThrow(
    expect.objectContaining({ code: 'prisma.options' }),
  )
})

it.each([
  ['Decimal', ''],
  ['String', '@db.Char(8)'],
  ['String', '@db.Citext'],
  ['String[]', ''],
  ['Org', ''],
])('refuses an owner column that cannot tell tenants apart: %s %s', (type, native) => {
  const text = `model Org {\n id Int @id\n}\nmodel A {\n id Int @id\n org ${type} ${native}\n}`
  const models = { Org: global() }
  expect(() => tenantSchemaFromPrisma(text, { ownerField: 'org', models })).toThrow(
    expect.objectContaining({ code: 'prisma.schema', message: expect.stringContaining('of A ') }),
  )
})

it('refuses a function that answers with a field that is not there', () => {
  const text = 'model A {\n id Int @id\n}'
  expect(() => tenantSchemaFromPrisma(text, { ownerField: () => 'tenant' })).toThrow(
    expect.objectContaining({ code: 'prisma.schema' }),
  )
})

it('declares what one would write by hand, and a real database agrees', async () => {
  const schema = tenantSchemaFromPrisma(shop, { ownerField: 'tenantId', models: byHand })
  expect(schema.models).toEqual(declared.models)
  const told = (from: typeof schema) =>
    [...from.relations].map(([key, { model, table }]) => ({ key, model, table }))
  const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : 1)
  expect(told(schema).sort(byKey)).toEqual(told(declared).sort(byKey))
  expect(schema.declaresType('public.Status')).toBe(true)

  const server = await startPostgres()
  onTestFinished(() => server.stop())
  const pool = new pg.Pool({ connectionString: server.url, max: 1 })
  onTestFinished(() => pool.end())
  await pool.query(tables)
  const live = liveSchema(schema, await loadCatalogue(pool))
  expect(live.relation('_PostToTag')?.live?.through).toHaveLength(2)
})

it('declares the same of a text with the line ends of Windows and a byte order mark', () => {
  const from = (text: string) =>
    tenantSchemaFromPrisma(text, { ownerField: 'tenantId', models: byHand }).relations
  const keys = (text: string): readonly string[] => [...from(text).keys()]
  const models = shop.slice(shop.indexOf('model '))
  expect(keys(`\uFEFF${models.replaceAll('\n', '\r\n')}`)).toEqual(keys(shop))
})

it('maps names and types, and finds the field by a function', () => {
  const text = [
    `enum Mood {
  calm
  @@map("mood")
  @@schema("people")
}
enum Plain {
  a
}
model Account {
  id     Int    @id
  org    String @map("org_id") @db.Uuid
  likes  Account[] @relation("Likes")
  liked  Account[] @relation("Likes")
  things Thing[]
  tags   Tag[]
  @@map("accounts")
  @@schema("people")
}`,
    `model Thing {
  id       BigInt @id
  account  Account[]
  key      BigInt  @map("account key") // @db.Uuid
  name     String @default("@db.Uuid")
}
model Tag {
  id       Int @id
  accounts Account[]
  other    Other[]
}
model Other {
  id   Int @id
  tags Tag[]
}
view Seen {
  id Int @unique
}`,
  ]
  const schema = tenantSchemaFromPrisma(text, {
    ownerField: (model, fields) =>
      model === 'Tag' || model === 'Other' ? undefined : fields.includes('org') ? 'org' : 'key',
    models: { Tag: global(), Other: global({ writable: true }) },
    types: ['citext'],
  })
  const found = Object.fromEntries([...schema.relations].map(([key, { table }]) => [key, table]))
  expect(found).toMatchObject({
    'people.accounts': { kind: 'owner', column: 'org_id', type: 'uuid', model: 'Account' },
    'public.Thing': { kind: 'owner', column: 'account key', type: 'int8' },
    'public.Tag': { kind: 'global' },
    'people._Likes': { kind: 'through', through: ['A', 'B'], model: 'Likes' },
    'people._AccountToThing': { kind: 'through', through: ['A', 'B'] },
    'people._AccountToTag': { kind: 'through', through: ['A'] },
    'public._OtherToTag': { kind: 'global' },
  })
  expect(Object.keys(found)).not.toContain('public.Seen')
  for (const type of ['people.mood', 'public.Plain', 'citext']) {
    expect(schema.declaresType(type)).toBe(true)
  }
})
