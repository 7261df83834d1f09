import type { SessionPath, TenantSchema } from '../schema/tenant-schema.ts'
import type { Guard } from './guard.ts'

const schemas = new WeakMap<Guard, () => TenantSchema>()

/** Has {@link findsAlike} ask the schema by which the guard proves at the time. */
export function tellSchema(guard: Guard, schema: () => TenantSchema): void {
  schemas.set(guard, schema)
}

/** Whether names mean in a session what the guard takes them for, as far as anybody was told. */
export function findsAlike(guard: Guard, session: SessionPath): boolean {
  return schemas.get(guard)?.().findsFor?.(session) !== false
}
