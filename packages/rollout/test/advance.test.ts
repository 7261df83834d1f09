import { expect, it } from 'vitest'
import { ada, runningFleet } from './running-fleet.ts'

// mutation src/operator.ts: if (expected !== undefined && expected !== number) { => if (expected !== undefined && expected > number) {
it('advances only from the generation that was looked at, where that is asked for', async () => {
  const fleet = await runningFleet()
  await fleet.reach(1)
  fleet.hours(24)
  const looked = await fleet.check()
  expect(looked.verdict).toBe('green')
  await fleet.operator.configure({ logSampleRate: 0.5 }, ada)
  const before = await fleet.operator.history()
  for (const expected of [looked.generation, looked.generation + 2]) {
    await expect(fleet.operator.advance({ ...ada, expected })).rejects.toMatchObject({
      code: 'rollout.superseded',
    })
  }
  expect(await fleet.operator.history()).toEqual(before)
  await fleet.operator.waitForFleet({ timeoutMs: 10_000 })
  fleet.hours(24)
  const { generation } = await fleet.check()
  const made = await fleet.operator.advance({ ...ada, expected: generation })
  expect(made).toMatchObject({ number: generation + 1, stage: 2, actor: 'ada' })
  expect(made).not.toHaveProperty('expected')
})
