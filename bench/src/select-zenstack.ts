import { ZenStackClient } from '@zenstackhq/orm'
import { PolicyPlugin } from '@zenstackhq/plugin-policy'
import type { SchemaDef } from '@zenstackhq/schema'
import { PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Contender, Find } from './contender.ts'
import { generate } from './generate.ts'

const model = `
datasource db {
  provider = 'postgresql'
}

plugin policy {
  provider = '@zenstackhq/plugin-policy'
}

type Auth {
  tenantId String

  @@auth
}

model User {
  id       Int    @id
  tenantId String @map("tenant_id")
  email    String

  @@map("users")
  @@allow('all', tenantId == auth().tenantId)
}
`

/** What is used of a client for the schema. */
interface Client {
  readonly user: { findMany(args: object): Promise<readonly unknown[]> }
  $use(plugin: unknown): Client
  $setAuth(auth: object): Client
}

export const zenstackContenders: readonly Contender[] = [
  { name: 'ZenStack', prepare: async (url) => finding(await clientOf(url)) },
  {
    name: 'ZenStack, policy plugin',
    beside: 'ZenStack',
    prepare: async (url) =>
      finding((await clientOf(url)).$use(new PolicyPlugin()).$setAuth({ tenantId: 'acme' })),
  },
]

async function clientOf(url: string): Promise<Client> {
  // Generated from the model above.
  const { schema } = (await generate({
    program: '@zenstackhq/cli/bin/cli',
    args: ['generate', '--schema', 'schema.zmodel', '--output', 'zenstack', ...quiet],
    files: { 'schema.zmodel': model },
    entry: 'zenstack/schema.ts',
    env: { DO_NOT_TRACK: '1' },
  })) as { readonly schema: SchemaDef }
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  // Its type is made of the schema's, which is not known here.
  return new ZenStackClient(schema, { dialect: new PostgresDialect({ pool }) }) as unknown as Client
}

const quiet = ['--no-version-check', '--no-tips', '--silent']

function finding(client: Client): Find {
  return (tenantId, id) =>
    client.user.findMany({ where: { tenantId, id }, select: { id: true, email: true } })
}
