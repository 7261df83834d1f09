import {
  assertNoInterference,
  type PostgresServer,
  startPostgres,
  startRedis,
} from '@partywall/testing'
import { expectTypeOf, it } from 'vitest'

it('is typed as documented', () => {
  expectTypeOf(startPostgres).returns.resolves.toHaveProperty('connection')
  expectTypeOf<PostgresServer['connection']['password']>().toEqualTypeOf<string | undefined>()
  expectTypeOf(startRedis).returns.resolves.toHaveProperty('prefix').toBeString()
  // @ts-expect-error there is nothing to compare without operations
  void (() => assertNoInterference({ tenant: 'acme' }))
  // @ts-expect-error only these two
  void (() => startPostgres({ listen: 'everywhere' }))
})
