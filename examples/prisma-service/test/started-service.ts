import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import type { ViolationRecord } from '@partywall/telemetry'
import { createDriver, type Driver } from '../../rollout-journey/src/driver/driver.ts'
import type { Received } from '../../rollout-journey/src/driver/judge.ts'
import { createSender } from '../../rollout-journey/src/driver/sender.ts'
import type { World } from '../../rollout-journey/src/driver/world.ts'
import { readTokenKeys, type TokenKeys } from '../../rollout-journey/src/service/caller.ts'
import { type Service, type ServiceOptions, startService } from '../src/start-service.ts'

/** A record, with what was done. */
export interface Logged {
  readonly message: string
  readonly record: ViolationRecord
}

export interface StartedService {
  readonly driver: Driver
  readonly service: Service
  readonly logged: readonly Logged[]
  /** Every answer as it was sent, in the order of the answers. */
  readonly received: readonly Received[]
  stop(): Promise<void>
}

/** The service with the journey's driver in front of it. */
export async function startedService(
  world: World,
  options: Omit<ServiceOptions, 'logger' | 'now'>,
): Promise<StartedService> {
  const logged: Logged[] = []
  const keep = (record: object, message: string): void => {
    // What the recorder writes are records.
    logged.push({ message, record: record as ViolationRecord })
  }
  const logger = { warn: keep, error: keep }
  const service = await startService({ ...options, logger, now: world.clock.now })
  const sender = createSender(service.port, async (name, tenantId, argument) => ({
    ...(await service.runJob(name, tenantId, argument)),
    instance: '',
  }))
  const received: Received[] = []
  const heard = <Answer extends Received>(answer: Answer): Answer => {
    received.push(answer)
    return answer
  }
  const driver = createDriver(world, {
    ...sender,
    send: async (...request) => heard(await sender.send(...request)),
    order: async (...request) => heard(await sender.order(...request)),
  })
  return {
    driver,
    service,
    logged,
    received,
    async stop() {
      await sender.close()
      await service.close()
    },
  }
}

export async function makeTokenKeys(): Promise<TokenKeys> {
  return readTokenKeys(
    await promisify(generateKeyPair)('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }),
  )
}
