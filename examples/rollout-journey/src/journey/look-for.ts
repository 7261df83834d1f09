import { createSender, type Sender } from '../driver/sender.ts'
import type { ShownByAnswer, ShownByGauge, Story } from './story.ts'

/** Looks whether one instance shows what was flipped. */
export interface Eyes {
  /** Asks the instance at this port once. */
  see(port: number): Promise<boolean>
  close(): Promise<unknown>
}

export function lookFor(
  shownBy: ShownByAnswer | ShownByGauge,
  { driver, fleet }: Pick<Story, 'driver' | 'fleet'>,
): Eyes {
  if ('gauge' in shownBy) {
    const { gauge, value } = shownBy
    return { see: async (port) => (await readGauge(port, gauge)) === value, close: async () => {} }
  }
  const senders = new Map<number, Sender>()
  const [lane] = driver.world.lanes.slice(shownBy.lane)
  if (lane === undefined) throw new Error('there is no such lane')
  return {
    async see(port) {
      const sender = senders.get(port) ?? createSender(port, fleet.runJob)
      senders.set(port, sender)
      return (await driver.ask(lane, shownBy, sender)).verdict === shownBy.as
    },
    close: () => Promise.all([...senders.values()].map((each) => each.close())),
  }
}

/** What one instance says of itself under `/metrics`; `undefined` where it says nothing. */
async function readGauge(port: number, name: string): Promise<number | undefined> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
  const lines = (await answer.text()).split('\n')
  const line = lines.find((each) => each.startsWith(`${name} `))
  return line === undefined ? undefined : Number(line.slice(name.length + 1))
}
