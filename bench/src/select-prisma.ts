import { guardAdapter, tenantExtension } from '@partywall/prisma'
import { createGuard } from '@partywall/sql'
import { PrismaPg } from '@prisma/adapter-pg'
import type { Contender, Find } from './contender.ts'
import { decideAsDocumented, documentedFlags } from './documented-flags.ts'
import { generate } from './generate.ts'
import { schema } from './users.ts'

const prismaSchema = `
datasource db {
  provider = "postgresql"
}

generator client {
  provider = "prisma-client"
  output   = "./client"
}

model User {
  id       Int    @id
  tenantId String @map("tenant_id")
  email    String

  @@map("users")
}
`

/** What is used of the generated client. */
interface Client {
  readonly user: { findMany(args: object): Promise<readonly unknown[]> }
  $extends(extension: unknown): Client
}

interface Generated {
  readonly PrismaClient: new (options: object) => Client
}

let once: Promise<Generated> | undefined

function generated(): Promise<Generated> {
  // It is made from the schema above.
  once ??= generate({
    program: 'prisma/build/index.js',
    args: ['generate', '--schema', 'schema.prisma'],
    files: {
      'schema.prisma': prismaSchema,
      'prisma.config.mjs': `export default { schema: './schema.prisma' }\n`,
    },
    entry: 'client/client.ts',
    env: {
      // What would have to be downloaded, and is not needed to generate.
      PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
  }) as Promise<Generated>
  return once
}

export const prismaContenders: readonly Contender[] = [
  {
    name: 'Prisma',
    prepare: async (url) => {
      const { PrismaClient } = await generated()
      return finding(new PrismaClient({ adapter: adapterOf(url) }))
    },
  },
  {
    name: "Prisma, document 001's middleware",
    beside: 'Prisma',
    prepare: async (url) => {
      const { PrismaClient } = await generated()
      Object.assign(process.env, documentedFlags)
      return finding(new PrismaClient({ adapter: adapterOf(url) }).$extends(documentedMiddleware))
    },
  },
  {
    name: 'Prisma, guarded',
    beside: 'Prisma',
    goal: 1.03,
    prepare: async (url) => {
      const { PrismaClient } = await generated()
      const adapter = guardAdapter(adapterOf(url), await createGuard(schema))
      return finding(new PrismaClient({ adapter }).$extends(tenantExtension({ schema })))
    },
  },
]

interface Call {
  readonly model: string
  readonly operation: string
  readonly args: { readonly where?: { readonly tenantId?: unknown } }
  readonly query: (args: object) => Promise<unknown>
}

/** As document 001 describes it, in the form that Prisma has had for it since `$use` is gone. */
const documentedMiddleware = {
  query: {
    $allModels: {
      $allOperations: ({ model, operation, args, query }: Call): Promise<unknown> => {
        const decision = decideAsDocumented(model)
        if (decision === 'off' || args.where?.tenantId !== undefined) return query(args)
        if (decision === 'block') throw new Error(`TENANT_CONTEXT_REQUIRED: ${model}`)
        if (decision === 'log') {
          const violation = 'missing_tenant_id'
          console.warn('TENANT_VIOLATION', { model, action: operation, violation })
        }
        return query(args)
      },
    },
  },
}

function adapterOf(url: string): PrismaPg {
  return new PrismaPg({ connectionString: url, max: 1 })
}

function finding(client: Client): Find {
  return (tenantId, id) =>
    client.user.findMany({ where: { tenantId, id }, select: { id: true, email: true } })
}
