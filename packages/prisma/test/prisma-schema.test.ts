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

// mutation src/prisma-schema.ts: if (rest.trim() === '') return blocks => if (rest !== undefined) return blocks
it('refuses a text of which it would overlook a part', () => {
  const texts = ['model A {\n id Int\n}\nmodel B', 'model A {\n id Int\n}\n"model B {\n}"']
  for (const text of [...texts, 'model A {\n id Int\n b: B[]\n}']) {
    expect(() => readPrismaSchema(text)).toThrow(expect.objectContaining({ code: 'prisma.schema' }))
  }
  expect(() => readPrismaSchema('model A {\n id Int\n}\n\n what')).toThrow('line 5')
})

const two =
  'model A {\n id Int @id\n bs B[]\n}\nmodel B {\n id Int @id\n as A[] @relation("x")\n}\n'
// Prisma takes all of them but the byte order mark.
// mutation src/prisma-schema.ts: given.replace(/\r\n?/g, '\n') => given
it.each([
  ['ends of lines of Windows', two.replaceAll('\n', '\r\n')],
  ['ends of lines of old', two.replaceAll('\n', '\r')],
  ['a byte order mark', `\uFEFF${two}`],
  ['byte order marks between files', two.replace('model B', '\uFEFFmodel B')],
  ['other spaces', two.replaceAll(' ', '\u00A0')],
  ['no line between models', two.replace('}\nmodel', '}model')],
  ['no space before what it can do without', two.replace('B {', 'B{').replace('[] @', '[]@')],
  ['a comment after a brace', two.replaceAll('{', '{// }')],
  ['comments of several lines', `/* model C {\n} */ ${two.replace(' id', ' /* id\n */\n id')}`],
  ['braces in strings', two.replace('bs', 's String @default("}\\"{")\n bs')],
  ['a line separator in a string', two.replace('bs', 's String @default("\u2028}")\n bs')],
  ['a type that Prisma does not know', two.replace('bs', 'at Unsupported("a \\"point\\"")?\n bs')],
])('reads every model and every field with %s', (_, text) => {
  const models = readPrismaSchema(text)
  expect([...models.keys()]).toEqual(['A', 'B'])
  expect(models.get('A')?.fields.get('bs')?.relation).toBeDefined()
  expect(models.get('B')?.fields.get('as')?.relation?.name).toBe('x')
})

it('reads names in other letters', () => {
  const models = readPrismaSchema('model Größe {\n id Int @id\n écart Größe?\n}')
  expect(models.get('Größe')?.fields.get('écart')?.relation).toBeDefined()
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
