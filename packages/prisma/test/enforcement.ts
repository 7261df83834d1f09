import type { DecisionAction, Enforcement } from '@partywall/context/spi'

export interface Switches {
  action: DecisionAction
  /** The kill switch. */
  closed: boolean
}

/** An enforcement that does what its switches say. */
export function switched(switches: Switches): Enforcement {
  const decision = (action: DecisionAction, reason: 'default' | 'kill_switch') =>
    Object.freeze({ action, reason, generation: 1, record: true })
  return {
    get watching() {
      return switches.action !== 'off'
    },
    decide: () => decision(switches.action, 'default'),
    refusal: () => (switches.closed ? decision('block', 'kill_switch') : undefined),
  }
}
