import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromInstance, InstanceSettings, ToInstance } from './messages.ts'

export type JobOutcome = Extract<FromInstance, { type: 'job' }>['outcome']

/** A running process of the service. */
export interface InstanceProcess {
  readonly name: string
  readonly release: string
  readonly port: number
  /** Moves its clock; resolves when the instance has taken notice. */
  setClock(now: number): Promise<void>
  runJob(name: string, tenantId: string, argument: string): Promise<JobOutcome>
  /** Resolves when everything that it saw is in its files. */
  flush(): Promise<void>
  /** Lets it finish what it has begun; resolves when the process is gone. */
  drain(): Promise<void>
  kill(): void
}

/** An instance that would not start, with what it said. */
export interface RefusedStart {
  readonly exitCode: number | null
  readonly output: string
}

/** Thrown where an instance ends before it is ready. */
export class StartRefusedError extends Error {
  override readonly name = 'StartRefusedError'
  readonly refusal: RefusedStart

  constructor(refusal: RefusedStart) {
    super(`the instance did not start: ${refusal.output.trim().slice(0, 2_000)}`)
    this.refusal = refusal
  }
}

/** Starts a process of the service and waits until it answers. */
export async function startInstance(
  settings: InstanceSettings,
  environment: Readonly<Record<string, string>>,
  entry: URL,
): Promise<InstanceProcess> {
  const child = fork(fileURLToPath(entry), [], {
    env: { ...environment, JOURNEY_INSTANCE: JSON.stringify(settings) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'json',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8')
    stream?.on('data', (text: string) => {
      output = (output + text).slice(-20_000)
    })
  }
  const port = await portOf(child, () => output)
  return handle(child, settings, port, () => output)
}

function portOf(child: ChildProcess, output: () => string): Promise<number> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: FromInstance): void => {
      if (message.type !== 'ready') return
      child.off('close', onClose)
      child.off('message', onMessage)
      resolve(message.port)
    }
    const onClose = (exitCode: number | null): void => {
      reject(new StartRefusedError({ exitCode, output: output() }))
    }
    child.on('message', onMessage)
    child.once('close', onClose)
    child.once('error', reject)
  })
}

function handle(
  child: ChildProcess,
  settings: InstanceSettings,
  port: number,
  output: () => string,
): InstanceProcess {
  const waiting = new Map<number, (outcome: JobOutcome) => void>()
  const flushes: (() => void)[] = []
  const clocks: { now: number; resolve: () => void }[] = []
  let jobs = 0
  let draining = false
  // Whatever cannot be sent any more shows in its end, which answers all who wait.
  child.on('error', () => undefined)
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
  })
  child.on('message', (message: FromInstance) => {
    if (message.type === 'job') {
      waiting.get(message.id)?.(message.outcome)
      waiting.delete(message.id)
    } else if (message.type === 'flushed') {
      flushes.shift()?.()
    } else if (message.type === 'clock') {
      for (const waiter of clocks.splice(0)) {
        if (waiter.now <= message.now) waiter.resolve()
        else clocks.push(waiter)
      }
    }
  })
  child.once('close', (code) => {
    for (const resolve of waiting.values()) resolve({ ok: false, code: 'job.lost' })
    for (const { resolve } of clocks.splice(0)) resolve()
    for (const resolve of flushes.splice(0)) resolve()
    if (code !== 0 && !draining)
      process.stderr.write(`instance ${settings.instance}: ${output()}\n`)
  })
  const send = (message: ToInstance): void => {
    if (child.connected) child.send(message)
  }
  return {
    name: settings.instance,
    release: settings.release,
    port,
    setClock: (now) =>
      new Promise((resolve) => {
        if (!child.connected) {
          resolve()
          return
        }
        clocks.push({ now, resolve })
        send({ type: 'clock', now })
      }),
    runJob: (name, tenantId, argument) =>
      new Promise((resolve) => {
        jobs += 1
        waiting.set(jobs, resolve)
        if (child.connected) send({ type: 'job', id: jobs, name, tenantId, argument })
        else resolve({ ok: false, code: 'job.lost' })
      }),
    flush: () =>
      new Promise((resolve) => {
        if (!child.connected) {
          resolve()
          return
        }
        flushes.push(resolve)
        send({ type: 'flush' })
      }),
    async drain() {
      draining = true
      send({ type: 'drain' })
      await gone
    },
    kill: () => {
      draining = true
      child.kill('SIGKILL')
    },
  }
}
