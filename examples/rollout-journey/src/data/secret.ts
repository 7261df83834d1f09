import { createHash } from 'node:crypto'

/** What the service keeps of a password. A real service uses a slow hash; the load here must not. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(`rollout-journey:${secret}`).digest('hex')
}
