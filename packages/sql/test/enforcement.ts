import { onDecision, type WallEvent } from '@partywall/context'
import type { Decision, DecisionAction, Enforcement } from '@partywall/context/spi'

/** An enforcement with both switches, which serves nobody but `default` while it is closed. */
export interface Switches extends Enforcement {
  watching: boolean
  closed: boolean
  /** What becomes of a violation. */
  action: DecisionAction
}

export function switches(action: DecisionAction = 'block'): Switches {
  const closed: Decision = { action: 'block', reason: 'kill_switch', generation: 1, record: true }
  const it: Switches = {
    watching: true,
    closed: false,
    action,
    decide: (_, scope) =>
      it.closed && scope?.tenant?.tenantId !== 'default'
        ? closed
        : { action: it.action, reason: 'default', generation: 1, record: true },
    refusal: (tenantId) => (it.closed && tenantId !== 'default' ? closed : undefined),
  }
  return it
}

/** Everything that the walls tell while `work` runs, however it ends. */
export async function eventsDuring(work: () => Promise<unknown>): Promise<readonly WallEvent[]> {
  const events: WallEvent[] = []
  const stop = onDecision((event) => {
    events.push(event)
  })
  try {
    await work().catch(() => undefined)
  } finally {
    stop()
  }
  return events
}
