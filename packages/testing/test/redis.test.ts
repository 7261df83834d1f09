import { createServer } from 'node:net'
import { startRedis } from '@partywall/testing'
import { expect, it } from 'vitest'
import { connectRedis } from '../src/redis-connection.ts'

const { PATH } = process.env
const own = { env: { PATH } }

it('refuses a REDIS_URL that does not answer, without repeating it', async () => {
  const env = { REDIS_URL: 'redis://:secret@127.0.0.1:1' }
  await expect(startRedis({ env })).rejects.toMatchObject({
    code: 'testing.redis_unreachable',
    message: expect.not.stringContaining('secret'),
  })
})

it('refuses a server that speaks another protocol', async () => {
  const server = createServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  await expect(
    startRedis({ env: { REDIS_URL: `redis://127.0.0.1:${port}` } }),
  ).rejects.toMatchObject({ code: 'testing.redis_unreachable' })
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
