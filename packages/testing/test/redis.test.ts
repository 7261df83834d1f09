import { createServer } from 'node:net'
import { startRedis } from '@partywall/testing'
import { expect, it } from 'vitest'
import { connectRedis } from '../src/redis-connection.ts'
import { closedPort, portOf, silentServer } from './faulty-ports.ts'

const { PATH } = process.env
const own = { env: { PATH } }

const refusal = {
  code: 'testing.redis_unreachable',
  message:
    'the Redis server that REDIS_URL names does not let us in: start it or correct the URL, or unset REDIS_URL',
}

it('refuses a REDIS_URL that does not answer, in one sentence without the URL', async () => {
  const env = { REDIS_URL: `redis://:secret@127.0.0.1:${await closedPort()}` }
  await expect(startRedis({ env })).rejects.toMatchObject(refusal)
})

it('refuses a server that accepts and stays silent', { timeout: 15_000 }, async () => {
  const silent = await silentServer()
  const env = { REDIS_URL: `redis://:secret@127.0.0.1:${silent.port}` }
  await expect(startRedis({ env })).rejects.toMatchObject(refusal)
  expect(silent.heard()).toBeGreaterThan(0)
})

it('refuses a server that speaks another protocol', async () => {
  const server = createServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const env = { REDIS_URL: `redis://127.0.0.1:${await portOf(server)}` }
  await expect(startRedis({ env })).rejects.toMatchObject(refusal)
  await new Promise((resolve) => server.close(resolve))
})

it('removes only the keys below its prefix from a server that is shared', async () => {
  const shared = await startRedis(own)
  try {
    const one = await startRedis({ env: { REDIS_URL: shared.url } })
    const other = await startRedis({ env: { REDIS_URL: shared.url } })
    const client = await connectRedis(shared.url, 1_000)
    for (let index = 0; index < 2_500; index += 1) {
      await client.command('SET', `${one.prefix}${index}`, 'x')
    }
    await client.command('SET', `${other.prefix}k`, 'x')
    await one.stop()
    expect(await client.command('KEYS', '*')).toEqual([`${other.prefix}k`])
    client.end()
    await other.stop()
  } finally {
    await shared.stop()
  }
})
