import { expect, it } from 'vitest'
import { startInstance } from '../src/fleet/instance-process.ts'

const entry = new URL('./children/leaves-at-once.mjs', import.meta.url)
const settings = {
  instance: 'a',
  release: '1',
  walls: 'none',
  now: 0,
  mended: [],
  databaseUrl: '',
  tokenKeys: { publicKey: '', privateKey: '' },
  stateFolder: '',
  flagFile: '',
  violationLog: '',
  aggregates: '',
} as const

/** Writing to a process that has just gone fails in most of the runs, not in each. */
const runs = 20

it('is over when its process is gone, whatever was on its way to it', async () => {
  for (let run = 0; run < runs; run += 1) {
    const instance = await startInstance(settings, {}, entry)
    const sent: Promise<unknown>[] = []
    const sending = setInterval(() => {
      for (let message = 0; message < 20; message += 1) sent.push(instance.setClock(message))
    })
    await instance.drain()
    clearInterval(sending)
    expect(sent.length).toBeGreaterThan(0)
    await Promise.all(sent)
    expect(await instance.runJob('tidy', 'a', '')).toEqual({ ok: false, code: 'job.lost' })
  }
}, 60_000)
