import { createHash } from 'node:crypto'
import type { Flags } from './flags.ts'
import type { TenantOverrides } from './tenant-override.ts'

/** The two sources that speak for one instance and not for the fleet. */
export const adoptionSources = ['environment', 'file'] as const
export type AdoptionSource = (typeof adoptionSources)[number]

/** A whole, valid document of an instance's environment or flag file. */
export interface Adoption {
  readonly source: AdoptionSource
  readonly flags: Flags
  readonly tenants: TenantOverrides
  readonly warnings: readonly string[]
  /** What the document said, as a hash: the same content is adopted once. */
  readonly content: string
  /** Whether it leaves out the master switch: then it says nothing, and nothing is adopted. */
  readonly silent: boolean
}

/** The hash by which a document is known, whatever the order of its lines. */
export function contentOf(
  present: Readonly<Record<string, string>>,
  tenants: TenantOverrides,
): string {
  const lines = Object.entries(present).sort(([one], [other]) => (one < other ? -1 : 1))
  const overrides = [...tenants].sort(([one], [other]) => (one < other ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([lines, overrides]))
    .digest('hex')
}
