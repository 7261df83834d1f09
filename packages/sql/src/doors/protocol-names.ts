const maxBytes = 63

/**
 * Whether this can name a statement or a portal, or leave it without a name. In the protocol names end
 * with a NUL: after one, the driver would write another message than it was told. The server cuts
 * longer ones, and so takes two names for the same.
 */
export function isProtocolName(name: unknown): boolean {
  if (name === undefined || name === null || name === '') return true
  return typeof name === 'string' && !name.includes('\0') && Buffer.byteLength(name) <= maxBytes
}
