import { channel } from 'node:diagnostics_channel'
import type { WallEvent } from './events.ts'

/** The name of the one channel by which observations go up. */
export const channelName = 'partywall:decision'

const events = channel(channelName)
let faults = 0

/** Whether anybody listens: without a subscriber a wall makes no event at all. */
export function isObserved(): boolean {
  return events.hasSubscribers
}

/** Tells every subscriber. Costs nanoseconds when there is none. */
export function publish(event: WallEvent): void {
  if (events.hasSubscribers) events.publish(Object.freeze(event))
}

/**
 * Calls `subscriber` with everything the walls tell, until the returned function is called.
 * What it throws or rejects with is caught and counted ({@link subscriberFaults}): on the raw
 * channel it would end the process. It can watch a decision, never change it.
 */
export function onDecision(subscriber: (event: WallEvent) => void | Promise<void>): () => void {
  const receive = (event: unknown): void => {
    try {
      // Only walls publish on this channel, and only through publish().
      const result = subscriber(event as WallEvent)
      if (result !== undefined) Promise.resolve(result).catch(countFault)
    } catch {
      countFault()
    }
  }
  events.subscribe(receive)
  return () => {
    events.unsubscribe(receive)
  }
}

/** How often subscribers have failed since the process started. */
export function subscriberFaults(): number {
  return faults
}

function countFault(): void {
  faults += 1
}
