import type { VirtualClock } from '../clock.ts'
import { type InstanceProcess, type JobOutcome, startInstance } from './instance-process.ts'
import type { InstanceSettings } from './messages.ts'
import { type ProxyProcess, startProxyProcess } from './proxy-process.ts'

/** The names of the instances that are always there; a release replaces the process, not the name. */
export const instanceNames = ['a', 'b'] as const
export type InstanceName = (typeof instanceNames)[number]

/** What a release is rolled out with. */
export interface Deployment {
  readonly release: string
  readonly walls: InstanceSettings['walls']
  /** Variables for the processes beside those of the fleet. */
  readonly environment?: Readonly<Record<string, string>>
}

export interface FleetOptions {
  readonly clock: VirtualClock
  readonly settings: Omit<InstanceSettings, 'instance' | 'release' | 'walls' | 'now'>
  /** Variables for every process: nothing is inherited by accident. */
  readonly environment: Readonly<Record<string, string>>
  /** Where the proxy listens; 0 is any port that is free. Instances always take free ones. */
  readonly proxyPort: number
  /** Folder with the built entry points. */
  readonly entries: URL
}

/** The instances of the service behind their proxy. */
export interface Fleet {
  readonly proxyPort: number
  instances(): readonly InstanceProcess[]
  /** Starts the new instances, then replaces one at a time, while the others answer. */
  rollOut(deployment: Deployment, names?: readonly InstanceName[]): Promise<void>
  /** Starts a process that is not put behind the proxy. */
  start(name: string, deployment: Deployment): Promise<InstanceProcess>
  /** Moves the clock of every process; resolves when all have taken notice. */
  setClock(now: number): Promise<void>
  /** Resolves when everything that the instances saw is in their files. */
  flush(): Promise<void>
  /** Gives a job to the next instance in turn. */
  runJob(
    name: string,
    tenantId: string,
    argument: string,
  ): Promise<JobOutcome & { instance: string }>
  stop(): Promise<void>
}

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { clock, environment, entries } = options
  const serving = new Map<string, InstanceProcess>()
  // Instances that are starting, serving or draining: all of them live by the same clock.
  const alive = new Set<InstanceProcess>()
  const proxy: ProxyProcess = await startProxyProcess(
    { ...environment, JOURNEY_PROXY_PORT: String(options.proxyPort) },
    new URL('start-proxy.js', entries),
  )
  let turn = 0

  const start = async (name: string, deployment: Deployment): Promise<InstanceProcess> => {
    const instance = await startInstance(
      {
        ...options.settings,
        instance: name,
        release: deployment.release,
        walls: deployment.walls,
        now: clock.now(),
      },
      { ...environment, ...deployment.environment },
      new URL(`release-${deployment.release}.js`, entries),
    )
    alive.add(instance)
    // The clock may have been moved while it started.
    await instance.setClock(clock.now())
    return instance
  }
  const end = async (instance: InstanceProcess): Promise<void> => {
    await proxy.remove(instance.port)
    await instance.drain()
    alive.delete(instance)
  }
  return {
    proxyPort: proxy.port,
    instances: () => [...serving.values()],
    start,
    async rollOut(deployment, names = instanceNames) {
      const takeOver = async (name: string, next: InstanceProcess): Promise<void> => {
        await proxy.add(next.port)
        const previous = serving.get(name)
        serving.set(name, next)
        if (previous !== undefined) await end(previous)
      }
      // All start at once, and take over one at a time.
      const started = await Promise.all(
        names.map(async (name) => [name, await start(name, deployment)] as const),
      )
      for (const [name, next] of started) await takeOver(name, next)
    },
    async setClock(now) {
      clock.set(now)
      await Promise.all([...alive].map((instance) => instance.setClock(now)))
    },
    async flush() {
      await Promise.all([...alive].map((instance) => instance.flush()))
    },
    async runJob(name, tenantId, argument) {
      const instances = [...serving.values()]
      turn += 1
      const instance = instances[turn % instances.length]
      if (instance === undefined) return { ok: false, code: 'job.lost', instance: '' }
      return { ...(await instance.runJob(name, tenantId, argument)), instance: instance.name }
    },
    async stop() {
      serving.clear()
      // First, so that nothing new reaches the instances.
      await proxy.stop()
      await Promise.all(
        [...alive].map(async (instance) => {
          await instance.drain()
          alive.delete(instance)
        }),
      )
    },
  }
}
