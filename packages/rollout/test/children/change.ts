// One change of a rollout in a process of its own, held up or killed on its way to the disk.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { isPartywallError } from '@partywall/context'
import { openRollout } from '@partywall/rollout'

const [folder = '', change = '', at = '', now = '0'] = process.argv.slice(2)
const { fsyncSync, linkSync, rmSync, existsSync } = fs
const die = (): void => {
  process.kill(process.pid, 'SIGKILL')
}
const sleeping = new Int32Array(new SharedArrayBuffer(4))

const [, nth] = /^write (\d+)$/.exec(at) ?? []
if (nth !== undefined) dieAtWrite(Number(nth))
if (at === 'before_sync') fs.fsyncSync = die
if (at === 'before_link') fs.linkSync = die
if (at === 'after_link') {
  fs.linkSync = (from, to) => {
    linkSync(from, to)
    die()
  }
}
if (at === 'before_folder_sync') {
  let synced = 0
  fs.fsyncSync = (file) => {
    synced += 1
    if (synced > 1) die()
    fsyncSync(file)
  }
}
if (at === 'before_head') fs.renameSync = die
if (at === 'before_sweep') fs.rmSync = die as typeof rmSync
if (at.startsWith('/')) {
  // Both have decided; neither has written.
  fs.linkSync = (from, to) => {
    process.stdout.write('ready\n')
    while (!existsSync(at)) Atomics.wait(sleeping, 0, 0, 2)
    linkSync(from, to)
  }
}
syncBuiltinESMExports()

const by = { actor: 'grace', reason: 'in a process of its own' }
const operator = await openRollout(folder, { clock: () => Number(now) })
try {
  const record =
    change === 'advance'
      ? await operator.advance(by)
      : await operator.setKillSwitch(change === 'close' ? 'on' : 'off', by)
  process.stdout.write(`done ${record.number}\n`)
} catch (error) {
  process.stdout.write(`${isPartywallError(error) ? error.code : 'failed'}\n`)
}

/** Dies before the nth call that changes the disk; of a text, half is there by then. */
function dieAtWrite(due: number): void {
  const { writeFileSync } = fs
  let calls = 0
  const isDue = (): boolean => {
    calls += 1
    return calls === due
  }
  fs.writeFileSync = (file, data, options) => {
    const half = isDue()
    writeFileSync(file, half ? String(data).slice(0, String(data).length / 2) : data, options)
    if (half) die()
  }
  for (const name of ['fsyncSync', 'linkSync', 'renameSync', 'rmSync', 'mkdirSync'] as const) {
    const unharmed: (...args: never[]) => unknown = fs[name]
    Object.assign(fs, {
      [name]: (...args: never[]) => {
        if (isDue()) die()
        return unharmed(...args)
      },
    })
  }
}
