import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder, until } from './fixture/folder.ts'

let child = ''
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'partywall-child-'))
  // Node 20 cannot run TypeScript.
  await build({
    entry: { service: fileURLToPath(new URL('./children/service.ts', import.meta.url)) },
    outDir: folder,
    outExtension: () => ({ js: '.mjs' }),
    format: 'esm',
    target: 'node20',
    noExternal: [/./],
    config: false,
    silent: true,
    esbuildOptions: (options) => {
      options.conditions = ['@partywall/source']
    },
  })
  child = join(folder, 'service.mjs')
  return () => rm(folder, { recursive: true })
})

/** A file system that this one process sees and nobody else: the machine mounts nothing. */
const unseen = ['unshare', '--user', '--map-root-user', '--mount', '/bin/sh', '-c']
const mounted = (options: string): readonly string[] => [
  ...unseen,
  `mount -t tmpfs -o ${options} partywall "$0" && exec "$@"`,
]
const mayMount =
  spawnSync('unshare', [...unseen.slice(1), 'mount -t tmpfs partywall /tmp']).status === 0

interface Figures {
  readonly operations: number
  readonly operationsFailed: number
  readonly lost: number
  readonly violations: number
}

interface Service {
  readonly code: string
  /** What its logger was told. */
  readonly told: readonly object[]
  get(path: string): Promise<string>
  figures(path?: string): Promise<Figures>
}

async function serve(before: readonly string[], fault: string): Promise<Service> {
  const folder = await temporaryFolder()
  const [command = process.execPath, ...args] =
    before.length === 0 ? [] : [...before, folder, process.execPath]
  const running: ChildProcess = spawn(command, [...args, child, folder, fault], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(running, 'exit')
  onTestFinished(async () => {
    running.kill('SIGTERM')
    await exit
  })
  const told: object[] = []
  let first: { readonly port?: number; readonly code: string } | undefined
  if (running.stdout === null) throw new Error('it has an output')
  createInterface(running.stdout).on('line', (line) => {
    if (first === undefined) first = JSON.parse(line)
    else told.push(JSON.parse(line))
  })
  await until(() => first !== undefined)
  const get = async (path: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${first?.port}/${path}`)
    expect(response.status).toBe(200)
    return response.text()
  }
  return {
    code: first?.code ?? '',
    told,
    get,
    figures: async (path = 'figures') => JSON.parse(await get(path)),
  }
}

/** Two tenants in turn; each is answered as ever. */
async function ask(service: Service, requests: number): Promise<void> {
  for (let sent = 0; sent < requests; sent += 1) {
    const tenant = sent % 2 === 0 ? 'acme' : 'globex'
    expect(await service.get(`users/${tenant}`)).toBe(tenant)
  }
}

/** What a service does of which every write fails with `code`. */
async function expectToServe(service: Service, code: string): Promise<void> {
  // The fault is there.
  expect(service.code).toBe(code)
  await ask(service, 20)
  const figures = { operations: 20, operationsFailed: 0, violations: 20, lost: 20 }
  expect(await service.figures()).toEqual(figures)
  await until(() => service.told.length > 0)
  expect(service.told[0]).toMatchObject({ message: 'TENANT_TELEMETRY_LOSS', record: { code } })
  await service.figures('minute')
  await ask(service, 1)
  expect((await service.figures()).lost).toBe(21)
  await until(() => service.told.length > 1)
  expect(service.told[1]).toEqual({
    message: 'TENANT_TELEMETRY_LOSS',
    record: { where: 'violation_log', code, lost: 21 },
  })
}

/** There is room again: what comes now is kept. */
async function expectToRecover(service: Service): Promise<void> {
  await service.figures('room')
  await ask(service, 2)
  expect(await service.figures()).toMatchObject({ operations: 23, lost: 21 })
  expect(JSON.parse(await service.get('kept'))).toEqual(['acme', 'globex'])
}

describe('a process whose log cannot be written goes on answering, counts the loss, tells it once a minute', () => {
  const timeout = 20_000

  it('on a device that is full', { timeout }, async () => {
    const service = await serve([], 'device')
    await expectToServe(service, 'ENOSPC')
    await expectToRecover(service)
  })

  it.runIf(mayMount)('on a file system that is full', { timeout }, async () => {
    const service = await serve(mounted('size=256k'), 'full')
    await expectToServe(service, 'ENOSPC')
    await expectToRecover(service)
  })

  it.runIf(mayMount)('on a file system that is read-only', { timeout }, async () => {
    await expectToServe(await serve(mounted('ro'), 'read_only'), 'EROFS')
  })
})
