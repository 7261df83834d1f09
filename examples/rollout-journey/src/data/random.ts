/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** From 0 up to, and without, 1. */
  fraction(): number
  /** A whole number from 0 up to, and without, `bound`. */
  below(bound: number): number
  pick<Item>(items: readonly Item[]): Item
  chance(share: number): boolean
  uuid(): string
  shuffle<Item>(items: readonly Item[]): Item[]
}

/** The `mulberry32` generator: small, fast and good enough to make up people. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (bound: number): number => Math.floor(fraction() * bound)
  return {
    fraction,
    below,
    pick(items) {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('there is nothing to pick from')
      return item
    },
    chance: (share) => fraction() < share,
    uuid() {
      const digits = Array.from({ length: 32 }, () => below(16).toString(16))
      digits[12] = '4'
      digits[16] = '89ab'[below(4)] ?? '8'
      const text = digits.join('')
      return [
        text.slice(0, 8),
        text.slice(8, 12),
        text.slice(12, 16),
        text.slice(16, 20),
        text.slice(20),
      ].join('-')
    },
    shuffle(items) {
      const shuffled = [...items]
      for (let last = shuffled.length - 1; last > 0; last -= 1) {
        const other = below(last + 1)
        const [a, b] = [shuffled[last], shuffled[other]]
        if (a !== undefined && b !== undefined) {
          shuffled[last] = b
          shuffled[other] = a
        }
      }
      return shuffled
    },
  }
}
