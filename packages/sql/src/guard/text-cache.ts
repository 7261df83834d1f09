import { LRUCache } from 'lru-cache'
import { withoutComments } from './without-comments.ts'

/** Remembers what was found out about texts, bounded by number and by size. */
export interface TextCache<Found> {
  /** What is remembered of the text, or what `find` finds. Never remembers what is thrown. */
  recall(text: string, find: (text: string) => Found): Found
  /** Forgets everything. */
  clear(): void
}

/** What a remembered text costs beside its characters, roughly. */
const entrySize = 1000
const cachedSize = 32_000_000
/** Texts that were seen once are known by their hash alone: whatever comes, they take no more room. */
const seenOnce = 4096

/**
 * A cache by exact text, comments apart. A text enters at its second sight, so that a flood of texts
 * with their values written into them does not drive out those that come again.
 */
export function createTextCache<Found extends object>(
  max: number,
  maxTextLength: number,
): TextCache<Found> {
  const texts = new LRUCache<string, Found>({
    max,
    maxSize: cachedSize,
    sizeCalculation: (_, text) => text.length + entrySize,
  })
  const seen = new Int32Array(seenOnce)

  function isSecondSight(text: string): boolean {
    const hash = hashOf(text)
    const slot = hash & (seenOnce - 1)
    if (seen[slot] === hash) return true
    seen[slot] = hash
    return false
  }

  return {
    recall(text, find) {
      const known = texts.get(text)
      if (known !== undefined) return known
      if (text.length > maxTextLength) return find(text)
      const key = withoutComments(text)
      const shared = key === text ? undefined : texts.get(key)
      if (shared !== undefined) return shared
      const found = find(text)
      if (isSecondSight(key)) texts.set(key, found)
      return found
    },
    clear: () => texts.clear(),
  }
}

/** FNV-1a over UTF-16 units, never 0: an empty slot is nobody's. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  return hash | 1
}
