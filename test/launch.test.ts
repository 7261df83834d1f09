import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

async function launch(
  what: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number; output: string; left: readonly string[] }> {
  const TMPDIR = mkdtempSync(join(tmpdir(), 'partywall-launch-'))
  const { PATH } = process.env
  const child = spawn(process.execPath, ['scripts/launch.mjs', what], {
    cwd: root,
    env: { PATH, TMPDIR, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  const [code] = await once(child, 'close')
  const left = readdirSync(TMPDIR)
  rmSync(TMPDIR, { recursive: true })
  return { code, output, left }
}

for (const [name, what] of [
  ['DATABASE_URL', 'demo'],
  ['REDIS_URL', 'demo'],
] as const) {
  it(`refuses a ${name} that does not answer, in one sentence, before it installs anything`, async () => {
    const scheme = name === 'DATABASE_URL' ? 'postgres' : 'redis'
    for (const url of [`${scheme}://eve:secret@127.0.0.1:1/0`, 'nonsense']) {
      const { code, output, left } = await launch(what, { [name]: url })
      expect(code).toBe(2)
      expect(output).toMatch(new RegExp(`^${name}: .*\\.\\n$`))
      expect(output).not.toMatch(/secret|nonsense| {4}at /)
      expect(left).toEqual([])
    }
  })
}

it('does not wait for a server that accepts and stays silent', async () => {
  const silent = createServer((socket) => socket.resume()).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const address = silent.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const { code, output } = await launch('demo', { DATABASE_URL: `postgres://127.0.0.1:${port}/x` })
  silent.close()
  expect({ code, output }).toMatchObject({
    code: 2,
    output: expect.stringContaining('no answer within 3 s'),
  })
})

it('refuses a command that does not exist', async () => {
  const { code, output } = await launch('nothing', {})
  expect({ code, output }).toEqual({
    code: 2,
    output: 'usage: node scripts/launch.mjs demo|check\n',
  })
})

it('ends what counts with a count, also when it could not begin', async () => {
  const { code, output } = await launch('check', { DATABASE_URL: 'nonsense' })
  expect(code).toBe(2)
  expect(output).toContain('0 passed, 1 failed\n')
})
