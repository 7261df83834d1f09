import { createSender } from '../driver/sender.ts'
import type { Story } from './story.ts'

/** Asks every instance, past the proxy, which models its walls refuse. */
export async function askWalls({ fleet, driver }: Story): Promise<readonly unknown[]> {
  const [, , , , lane] = driver.world.lanes
  if (lane === undefined) throw new Error('there is no lane to ask with')
  return Promise.all(
    fleet.instances().map(async ({ port, name }) => {
      const sender = createSender(port, fleet.runJob)
      const { text } = await sender.send(
        lane,
        { method: 'GET', path: '/api/admin/walls' },
        { requestId: `walls-${name}` },
      )
      await sender.close()
      return JSON.parse(text) as unknown
    }),
  )
}
