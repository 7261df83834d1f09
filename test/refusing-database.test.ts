import { createRequire } from 'node:module'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type PostgresServer, startPostgres } from '../packages/testing/src/index.ts'
import { launcherTree } from './launcher-tree.ts'

/** The little of the driver that is needed here; the workspace itself does not depend on it. */
interface Client {
  connect(): Promise<void>
  query(text: string): Promise<unknown>
  end(): Promise<void>
}
interface Driver {
  readonly Client: new (options: { readonly connectionString: string }) => Client
}
const testing = new URL('../packages/testing/package.json', import.meta.url)
const { Client }: Driver = createRequire(testing)('pg')

let postgres: PostgresServer
beforeAll(async () => {
  // Of our own, whatever DATABASE_URL says: roles are made here. With a password, so that one can be wrong.
  postgres = await startPostgres({ env: {}, listen: 'loopback' })
  await ask(postgres.url, "create role meek login nocreatedb password 'secret'")
  await ask(postgres.url, "create role builder login createdb password 'secret'")
}, 60_000)
afterAll(() => postgres.stop())

async function ask(url: string, text: string): Promise<unknown> {
  const client = new Client({ connectionString: url })
  try {
    await client.connect()
    return await client.query(text)
  } finally {
    await client.end()
  }
}

function urlFor(user: string, password: string): string {
  const url = new URL(postgres.url)
  url.username = user
  url.password = password
  return url.href
}

const cases = [
  [
    'who may not create databases',
    'meek',
    'secret',
    '42501',
    'DATABASE_URL: its user may not create databases. Please grant it CREATEDB; without DATABASE_URL we start our own server.\n',
  ],
  [
    'who may not log in',
    'builder',
    'guessed',
    '28P01',
    'DATABASE_URL: the server does not let us in (28P01). Please correct the user, the password or the database; without DATABASE_URL we start our own server.\n',
  ],
] as const

for (const what of ['demo', 'check'] as const) {
  for (const [who, user, password, code, stderr] of cases) {
    it(`refuses a user of DATABASE_URL ${who}, in one sentence: npm ${what === 'demo' ? 'run demo' : 'test'}`, async () => {
      const tree = launcherTree()
      const url = urlFor(user, password)
      await expect(ask(url, 'create database anything')).rejects.toMatchObject({ code })
      const launched = await tree.launch(['launch.mjs', what], { DATABASE_URL: url })
      expect(launched).toMatchObject({ code: 2, stderr })
      // It is asked once the driver is there, and nothing comes after it.
      expect(tree.asked()).toEqual([expect.stringMatching(/^install /)])
      expect(tree.left()).toEqual([])
    })
  }
}

it('lets a user go on who may create databases', async () => {
  const tree = launcherTree()
  const url = urlFor('builder', 'secret')
  const launched = await tree.launch(['launch.mjs', 'check'], { DATABASE_URL: url })
  expect(launched).toMatchObject({ code: 0, stderr: '' })
  expect(tree.asked().at(-1)).toBe('--silent run check')
})
