import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { oppositeOf, ownedModels } from '../src/owned-models.ts'
import { readPrismaSchema } from '../src/prisma-schema.ts'

const read = (): string => readFileSync(new URL('shop.prisma', import.meta.url), 'utf8')

it('refuses a text without a model', () => {
  for (const text of ['', '// model A {\n}', 'enum A {\n  b\n}']) {
    expect(() => readPrismaSchema(text)).toThrow(expect.objectContaining({ code: 'prisma.schema' }))
  }
})

it('reads tables, columns and both sides of relations', () => {
  const models = readPrismaSchema(read())
  expect([...models.keys()]).toContain('UserRole')
  const user = models.get('User')
  expect(user?.table).toBe('users')
  expect(user?.fields.get('tenantId')).toMatchObject({ column: 'tenant_id', type: 'String' })
  expect(user?.fields.get('posts')).toMatchObject({ type: 'Post', relation: { fields: [] } })
  expect(user?.fields.get('boss')).toMatchObject({
    relation: { name: 'Staff', fields: ['tenantId', 'bossId'], references: ['tenantId', 'id'] },
  })
  expect(models.get('Post')?.fields.get('status')?.relation).toBeUndefined()
  expect([...(user?.fields.keys() ?? [])]).not.toContain('unique')
})

it('finds the other side of a relation, also of a model with itself', () => {
  const models = readPrismaSchema(read())
  const opposite = (name: string, field: string): string | undefined => {
    const model = models.get(name)
    const found = model?.fields.get(field)
    return model && found && oppositeOf(models, model, found)?.name
  }
  expect(opposite('User', 'staff')).toBe('boss')
  expect(opposite('User', 'boss')).toBe('staff')
  expect(opposite('User', 'posts')).toBe('author')
  expect(opposite('Post', 'tags')).toBe('posts')
})

it('reads what is written in other ways: comments, names with spaces, lines that go on', () => {
  const models = readPrismaSchema(`
model A {
  id    Int    @id // model B {
  /// a "quoted" comment: { }
  tenant String @map("the // tenant")
  others B[]  @relation("x y")
  @@map(name: "as \\"told\\"")
  @@schema("sales")
}
view B {
  id  Int @unique
  aId Int
  a   A   @relation(
    name: "x y", references: [id],
    fields: [aId]
  )
}`)
  const [a, b] = [models.get('A'), models.get('B')]
  expect(a).toMatchObject({ table: 'as "told"', schema: 'sales' })
  expect(a?.fields.get('tenant')?.column).toBe('the // tenant')
  expect([...(a?.fields.keys() ?? [])]).toEqual(['id', 'tenant', 'others'])
  expect(b?.fields.get('a')?.relation?.name).toBe('x y')
})

it('confines no model whose table nobody declared', () => {
  const models = readPrismaSchema(read())
  const nothing = { relation: () => undefined } as never
  expect(ownedModels(models, nothing, new Set(['User'])).owned('User')).toBeUndefined()
})
