import type { Enforcement } from '@partywall/context/spi'
import { type Check, createRollout, openRollout, type Verdict } from '@partywall/rollout'
import { expectTypeOf, it } from 'vitest'

it('takes models and an environment, and gives what walls take', () => {
  const { enforcement } = createRollout({ models: { User: 'CRITICAL' }, environment: {} })
  expectTypeOf(enforcement).toEqualTypeOf<Enforcement>()
  // @ts-expect-error the environment is passed in, never read
  createRollout({ models: { User: 'CRITICAL' } })
  // @ts-expect-error no such severity
  createRollout({ models: { User: 'LOW' }, environment: {} })
  // @ts-expect-error a process that takes part says which instance and release it is
  createRollout({ models: { User: 'HIGH' }, environment: {}, state: { folder: '/state' } })
})

it('asks for an actor and a reason', async () => {
  const operator = await openRollout('/state')
  expectTypeOf(operator.check).returns.resolves.toEqualTypeOf<Check>()
  expectTypeOf<Check['verdict']>().toEqualTypeOf<Verdict>()
  // @ts-expect-error nobody changes anything without a reason
  void operator.advance({ actor: 'ada' })
  // @ts-expect-error a rollback does not disable
  void operator.rollback({ actor: 'ada', reason: 'r', to: 'disabled' })
})
