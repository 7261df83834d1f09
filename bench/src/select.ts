import { runWithTenant } from '@partywall/context'
import type { Contender, Find } from './contender.ts'
import { interleave, type Rounds } from './interleave.ts'
import { medianOf, type Ratio, ratioOf } from './ratio.ts'
import { prismaContenders } from './select-prisma.ts'
import { sqlContenders } from './select-sql.ts'
import { zenstackContenders } from './select-zenstack.ts'
import { acme, startUsers, userOf } from './users.ts'

const contenders: readonly Contender[] = [
  ...sqlContenders,
  ...prismaContenders,
  ...zenstackContenders,
]

/** What was measured of one contender. */
interface Measured {
  readonly name: string
  readonly times: Rounds
  /** What comes of a call for another tenant's user. */
  readonly foreign: string
}

/** A whole select by primary key on a real PostgreSQL, there and back, whoever makes it. */
export async function measureSelects(): Promise<readonly Measured[]> {
  const url = await startUsers()
  const finds: Find[] = []
  for (const { prepare } of contenders) finds.push(await prepare(url))
  const foreign: string[] = []
  for (const [place, find] of finds.entries()) {
    await expectOwn(contenders[place]?.name, find)
    foreign.push(await tryForeign(find))
  }
  const rounds = await interleave(
    finds.map((find) => (call) => runWithTenant(acme, async () => find('acme', userOf(call)))),
  )
  return contenders.map(({ name }, place) => ({
    name,
    times: rounds[place] ?? [],
    foreign: foreign[place] ?? '',
  }))
}

/** A contender that selects something else would win for nothing. */
async function expectOwn(name: string | undefined, find: Find): Promise<void> {
  const rows = await runWithTenant(acme, async () => find('acme', userOf(3)))
  if (JSON.stringify(rows) === '[{"id":7,"email":"7@bench.test"}]') return
  throw new Error(`${name} found ${JSON.stringify(rows)}`)
}

async function tryForeign(find: Find): Promise<string> {
  try {
    const rows = await runWithTenant(acme, async () => find('globex', 8))
    return rows.length === 0 ? 'finds none' : 'gives it'
  } catch {
    return 'refuses'
  }
}

export function renderSelects([measured = []]: readonly (readonly Measured[])[]): string {
  const timesOf = (wanted: string | undefined): Rounds | undefined =>
    measured.find(({ name }) => name === wanted)?.times
  const base = timesOf('pg') ?? []
  const lines = measured.map(({ name, times, foreign }) => {
    const { beside, goal } = contenders.find((each) => each.name === name) ?? {}
    const own = timesOf(beside)
    const toOwn = own && ratioOf(times, own)
    const median = `${(medianOf(times) / 1_000).toFixed(1)} µs`
    const cells = [name, median, format(ratioOf(times, base)), toOwn ? format(toOwn) : '']
    return `| ${[...cells, judged(toOwn, goal), foreign].join(' | ')} |`
  })
  return [
    '## SQL guard: a whole select by primary key',
    '',
    "| what | median | to pg | to the same without a wall | goal | asked for another tenant's row |",
    '|-|-|-|-|-|-|',
    ...lines,
    '',
    `Ratios are medians of ${base.length} rounds, ± what is uncertain of the median (95 %); four of five rounds are between the figures in brackets. ZenStack is told the tenant once, before.`,
    '',
  ].join('\n')
}

function format({ median, within, low, high }: Ratio): string {
  const [middle, width, from, to] = [median, within, low, high].map((each) => each.toFixed(3))
  return `${middle} ± ${width} (${from}–${to})`
}

function judged(ratio: Ratio | undefined, goal: number | undefined): string {
  if (ratio === undefined || goal === undefined) return ''
  return `≤ ${goal} ${ratio.median <= goal ? 'met' : 'missed'}`
}
