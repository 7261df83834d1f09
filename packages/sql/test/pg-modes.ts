import { createGuard, type Guard } from '@partywall/sql'
import { guardPool } from '@partywall/sql/pg'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { switches } from './enforcement.ts'
import { shopSchema } from './shop.ts'

export const modes = ['off', 'log', 'enforce'] as const
export type Mode = (typeof modes)[number]

/** One guard for each way in which a guard can stand. */
export async function guardsOfModes(): Promise<ReadonlyMap<Mode, Guard>> {
  const guards = new Map<Mode, Guard>()
  for (const mode of modes) {
    const enforcement = switches(mode === 'enforce' ? 'block' : 'log')
    enforcement.watching = mode !== 'off'
    guards.set(mode, await createGuard(shopSchema, { enforcement }))
  }
  return guards
}

/** A pool that the test ends; `pg` as it is where there is no guard. */
export function openGuarded(config: pg.PoolConfig, guard: Guard | undefined): pg.Pool {
  const inner = new pg.Pool({ max: 1, ...config })
  const pool = guard === undefined ? inner : guardPool(inner, guard)
  onTestFinished(() => pool.end(), 5000)
  return pool
}
