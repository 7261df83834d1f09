import { isShort } from './run.ts'

/** One way to select a user: `call` counts from 0. */
export type Select = (call: number) => Promise<unknown>

/** The time of one call, in nanoseconds, one for each round. */
export type Rounds = readonly number[]

const rounds = isShort ? 10 : 200
const callsOfBlock = isShort ? 50 : 100
const callsBefore = isShort ? 20 : 2_000
/** A block begins when its connection and its code are warm again. */
const warming = 10

/**
 * Measures all in turns, a block of calls each: whatever else the machine does meets all alike. The
 * order differs from round to round, so that none has always the same before it.
 */
export async function interleave(selects: readonly Select[]): Promise<readonly Rounds[]> {
  for (const select of selects) await callMany(select, callsBefore)
  const times = selects.map((): number[] => [])
  for (let round = 0; round < rounds; round += 1) {
    for (const place of orderOf(round, selects.length)) {
      const select = selects[place]
      if (select === undefined) continue
      // What others left behind is not for this one to clear.
      globalThis.gc?.({ type: 'minor' })
      await callMany(select, warming)
      const begin = process.hrtime.bigint()
      await callMany(select, callsOfBlock)
      times[place]?.push(Number(process.hrtime.bigint() - begin) / callsOfBlock)
    }
  }
  return times
}

async function callMany(select: Select, calls: number): Promise<void> {
  for (let call = 0; call < calls; call += 1) await select(call)
}

/** Begins with another one each round, and goes backwards every other time. */
function orderOf(round: number, length: number): readonly number[] {
  const turned = Array.from({ length }, (_, place) => (place + round) % length)
  return round % 2 === 0 ? turned : turned.reverse()
}
