/** What the switches are called in the environment and in the flag file. */
export interface FlagNames {
  /** The prefix of the enforcement flags; an unknown name that begins with it is an error. */
  readonly enforcementPrefix: string
  /** The kill switch: `true` is tenancy on, `false` closes the service to all but one tenant. */
  readonly tenancyEnabled: string
  /** A prefix that is kept for the kill switch: another name that begins with it is an error. */
  readonly tenancyPrefix?: string | undefined
}

/** Document 001's names, with a kill switch of our own. */
export const defaultFlagNames: FlagNames = Object.freeze({
  enforcementPrefix: 'TENANT_ENFORCEMENT_',
  tenancyEnabled: 'PARTYWALL_TENANCY_ENABLED',
  tenancyPrefix: 'PARTYWALL_TENANCY_',
})

/** Document 001's flags beside document 004's kill switch. */
export const pulseFlagNames: FlagNames = Object.freeze({
  ...defaultFlagNames,
  tenancyEnabled: 'PULSE_MULTI_TENANT_ENABLED',
  tenancyPrefix: 'PULSE_MULTI_TENANT_',
})

/** The flags, without their prefix. */
export const flagKeys = [
  'ENABLED',
  'MODE',
  'MODELS',
  'ENFORCE_MODELS',
  'LOG_MODELS',
  'ALLOW_BYPASS',
  'BYPASS_REQUIRES_REASON',
  'LOG_SAMPLE_RATE',
] as const
export type FlagKey = (typeof flagKeys)[number]

/** Every name that means something. */
export function knownNames({ enforcementPrefix, tenancyEnabled }: FlagNames): readonly string[] {
  return [...flagKeys.map((key) => enforcementPrefix + key), tenancyEnabled]
}

/** Whether `name` can only be one of ours: known, or mistyped. */
export function isReserved(name: string, names: FlagNames): boolean {
  const { enforcementPrefix, tenancyEnabled, tenancyPrefix } = names
  if (name === tenancyEnabled || name.startsWith(enforcementPrefix)) return true
  return tenancyPrefix !== undefined && name.startsWith(tenancyPrefix)
}
