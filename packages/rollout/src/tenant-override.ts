import type { TenantId } from '@partywall/context'

/** The modes that one tenant can be given: seeing nothing is not among them. */
export const overrideModes = ['log_only', 'selective', 'enforce'] as const
export type OverrideMode = (typeof overrideModes)[number]

/**
 * One tenant's own strictness. Alone, `mode` can only tighten: the stricter of it and the rollout's
 * mode holds. With a reason and an end it holds exactly, also looser, until `until`.
 */
export type TenantOverride =
  | { readonly mode: OverrideMode }
  | {
      readonly mode: OverrideMode
      readonly reason: string
      /** Epoch milliseconds on the rollout's clock. */
      readonly until: number
    }

export type TenantOverrides = ReadonlyMap<TenantId, TenantOverride>
