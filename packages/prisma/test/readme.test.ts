import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect, promisify } from 'node:util'
import { expect, it, onTestFinished, vi } from 'vitest'
import { generateInto } from './generated-client.ts'

const folder = fileURLToPath(new URL('../.readme', import.meta.url))
const root = fileURLToPath(new URL('../../..', import.meta.url))

it('runs the first example of the README as it is written, on the client that it describes', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const schema = /```prisma\n(.*?)```/s.exec(readme)?.[1]
  const promised = /It prints\n\n```\n(.*?)\n```/s.exec(readme)?.[1]
  onTestFinished(() => {
    for (const made of ['generated', 'schema.prisma', 'prisma.config.mjs', 'tsconfig.json']) {
      rmSync(join(folder, made), { recursive: true, force: true })
    }
  })
  await generateInto(folder, schema ?? '')
  const settings = {
    extends: '../../../tsconfig.base.json',
    // What Prisma generates has no types written out.
    compilerOptions: { isolatedDeclarations: false },
    files: ['1.ts'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = await promisify(execFile)(process.execPath, [compiler, '-p', folder]).catch(
    (error: { readonly stdout: string }) => error,
  )
  expect(stdout).toBe('')
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  await import('../.readme/1.ts')
  const lines = log.mock.calls
    .flat()
    .map((value) => (typeof value === 'string' ? value : inspect(value)))
  expect(lines.join('\n')).toBe(promised)
})
