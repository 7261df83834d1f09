import { onDecision, subscriberFaults, type WallEvent } from '@partywall/context'
import { isObserved, publish } from '@partywall/context/spi'
import { describe, expect, it } from 'vitest'

const event = (): WallEvent => ({ type: 'guarded', surface: 'test', overheadMs: 0.1 })

describe('onDecision', () => {
  it('counts what a subscriber throws or rejects with, and tells the others all the same', async () => {
    const before = subscriberFaults()
    let told = 0
    const stops = [
      onDecision(() => {
        throw new Error('subscriber failed')
      }),
      onDecision(() => Promise.reject(new Error('subscriber failed later'))),
      onDecision(() => {
        told += 1
      }),
    ]
    publish(event())
    await new Promise((resolve) => setImmediate(resolve))
    for (const stop of stops) stop()
    expect(told).toBe(1)
    expect(subscriberFaults() - before).toBe(2)
  })

  it('tells nothing more once it was stopped', () => {
    let told = 0
    const stop = onDecision(() => {
      told += 1
    })
    expect(isObserved()).toBe(true)
    stop()
    publish(event())
    expect([told, isObserved()]).toEqual([0, false])
  })

  it('hands over frozen events', () => {
    let frozen = false
    const stop = onDecision((seen) => {
      frozen = Object.isFrozen(seen)
    })
    publish(event())
    stop()
    expect(frozen).toBe(true)
  })
})
