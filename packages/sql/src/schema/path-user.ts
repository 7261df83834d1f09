import type { Catalogue } from './catalogue.ts'
import type { TenantSchema } from './tenant-schema.ts'

/**
 * Whose sessions find by `"$user"` what the role found that read the catalogue: its own, and where
 * neither has a schema of its name, everybody's.
 */
export function findingOf({ pathUser }: Catalogue): Pick<TenantSchema, 'findsFor'> {
  if (pathUser === undefined) return {}
  const isHoused = (name: string): boolean => pathUser.schemas.includes(name)
  const findsFor = (user: string): boolean =>
    user === pathUser.name || !(isHoused(user) || isHoused(pathUser.name))
  return { findsFor }
}
