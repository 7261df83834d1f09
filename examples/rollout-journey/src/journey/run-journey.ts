import { generateKeyPair } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startPostgres } from '@partywall/testing'
import { storyBeginsAt, virtualClock } from '../clock.ts'
import { loadSeed } from '../data/load.ts'
import { declaredModels } from '../data/models.ts'
import { seededRandom } from '../data/random.ts'
import { createSeed } from '../data/seed.ts'
import { createDriver } from '../driver/driver.ts'
import { createSender } from '../driver/sender.ts'
import { createTableClient } from '../driver/table-client.ts'
import { createWorld } from '../driver/world.ts'
import { instanceNames, startFleet } from '../fleet/fleet.ts'
import { timeFlip } from '../fleet/flip.ts'
import { environmentOf } from '../releases/release-names.ts'
import { createAssertions } from './assertions.ts'
import { createFigures } from './figures.ts'
import { replaceFlagFile } from './flag-file.ts'
import { recordWatch } from './generations.ts'
import { lookFor } from './look-for.ts'
import { createOperator } from './operator.ts'
import type { Page } from './print.ts'
import { makeRunFolder } from './run-folder.ts'
import type { JourneyFolders, JourneyOptions, Story } from './story.ts'
import { createTraffic } from './traffic.ts'

export interface JourneySurroundings {
  readonly page: Page
  /** Where `DATABASE_URL` and the folder for temporary files are read. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Folder with the built entry points. */
  readonly entries: URL
  /** Aborted when the run is to end before its time. */
  readonly signal?: AbortSignal | undefined
}

/** Load that goes on while something is deployed or flipped. */
const background = { correct: 6 }

/**
 * Brings up everything that the story needs, tells it with `tell`, and takes it all down again,
 * however it ends.
 */
export async function withStory<Result>(
  options: JourneyOptions,
  { page, environment, entries, signal }: JourneySurroundings,
  tell: (story: Story) => Promise<Result>,
): Promise<Result> {
  const room = makeRunFolder(tmpdir())
  const endings: (() => unknown)[] = [room.remove]
  try {
    const folders = makeFolders(room.path, options)
    const tokenKeys = makeTokenKeys()
    const starting = startPostgres({ env: { DATABASE_URL: environment['DATABASE_URL'] } })
    // While the server starts.
    const seed = createSeed(options.seed)
    const server = await starting
    endings.push(() => server.stop())
    const tables = createTableClient(server.url)
    // A connection that breaks fails whatever asks it next.
    tables.on('error', () => undefined)
    await tables.connect()
    endings.push(() => tables.end())
    await loadSeed(tables, seed.rows)
    page.step(`PostgreSQL is up with ${Object.values(seed.rows).flat().length} rows.`)

    const clock = virtualClock(storyBeginsAt)
    writeFileSync(folders.clockFile, String(clock.now()))
    const variables = { PATH: environment['PATH'] ?? '' }
    const fleet = await startFleet({
      clock,
      entries,
      proxyPort: options.port,
      environment: variables,
      settings: {
        mended: options.mended,
        databaseUrl: server.url,
        tokenKeys: await tokenKeys,
        stateFolder: options.stages ? folders.state : '',
        flagFile: options.stages ? folders.flagFile : '',
        violationLog: folders.violationLog,
        aggregates: folders.aggregates,
      },
    })
    endings.push(() => fleet.stop())
    const world = createWorld(seed, clock)
    const sender = createSender(fleet.proxyPort, fleet.runJob)
    endings.push(() => sender.close())
    const driver = createDriver(world, sender)
    const traffic = createTraffic({
      send: (plan) => driver.run(plan),
      lanes: world.lanes.length,
      clock,
      setClock: (now) => fleet.setClock(now),
      random: seededRandom(options.seed + 1),
      loose: seededRandom(options.seed + 2),
    })
    const figures = createFigures()
    const telling = tell({
      options,
      folders,
      page,
      assertions: createAssertions(page),
      figures,
      clock,
      fleet,
      driver,
      traffic,
      tables,
      operator: createOperator(
        new URL('partywall.js', entries),
        { ...variables, PARTYWALL_CONFIG: folders.configuration, JOURNEY_CLOCK: folders.clockFile },
        // A command goes by the clock of the story as it is when it is typed.
        () => writeFileSync(folders.clockFile, String(clock.now())),
      ),
      async deploy(
        release,
        { walls = options.walls, onRed = 'hold', names, environment: flags } = {},
      ) {
        const roll = (): Promise<void> =>
          fleet.rollOut(
            {
              release,
              walls,
              environment: { ...environmentOf(release), ...flags, JOURNEY_ON_RED: onRed },
            },
            names,
          )
        // The first deployment has nobody to answer meanwhile.
        if (fleet.instances().length < instanceNames.length) await roll()
        else await traffic.during(roll, background)
      },
      async flip(name, how, { act, shownBy }) {
        const written = how === 'command' ? recordWatch(folders.state) : () => true
        const ports = new Map(fleet.instances().map((it) => [it.name, it.port]))
        const eyes = lookFor(shownBy, { driver, fleet })
        const timing = await traffic.during(
          () =>
            timeFlip({
              instances: [...ports.keys()],
              timeoutMs: options.flipWithinMs * 2,
              flip: act,
              mayHaveChanged: written,
              changed: (instance) => eyes.see(ports.get(instance) ?? 0),
            }),
          background,
        )
        await Promise.all([timing.flipped, eyes.close()])
        figures.flips.push({ name, how, ms: timing.lastMs })
        return timing
      },
    })
    // Told to the end, or given up: what is told after that is nobody's any more.
    telling.catch(() => undefined)
    return await Promise.race([telling, interruption(signal)])
  } finally {
    await endAll(endings.reverse())
  }
}

/** What does not end in this time must not keep the server and the files from being cleared away. */
const patienceMs = 5_000

/** What fails to end must not keep the rest from ending: its failure is told when all were asked. */
async function endAll(endings: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = []
  for (const end of endings) {
    const ended = new AbortController()
    const { signal } = ended
    const patience = wait(patienceMs, undefined, { signal }).then(() => {
      throw new Error('a part of the journey did not end in its time')
    })
    try {
      await Promise.race([end(), patience])
    } catch (failure) {
      failures.push(failure)
    }
    patience.catch(() => undefined)
    ended.abort()
  }
  if (failures.length > 0) throw failures[0]
}

const makeTokenKeys = (): Promise<{ publicKey: string; privateKey: string }> =>
  promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })

/** The run was asked to end before its time. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError'
}

function interruption(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(new InterruptedError('interrupted'))
    if (signal?.aborted === true) stop()
    signal?.addEventListener('abort', stop, { once: true })
  })
}

function makeFolders(root: string, { stages }: JourneyOptions): JourneyFolders {
  const folders = {
    state: join(root, 'state'),
    flagFile: join(root, 'flags', 'flags.json'),
    violationLog: join(root, 'violations'),
    aggregates: join(root, 'aggregates'),
    clockFile: join(root, 'clock'),
    configuration: join(root, 'partywall.json'),
  }
  mkdirSync(join(root, 'flags'))
  // It is there before the first record is: a command that finds no folder finds nothing out.
  mkdirSync(folders.violationLog)
  replaceFlagFile(folders.flagFile, {})
  const { state, flagFile, violationLog, aggregates } = folders
  const configuration = {
    ...(stages ? { state } : {}),
    flagFile,
    violationLog,
    aggregates,
    expectedInstances: instanceNames,
    models: declaredModels,
  }
  writeFileSync(folders.configuration, JSON.stringify(configuration, undefined, 2))
  return folders
}
