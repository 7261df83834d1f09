import {
  type Catalogue,
  defineTenantSchema,
  explainProof,
  liveSchema,
  loadCatalogue,
  type TenantSchemaOptions,
} from '@partywall/sql'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { storedCode, storedCodeTables } from './corpus/live/stored-code.ts'

let server: PostgresServer
let client: pg.Client
beforeAll(async () => {
  server = await startPostgres()
  client = new pg.Client({ connectionString: server.url })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await server.stop()
})

/** What a database says with this in it; it is gone again afterwards. */
async function catalogueWith(change: string): Promise<Catalogue> {
  await client.query('begin')
  try {
    await client.query(change)
    return await loadCatalogue(client)
  } finally {
    await client.query('rollback')
  }
}

// mutation src/schema/live-schema.ts: const code = tableCode(key, source) => const code = tableCode('', source)
it.each(storedCode.map((each) => [each.why, each] as const))(
  'says what stands in the way of what: %s',
  async (_, { change, options, statements }) => {
    const declared = defineTenantSchema(storedCodeTables, options)
    const schema = liveSchema(declared, await catalogueWith(change))
    for (const [text, wanted] of statements) {
      const lines = await explainProof(text, schema)
      const obstacles = lines.flatMap(({ open, obstacle, model }) =>
        open ? [obstacle ?? model] : [],
      )
      const found = obstacles.join(', ')
      expect([text, found.slice(0, wanted === '' ? undefined : wanted.length)]).toEqual([
        text,
        wanted,
      ])
    }
  },
)

it('would tell on the server what others have', async () => {
  const { change = '' } = storedCode.find(({ why }) => why.startsWith('a default')) ?? {}
  const count = async (): Promise<unknown> => {
    const text = 'insert into goods (id, tenant_id) values (1, $1) returning n'
    return (await client.query(text, ['acme'])).rows
  }
  await client.query('begin')
  await client.query(change)
  await client.query(`insert into jots values (1, 'acme'), (2, 'globex'), (3, 'globex')`)
  expect(await count()).toEqual([{ n: 3 }])
  await client.query(`delete from jots where tenant_id <> 'acme'; delete from goods`)
  expect(await count()).toEqual([{ n: 1 }])
  await client.query('rollback')
})

it('would run on the server what a constant is checked by', async () => {
  const { change = '', statements = [] } =
    storedCode.find(({ why }) => why.startsWith('constants beside')) ?? {}
  await client.query('begin')
  await client.query(change)
  await client.query(`
    create or replace function is_fine(n anyelement) returns boolean language plpgsql as $$ begin
      if n::text = '7' then insert into jots values (7, 'globex'); end if; return true; end $$;
    insert into pieces values (1, 'acme', 1, 1, '{1}', row(1, 'x'), '[1,1]')`)
  const ran: boolean[] = []
  for (const [text] of statements.filter(([, obstacle]) => obstacle !== '')) {
    await client.query('delete from jots')
    await client.query(text, text.includes('$2') ? ['acme', '{7}'] : ['acme'])
    ran.push((await client.query('select from jots')).rows.length > 0)
  }
  await client.query('rollback')
  // The last has no constant: it is refused with the table.
  expect(ran).toEqual([...ran.slice(1).map(() => true), false])
})

describe('casts that run a function of somebody’s own', () => {
  const change = `${storedCode[0]?.change}; create function loud(temper) returns int language sql
    immutable as 'select 1'; create cast (temper as int) with function loud(temper) as assignment`
  const read = async (text: string, options?: TenantSchemaOptions): Promise<void> => {
    liveSchema(defineTenantSchema(storedCodeTables, options), await catalogueWith(text))
  }

  it('are refused when the database is read, unless the function is declared', async () => {
    const reason = 'the cast from temper to integer runs public.loud: declare it in `functions`'
    await expect(read(change)).rejects.toThrow(reason)
    for (const name of ['loud', 'public.loud']) await read(change, { functions: [name] })
  })

  it('may come with an extension', async () => {
    await read(`create extension hstore; ${storedCode[0]?.change}`)
  })
})
