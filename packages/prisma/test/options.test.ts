import { guardAdapter, tenantExtension, tenantSchemaFromPrisma } from '@partywall/prisma'
import { createGuard, defineTenantSchema, type Guard, owner } from '@partywall/sql'
import { PrismaPg } from '@prisma/adapter-pg'
import { beforeAll, describe, expect, it } from 'vitest'

const schema = defineTenantSchema({ users: owner('tenant_id', { model: 'User' }) })
const text = 'model User {\n  id Int @id\n  tenantId String\n}\n'
/** What must be in no message. */
const secret = 'hunter2'

// Nothing connects before somebody asks for a connection.
const adapter = (): PrismaPg => new PrismaPg({ connectionString: 'postgres://127.0.0.1:1/none' })

let guard: Guard
beforeAll(async () => {
  guard = await createGuard(schema)
})

/** By the code of the error: what it must say, and a call as JavaScript may make it. */
type Cases = Readonly<Record<string, readonly (readonly [says: string, make: () => unknown])[]>>

const given = (value: unknown): never => value as never

const adapterWords = 'expected a driver adapter for PostgreSQL that is not guarded yet'
const guardWords = 'expected the guard that createGuard() resolves to'
const adapters: Cases = {
  'prisma.adapter': [
    [`factory is null; ${adapterWords}`, () => guardAdapter(given(null), guard)],
    [`factory is undefined; ${adapterWords}`, () => guardAdapter(given(undefined), guard)],
    [`factory is an object; ${adapterWords}`, () => guardAdapter(given({}), guard)],
    [
      `factory is an object; ${adapterWords}`,
      () => guardAdapter(given({ provider: 'sqlite', connect: adapter }), guard),
    ],
    [
      `factory is an object; ${adapterWords}`,
      () => guardAdapter(guardAdapter(adapter(), guard), guard),
    ],
  ],
  'prisma.options': [
    [`guard is undefined; ${guardWords}`, () => guardAdapter(adapter(), given(undefined))],
    [`guard is an object; ${guardWords}`, () => guardAdapter(adapter(), given(schema))],
    [
      `guard is a promise; await it first: ${guardWords}`,
      () => guardAdapter(adapter(), given(createGuard(schema))),
    ],
  ],
}

const extensions: Cases = {
  'prisma.options': [
    [
      'options is undefined; expected an object with schema, confine',
      () => tenantExtension(given(undefined)),
    ],
    [
      'schema is undefined; expected what defineTenantSchema() gives',
      () => tenantExtension(given({})),
    ],
    [
      'schema is an object; expected what',
      () => tenantExtension(given({ schema: { models: {} } })),
    ],
    [
      'options has no field "confined"; it may have schema, confine',
      () => tenantExtension(given({ schema, confined: 'all' })),
    ],
    [
      "confine is a string of 7 characters; expected 'all', 'none' or a list of models",
      () => tenantExtension(given({ schema, confine: secret })),
    ],
    [
      "confine is a list of 2; expected 'all', 'none' or a list of models",
      () => tenantExtension(given({ schema, confine: ['User', 5] })),
    ],
    [
      'confine names a model that the schema has not',
      () => tenantExtension({ schema, confine: [secret] }),
    ],
  ],
  'prisma.client': [
    [
      'the client is undefined; expected a PrismaClient',
      () => tenantExtension({ schema })(given(undefined)),
    ],
    ['the client was made without an adapter', () => tenantExtension({ schema })({})],
  ],
}

const from = (options: unknown) => () => tenantSchemaFromPrisma(text, given(options))
const ownerField = 'tenantId'
const schemas: Cases = {
  'prisma.options': [
    [
      'schema is undefined; expected the text of a Prisma schema, or a list of texts',
      () => tenantSchemaFromPrisma(given(undefined), { ownerField }),
    ],
    [
      'schema is a list of 1; expected the text',
      () => tenantSchemaFromPrisma(given([5]), { ownerField }),
    ],
    [
      'options is undefined; expected an object with ownerField, models, tenantKey',
      from(undefined),
    ],
    ['ownerField is undefined; expected the name of a field, or a function', from({})],
    ['ownerField is an empty string; expected the name', from({ ownerField: '' })],
    ['options has no field "ownerFeild"; it may have ownerField', from({ ownerFeild: secret })],
    [
      'models is a string of 7 characters; expected an object with a declaration for each model',
      from({ ownerField, models: secret }),
    ],
    ['models is null; expected an object', from({ ownerField, models: null })],
    [
      'the model User is undefined; expected what owner(), ownedThrough() or global() gives',
      from({ ownerField, models: { User: undefined } }),
    ],
    [
      'the model User is a string of 7 characters; expected what owner()',
      from({ ownerField, models: { User: secret } }),
    ],
    [
      'types is a string of 7 characters; expected a list of names',
      from({ ownerField, types: secret }),
    ],
    ['functions is an object; expected a list of names', from({ ownerField, functions: {} })],
    ['extensions is a list of 1; expected a list', from({ ownerField, extensions: [5] })],
    ['tenantKey is a number; expected a function', from({ ownerField, tenantKey: 5 })],
    ['defaultSchema is an empty string; expected a name', from({ ownerField, defaultSchema: '' })],
  ],
}

describe.each(Object.entries({ adapters, extensions, schemas }))('of %s', (_, cases) => {
  const all = Object.entries(cases).flatMap(([code, some]) =>
    some.map(([says, make]) => [code, says, make] as const),
  )
  it.each(all)('refuses with %s: %s', (code, says, make) => {
    expect(make).toThrow(
      expect.objectContaining({
        name: 'PrismaGuardError',
        code,
        message: expect.stringContaining(says),
      }),
    )
    expect(make).not.toThrow(secret)
  })
})
