import { currentScope } from '@partywall/context/spi'
import { SqlGuardError } from '../guard/sql-guard-error.ts'

export type Listener = (...values: unknown[]) => unknown

/** What a guarded object has of an event emitter. */
export interface Listening {
  /** `on`, `once`, `off` and their kin, in the place of the target's own. */
  readonly methods: Readonly<Record<string, unknown>>
  /** Takes off what was put on in a tenant's scope: the next who gets the target is another. */
  forgetTenants(): void
  /** Takes everything off. */
  forget(): void
}

interface Heard {
  /** Any other is heard by nobody: `newListener` would hand out the listeners of others. */
  readonly events: ReadonlySet<unknown>
  /** What a listener gets in place of a value that leads around the guard. */
  readonly wrap: (value: unknown) => unknown
  /** What listeners are called as methods of: the target would lead around the guard. */
  readonly self: () => object
}

interface Held {
  readonly event: unknown
  readonly listener: Listener
  readonly inner: Listener
  readonly isTenants: boolean
}

let isNew = false

/** Whoever sets up a connection does it for all who get it, whoever is the first to wait for it. */
export function settingUp<Result>(work: () => Result, isSetUp = true): Result {
  const before = isNew
  isNew = isSetUp
  try {
    return work()
  } finally {
    isNew = before
  }
}

/** Lets others listen to some events of a target, without the target itself. */
export function createListening(target: object, { events, wrap, self }: Heard): Listening {
  const held: Held[] = []

  function drop(one: Held | undefined): void {
    const at = one === undefined ? -1 : held.indexOf(one)
    if (one === undefined || at < 0) return
    held.splice(at, 1)
    call(target, 'removeListener', one)
  }

  function subscribe(member: string): Listener {
    return (event, given) => {
      if (!events.has(event)) return self()
      if (typeof given !== 'function') throw new TypeError('a listener is a function')
      // Only functions come here.
      const listener = given as Listener
      const isTenants = !isNew && currentScope()?.tenant !== undefined
      const inner: Listener = (...values) => {
        if (member === 'once') drop(one)
        const tell = (): unknown => listener.apply(self(), values.map(wrap))
        return isTenants ? settingUp(tell, false) : tell()
      }
      const one: Held = { event, listener, inner, isTenants }
      held.push(one)
      call(target, member, one)
      return self()
    }
  }

  const unsubscribe: Listener = (event, listener) => {
    drop(held.findLast((one) => one.event === event && one.listener === listener))
    return self()
  }

  return {
    methods: Object.freeze({
      on: subscribe('on'),
      once: subscribe('once'),
      addListener: subscribe('addListener'),
      prependListener: subscribe('prependListener'),
      off: unsubscribe,
      removeListener: unsubscribe,
    }),
    forgetTenants() {
      if (held.length === 0) return
      for (const one of held.filter(({ isTenants }) => isTenants)) drop(one)
    },
    forget() {
      for (const one of [...held]) drop(one)
    },
  }
}

function call(target: object, member: string, { event, inner }: Held): void {
  const method: unknown = Reflect.get(target, member)
  if (typeof method !== 'function') throw new SqlGuardError('sql.client', `there is no ${member}`)
  method.call(target, event, inner)
}
