/** How strict the flags can ask the walls to be, loosest first. */
export const flagModes = ['disabled', 'log_only', 'selective', 'enforce'] as const
export type FlagMode = (typeof flagModes)[number]

/** The rollout modes: those of the flags, and the last stage, which reads none. */
export const rolloutModes = ['disabled', 'log_only', 'selective', 'enforce', 'always'] as const
export type RolloutMode = (typeof rolloutModes)[number]

/** Whether `mode` is looser than `than`. */
export function isLooser(mode: RolloutMode, than: RolloutMode): boolean {
  return rolloutModes.indexOf(mode) < rolloutModes.indexOf(than)
}

/** Whether some violation is blocked in this mode. */
export function isBlocking(mode: RolloutMode): boolean {
  return isLooser('log_only', mode)
}
