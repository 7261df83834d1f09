import { execFileSync, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initRollout, openRollout } from '@partywall/rollout'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { canonicalJson, hashOf } from '../src/canonical-json.ts'
import { type ChainLink, openChain } from '../src/chain.ts'
import { bundleChild } from './children/bundle.ts'
import { ada, fleetModels, type RunningFleet, runningFleet } from './running-fleet.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { until } from './until.ts'

interface Note {
  readonly text: string
}
const chainIn = (folder: string) =>
  openChain<Note>(folder, join(folder, 'head.json'), (value) => value as Note & ChainLink)
const brokenCode = { code: 'rollout.chain_broken' }
const broken = expect.objectContaining(brokenCode)

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

          const names = readdirSync(folder).filter((name) => name !== 'head.json')
          const path = join(folder, names[which % names.length] ?? '')
          const whole = readFileSync(path, 'utf8')
          const record: Note & ChainLink = JSON.parse(whole)
          const rehash = (changed: object): string => {
            const { hash: _, ...rest } = { ...record, ...changed }
            return JSON.stringify({ ...rest, hash: hashOf(rest) })
          }
          const damages: readonly (() => void)[] = [
            () => writeFileSync(path, whole.slice(0, whole.length / 2)),
            () => writeFileSync(path, ''),
            () => writeFileSync(path, 'null'),
            () => writeFileSync(path, JSON.stringify({ ...record, text: `${record.text}!` })),
            () => writeFileSync(path, rehash({ number: record.number + 1 })),
            () => writeFileSync(path, rehash({ previous: 'another' })),
            () => writeFileSync(path, rehash({ text: `${record.text}, forged` })),
            () => rmSync(path),
            () => {
              for (const name of names.slice(which % names.length)) rmSync(join(folder, name))
            },
          ]
          damages[what % damages.length]?.()
          expect(() => chain.readAll()).toThrow(broken)
        },
      ),
      { numRuns: 60 },
    )
  })

  // mutation src/chain.ts: if (head.number >= next) { => if (head.number > next + 99) {
  it('that lost its newest records is no older state: it says how many, until they are back', () => {
    const folder = temporaryFolder()
    const chain = chainIn(folder)
    const kept: (Note & ChainLink)[] = []
    for (const text of ['one', 'two', 'three']) kept.push(chain.append({ text }, kept.at(-1)))
    const [one] = kept
    const lost = ['00000002.json', '00000003.json'].map((name) => join(folder, name))
    const backup = lost.map((path) => readFileSync(path, 'utf8'))
    for (const path of lost) rmSync(path)
    expect(() => chainIn(folder).readAll()).toThrow(/record 2 .* and the 1 after it are missing/)
    if (one === undefined) throw new Error('they were appended')
    expect(chain.readOn(one)).toMatchObject({ newest: one, fault: broken })
    for (const [at, path] of lost.entries()) writeFileSync(path, backup[at] ?? '')
    expect(chainIn(folder).readAll()).toEqual(kept)
  })

  // mutation src/chain.ts: if (seen !== undefined && seen.hash !== head.hash) { => if (seen === undefined) {
  it('that was written anew behind a lost record is not the chain that was there before', () => {
    const folder = temporaryFolder()
    const chain = chainIn(folder)
    const one = chain.append({ text: 'one' }, undefined)
    chain.append({ text: 'closed' }, one)
    rmSync(join(folder, '00000002.json'))
    expect(() => chain.append({ text: 'never closed' }, one)).toThrow(broken)
    const head = readFileSync(join(folder, 'head.json'))
    rmSync(join(folder, 'head.json'))
    const again = chain.append({ text: 'never closed' }, one)
    writeFileSync(join(folder, 'head.json'), head)
    expect(() => chain.readAll()).toThrow(broken)
    expect(chain.readOn(one)).toMatchObject({ fault: broken })
    expect(() => chain.append({ text: 'three' }, again)).toThrow(broken)
  })

  it('is read as far as it is good', () => {
    const folder = temporaryFolder()
    const chain = chainIn(folder)
    const one = chain.append({ text: 'one' }, undefined)
    const two = chain.append({ text: 'two' }, one)
    writeFileSync(join(folder, '00000003.json'), 'null')
    expect(chain.readOn(one)).toMatchObject({ newest: two, fault: broken })
  })

  it('of before there were heads is accepted, and has one from its first reader on', () => {
    const folder = temporaryFolder()
    const chain = chainIn(folder)
    const one = chain.append({ text: 'one' }, undefined)
    const two = chain.append({ text: 'two' }, one)
    rmSync(join(folder, 'head.json'))
    expect(chain.readOn(one)).toEqual({ newest: two })
    rmSync(join(folder, '00000002.json'))
    expect(() => chain.readAll()).toThrow(broken)
    writeFileSync(join(folder, 'head.json'), '{"number":')
    expect(() => chain.readAll()).toThrow(/the head of the chain .*: it is damaged/)
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

describe('a chain that was put back from a backup', () => {
  /** One that somebody followed to `lost`, and that went on differently from `one`. */
  function forked() {
    const folder = temporaryFolder()
    const chain = chainIn(folder)
    const one = chain.append({ text: 'one' }, undefined)
    const head = readFileSync(join(folder, 'head.json'))
    const lost = chain.append({ text: 'lost' }, one)
    rmSync(join(folder, '00000002.json'))
    writeFileSync(join(folder, 'head.json'), head)
    return { folder, chain, one, lost }
  }

  it('is told from one that somebody only fell behind of, whatever its length', () => {
    const { folder, chain, one, lost } = forked()
    expect(chain.readOn(lost)).toEqual({ newest: lost, elsewhere: one })
    const two = chain.append({ text: 'two' }, one)
    expect(chain.readOn(lost)).toEqual({ newest: lost, elsewhere: two })
    const three = chain.append({ text: 'three' }, two)
    expect(chain.readOn(lost)).toEqual({ newest: lost, elsewhere: three })
    expect(chain.readOn(one)).toEqual({ newest: three })
    // Nothing is concluded from a chain that is not whole.
    writeFileSync(join(folder, '00000003.json'), 'null')
    expect(chain.readOn(lost)).toEqual({ newest: lost, fault: broken })
    rmSync(folder, { recursive: true })
    expect(chain.readOn(lost)).toEqual({ newest: lost, isGone: true })
  })

  // mutation src/chain.ts: if (last !== undefined && !stands(last)) { => if (last !== undefined && last.number > 99) {
  it('is not written on behind a record that is no more', () => {
    const { folder, chain, one, lost } = forked()
    expect(() => chain.append({ text: 'three' }, lost)).toThrow(broken)
    expect(readdirSync(folder).sort()).toEqual(['00000001.json', 'head.json'])
    expect(chain.readAll()).toEqual([one])
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
    rmSync(join(folder, 'heads', 'generations.json'))
    rmSync(join(folder, 'adopted'), { recursive: true })
    await expect((await openRollout(folder)).status()).rejects.toMatchObject({
      code: 'rollout.no_state',
    })
    await initRollout(folder, init)
    expect(await (await openRollout(folder)).status()).toMatchObject({ generation: 1, stage: 0 })
  })

  it('without its first record is refused, and not begun again over it', async () => {
    const folder = temporaryFolder()
    await initRollout(folder, init)
    rmSync(join(folder, 'generations', '00000001.json'))
    await expect((await openRollout(folder)).status()).rejects.toMatchObject(brokenCode)
    await expect(initRollout(folder, init)).rejects.toMatchObject(brokenCode)
  })
})

/** Every record of a generation, byte for byte. */
const generationsIn = (folder: string): readonly string[] =>
  readdirSync(join(folder, 'generations'))
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => readFileSync(join(folder, 'generations', name), 'utf8'))

/** Runs a child to its end while nothing else moves; the reports of the fleet are fresh when it begins. */
function advanceIn(args: readonly string[], fleet: RunningFleet): SpawnSyncReturns<string> {
  for (;;) {
    fleet.tick()
    const ended = spawnSync(process.execPath, args, { encoding: 'utf8' })
    // On a busy machine it may look so late that the reports are old.
    if (ended.stdout !== 'rollout.not_green\n') return ended
  }
}

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
    ['before_head', 'on'],
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

  it('leaves the old generation or the new one, never a third: an advance killed at each of its writes', {
    timeout: 120_000,
  }, async () => {
    const found: number[] = []
    for (let write = 1; ; write += 1) {
      const fleet = await runningFleet()
      fleet.hours(48)
      const before = generationsIn(fleet.folder)
      const args = [child, fleet.folder, 'advance', `write ${write}`, String(fleet.now())]
      const { signal, stdout } = advanceIn(args, fleet)
      if (signal !== 'SIGKILL') {
        // No write is left to die at.
        expect(stdout).toBe('done 2\n')
        break
      }
      // The fault was there: it died before it could tell anybody.
      expect(stdout).toBe('')
      const after = generationsIn(fleet.folder)
      expect(after.slice(0, before.length)).toEqual(before)
      found.push(after.length)
      const reader = await openRollout(fleet.folder, { clock: fleet.now })
      const { generation, stage } = await reader.status()
      expect([generation, stage]).toEqual(after.length === 1 ? [1, 0] : [2, 1])
      expect(await reader.history()).toHaveLength(after.length + 1)
      // The fleet follows what is there, and the next advance leads on from it.
      await reader.configure({ dwellDays: [1, 1, 1, 1] }, ada)
      await reader.waitForFleet({ timeoutMs: 10_000 })
      fleet.hours(24)
      expect(await reader.advance(ada)).toMatchObject({
        number: generation + 2,
        stage: stage + 1,
      })
      for (const instance of ['a', 'b']) fleet.stop(instance)
    }
    // The text of the record, its sync and its link come before the record is there.
    expect(found.slice(0, 3)).toEqual([1, 1, 1])
    expect(found.slice(3).every((length) => length === 2)).toBe(true)
    expect(found.length).toBeGreaterThan(7)
  })

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
