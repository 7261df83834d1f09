/** Keeps floods out of a log: so many lines of one kind and code per minute, and how many were left out. */
export interface LineLimit<Kind extends string> {
  /** Whether a line may be written now. `code` may come from outside: few of them are told apart. */
  allows(kind: Kind, code: string): boolean
  /** Tells what was left out in the minutes that are over, or in `'all'` of them. */
  tell(minutes: 'past' | 'all'): void
}

export interface LineLimitOptions<Kind extends string> {
  /** Milliseconds of the wall clock: the limit protects this process. */
  readonly wallClock: () => number
  readonly onLeftOut: (left: {
    readonly of: Kind
    readonly code: string
    readonly leftOut: number
  }) => void
}

interface Minute<Kind> {
  readonly of: Kind
  readonly code: string
  readonly began: number
  lines: number
}

const minuteMs = 60_000
const linesPerMinute = 60
const codesToldApart = 100
const otherCodes = 'other'

export function createLineLimit<Kind extends string>({
  wallClock,
  onLeftOut,
}: LineLimitOptions<Kind>): LineLimit<Kind> {
  const minutes = new Map<string, Minute<Kind>>()
  // A wall clock that was set back must not keep a minute going for ever.
  const isOver = ({ began }: Minute<Kind>, now: number): boolean =>
    now - began >= minuteMs || now < began

  function end(key: string, { of, code, lines }: Minute<Kind>): void {
    minutes.delete(key)
    if (lines > linesPerMinute) onLeftOut({ of, code, leftOut: lines - linesPerMinute })
  }
  function tell(which: 'past' | 'all'): void {
    const now = wallClock()
    for (const [key, minute] of minutes) {
      if (which === 'all' || isOver(minute, now)) end(key, minute)
    }
  }

  return {
    allows(kind, code) {
      const now = wallClock()
      let known = code
      let key = `${kind} ${code}`
      if (!minutes.has(key) && minutes.size >= codesToldApart) {
        tell('past')
        if (minutes.size >= codesToldApart) {
          known = otherCodes
          key = `${kind} ${otherCodes}`
        }
      }
      let minute = minutes.get(key)
      if (minute !== undefined && isOver(minute, now)) {
        end(key, minute)
        minute = undefined
      }
      minute ??= { of: kind, code: known, began: now, lines: 0 }
      minutes.set(key, minute)
      minute.lines += 1
      return minute.lines <= linesPerMinute
    },
    tell,
  }
}
