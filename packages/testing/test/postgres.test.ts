import { type PostgresServer, startPostgres } from '@partywall/testing'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'

const own = { env: {} } as const
let postgres: PostgresServer
beforeAll(async () => {
  postgres = await startPostgres(own)
})
afterAll(() => postgres.stop())

async function rows(url: string, text: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

it('gives a real PostgreSQL with a database of its own', async () => {
  expect(await rows(postgres.url, 'select current_database() as name')).toEqual([
    { name: postgres.connection.database },
  ])
  expect(postgres.connection.database).toMatch(/^partywall_[0-9a-f]{12}$/)
})
