import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initRollout, openRollout } from '@partywall/rollout'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { canonicalJson, hashOf } from '../src/canonical-json.ts'
import { type ChainLink, openChain } from '../src/chain.ts'
import { bundleChild } from './children/bundle.ts'
import { ada, fleetModels, runningFleet } from './running-fleet.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { until } from './until.ts'

interface Note {
  readonly text: string
}
const chainIn = (folder: string) => openChain<Note>(folder, (value) => value as Note & ChainLink)
const broken = expect.objectContaining({ code: 'rollout.chain_broken' })

describe('a chain of records', () => {
  // mutation src/chain.ts: if (record.previous !== (last?.hash ?? null)) { => if (record.previous === undefined) {
  it('holds what was appended in its order, and notices every change of it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        fc.nat(),
        (texts, which, what) => {
          const folder = temporaryFolder()
          const chain = chainIn(folder)
          let last: (Note & ChainLink) | undefined
          for (const text of texts) last = chain.append({ text }, last)
          expect(chain.readAll().map(({ text }) => text)).toEqual(texts)
          expect(chain.readAll().map(({ number }) => number)).toEqual(texts.map((_, at) => at + 1))

          const names = readdirSync(folder).sort()
          const path = join(folder, names[which % names.length] ?? '')
          const whole = readFileSync(path, 'utf8')
          const record: Note & ChainLink = JSON.parse(whole)
          const rehash = (changed: object): string => {
            const { hash: _, ...rest } = { ...record, ...changed }
            return JSON.stringify({ ...rest, hash: hashOf(rest) })
          }
          const isNewest = record.number === texts.length
          const damages: readonly (() => void)[] = [
            () => writeFileSync(path, whole.slice(0, whole.length / 2)),
            () => writeFileSync(path, ''),
            () => writeFileSync(path, 'null'),
            () => writeFileSync(path, JSON.stringify({ ...record, text: `${record.text}!` })),
            () => writeFileSync(path, rehash({ number: record.number + 1 })),
            () => writeFileSync(path, rehash({ previous: 'another' })),
            // The newest has no successor that would vouch for it; the others do.
            () =>
              isNewest ? writeFileSync(path, '{') : writeFileSync(path, rehash({ text: 'forged' })),
            () => (isNewest ? writeFileSync(path, '[]') : rmSync(path)),
          ]
          damages[what % damages.length]?.()
          expect(() => chain.readAll()).toThrow(broken)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is one spelling of a document, whatever the order of its keys', () => {
    expect(canonicalJson({ b: [1, { d: 2, c: 3 }], a: undefined })).toBe('{"b":[1,{"c":3,"d":2}]}')
    expect(hashOf({ a: 1, b: 2 })).toBe(hashOf({ b: 2, a: 1 }))
  })

  it('ignores the drafts of writers that died', () => {
    const folder = temporaryFolder()
    const chain = chainIn(folder)
    const first = chain.append({ text: 'one' }, undefined)
    writeFileSync(join(folder, '.0000.draft'), '{"text":')
    expect(chain.readAll()).toEqual([first])
    expect(chain.append({ text: 'two' }, first).number).toBe(2)
  })

  // mutation src/durable-file.ts: if (isErrno(error, 'EEXIST')) return false => if (isErrno(error, 'EEXIST')) return true
  it('has room for one successor: the second writer is told and changes nothing', () => {
    const chain = chainIn(temporaryFolder())
    const first = chain.append({ text: 'one' }, undefined)
    const second = chain.append({ text: 'two' }, first)
    expect(() => chain.append({ text: 'also two' }, first)).toThrow(
      expect.objectContaining({ code: 'rollout.superseded' }),
    )
    expect(chain.readAll()).toEqual([first, second])
  })
})

describe('a state folder', () => {
  const init = { models: fleetModels, instances: ['a'], ...ada }

  it('is made once, and refused where there is none or a foreign one', async () => {
    const folder = temporaryFolder()
    await expect(openRollout(folder)).rejects.toMatchObject({ code: 'rollout.no_state' })
    await expect(openRollout(join(folder, 'nothing'))).rejects.toMatchObject({
      code: 'rollout.no_state',
    })
    await initRollout(folder, init)
    await expect(initRollout(folder, init)).rejects.toMatchObject({ code: 'rollout.exists' })
    const file = join(folder, 'file')
    writeFileSync(file, '')
    await expect(initRollout(join(file, 'in'), init)).rejects.toMatchObject({
      code: 'rollout.unwritable',
    })
  })

  it('whose making was cut short can be made again', async () => {
    const folder = temporaryFolder()
    await initRollout(folder, init)
    rmSync(join(folder, 'generations', '00000001.json'))
    rmSync(join(folder, 'adopted'), { recursive: true })
    await expect(openRollout(folder)).rejects.toMatchObject({ code: 'rollout.no_state' })
    await initRollout(folder, init)
    expect(await (await openRollout(folder)).status()).toMatchObject({ generation: 1, stage: 0 })
  })

  it('without its first record is refused', async () => {
    const folder = temporaryFolder()
    await initRollout(folder, init)
    rmSync(join(folder, 'generations', '00000001.json'))
    await expect(openRollout(folder)).rejects.toMatchObject({ code: 'rollout.no_state' })
  })
})

describe('a process that is killed on its way to the disk', () => {
  let child = ''
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'partywall-child-'))
    child = await bundleChild(new URL('./children/change.ts', import.meta.url), folder)
    return () => rmSync(folder, { recursive: true })
  })

  for (const [at, position] of [
    ['before_sync', 'off'],
    ['before_link', 'off'],
    ['after_link', 'on'],
    ['before_folder_sync', 'on'],
    ['before_sweep', 'on'],
  ] as const) {
    it(`leaves the ${position === 'off' ? 'old' : 'new'} state, never a third: killed ${at.replaceAll('_', ' ')}`, async () => {
      const folder = temporaryFolder()
      await initRollout(folder, { models: fleetModels, instances: ['a'], ...ada })
      let signal: unknown
      try {
        execFileSync(process.execPath, [child, folder, 'close', at, '1'])
      } catch (error) {
        if (error instanceof Error && 'signal' in error) signal = error.signal
      }
      // The fault was there.
      expect(signal).toBe('SIGKILL')
      const operator = await openRollout(folder)
      const status = await operator.status()
      expect(status.killSwitch).toBe(position)
      await operator.setKillSwitch(position === 'off' ? 'on' : 'off', ada)
      expect(await operator.history()).toHaveLength(status.killSwitchRecord + 2)
    })
  }

  // mutation src/durable-file.ts: linkSync(draft, path) => renameSync(draft, path)
  it('is one of two that advance at once: one wins, the other is told', async () => {
    const fleet = await runningFleet()
    fleet.hours(48)
    const go = join(fleet.folder, 'go')
    const outcomes: string[] = ['', '']
    const ended = [0, 1].map((which) => {
      const args = [child, fleet.folder, 'advance', go, String(fleet.now())]
      const running = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      running.stdout.on('data', (chunk) => {
        outcomes[which] += String(chunk)
      })
      return new Promise((resolve) => running.on('close', resolve))
    })
    // Both have found the verdict green; their reports must stay fresh meanwhile.
    await until(() => {
      fleet.tick()
      return outcomes.every((outcome) => outcome.startsWith('ready'))
    })
    writeFileSync(go, '')
    await Promise.all(ended)
    expect(outcomes.sort()).toEqual(['ready\ndone 2\n', 'ready\nrollout.superseded\n'])
    expect(await fleet.operator.status()).toMatchObject({ generation: 2, stage: 1 })
  })
})
