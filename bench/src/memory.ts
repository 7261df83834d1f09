import { runWithTenant } from '@partywall/context'
import { createGuard } from '@partywall/sql'
import { isShort } from './run.ts'
import { acme, schema } from './users.ts'

/** What the process holds after so many texts, each of which was seen twice. */
interface Held {
  readonly texts: number
  readonly heapUsed: number
  readonly rss: number
}

const step = isShort ? 10_000 : 100_000
const steps = 5
/** Remembered texts would cost hundreds of bytes each. */
const flatBelow = 1

/** Checks texts none of which comes again later, and looks at the memory on the way. */
export async function measureMemory(): Promise<readonly Held[]> {
  const guard = await createGuard(schema)
  const session = guard.session()
  const held = [hold(0)]
  for (let texts = 0; texts < step * steps; texts += 1) {
    const text = `select u.id, u.email from users u join sessions s on s.user_id = u.id
      and s.tenant_id = u.tenant_id where u.tenant_id = $1 and u.id <> ${texts} limit 20`
    // It is remembered at its second sight.
    for (let sight = 0; sight < 2; sight += 1) {
      runWithTenant(acme, () => session.check({ text, values: ['acme'] }))
    }
    if ((texts + 1) % step === 0) held.push(hold(texts + 1))
  }
  return held
}

export function renderMemory([held = []]: readonly (readonly Held[])[]): string {
  const [, first, ...later] = held
  const last = later.at(-1)
  if (first === undefined || last === undefined) throw new Error('nothing was measured')
  const grown = last.heapUsed - first.heapUsed
  const perText = grown / (last.texts - first.texts)
  const lines = held.map(
    ({ texts, heapUsed, rss }) =>
      `| ${count(texts)} | ${megabytes(heapUsed)} | ${megabytes(rss)} |`,
  )
  return [
    '## SQL guard: memory over texts that do not come again',
    '',
    '| distinct texts, each seen twice | heap in use after gc | resident |',
    '|-|-|-|',
    ...lines,
    '',
    `From ${count(first.texts)} to ${count(last.texts)} texts the heap grew by ${megabytes(grown)}: ${perText.toFixed(3)} bytes a text (flat is below ${flatBelow}: ${perText < flatBelow ? 'met' : 'missed'}). The cache remembers 2 000 texts, its default.`,
    '',
  ].join('\n')
}

function hold(texts: number): Held {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  return { texts, heapUsed, rss }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`
}

function count(texts: number): string {
  return texts.toLocaleString('en').replaceAll(',', ' ')
}
