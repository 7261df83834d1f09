import type { TenantSchema } from '../schema/tenant-schema.ts'
import type { Guard } from './guard.ts'

const schemas = new WeakMap<Guard, () => TenantSchema>()

/** Has {@link findsAlike} ask the schema by which the guard proves at the time. */
export function tellSchema(guard: Guard, schema: () => TenantSchema): void {
  schemas.set(guard, schema)
}

/**
 * Whether names mean in a session of this role what the guard takes them for: with `"$user"` on the
 * search path they may mean the tables of whoever is asked. Of `undefined` nobody was told.
 */
export function findsAlike(guard: Guard, user: string | undefined): boolean {
  return user === undefined || schemas.get(guard)?.().findsFor?.(user) !== false
}
