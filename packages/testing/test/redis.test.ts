import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis } from '@partywall/testing'
import { expect, it, onTestFinished, vi } from 'vitest'
import { startOwnRedis } from '../src/own-redis.ts'
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

/** A folder for temporary files whose path is too long for a Unix socket in it. */
function longTemporary(): string {
  const home = mkdtempSync(join(tmpdir(), 'partywall-long-'))
  const folder = join(home, 'a'.repeat(60), 'b'.repeat(60))
  mkdirSync(folder, { recursive: true })
  vi.stubEnv('TMPDIR', folder)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(home, { recursive: true, force: true })
  })
  return folder
}

it('listens at a loopback port, with a password, where TMPDIR is too long for a socket', async () => {
  const folder = longTemporary()
  const server = await startRedis(own)
  const { protocol, hostname, port, password } = new URL(server.url)
  expect([protocol, hostname]).toEqual(['redis:', '127.0.0.1'])
  await expect(connectRedis(`redis://127.0.0.1:${port}`, 1_000)).rejects.toThrow('NOAUTH')
  expect(password).toMatch(/^[0-9a-f]{32}$/)
  const client = await connectRedis(server.url, 1_000)
  expect(await client.command('SET', `${server.prefix}acme`, '1')).toBe('OK')
  client.end()
  await server.stop()
  expect(readdirSync(folder)).toEqual([])
})

it('takes another port when somebody else was faster', async () => {
  longTemporary()
  const other = createServer()
  const taken = await portOf(other)
  const ports = [taken, await closedPort()]
  const server = await startOwnRedis(own.env, () => Promise.resolve(ports.shift() ?? 0))
  expect(new URL(server.url).port).not.toBe(String(taken))
  await server.stop()
  await new Promise((resolve) => other.close(resolve))
})

it('says why a Redis that is there does not come up, and not that it is to be installed', async () => {
  const PATH = mkdtempSync(join(tmpdir(), 'partywall-bin-'))
  onTestFinished(() => rmSync(PATH, { recursive: true, force: true }))
  const text = '#!/bin/sh\necho starting\necho no memory\n'
  writeFileSync(join(PATH, 'redis-server'), text, { mode: 0o755 })
  await expect(startRedis({ env: { PATH } })).rejects.toMatchObject({
    code: 'testing.redis_unavailable',
    message: `Redis did not come up (${PATH}/redis-server: no memory): mend that, or set REDIS_URL to a server`,
  })
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
